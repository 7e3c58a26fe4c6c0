// The thread that stands for the camera's hardware: it makes frames at their time or when told to, and notices what the
// test turns, in whatever process that is.
#define _GNU_SOURCE
#include "Handle.h"
#include "Raw.h"
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

// MARK: What poll says

static void drain(struct camera_handle *handle) {
  char byte;
  while (syscall(SYS_recvfrom, handle->near, &byte, 1, MSG_DONTWAIT | MSG_OOB, NULL, NULL) > 0) {}
  while (syscall(SYS_recvfrom, handle->near, &byte, 1, MSG_DONTWAIT, NULL, NULL) > 0) {}
}

void camera_signal(struct camera_handle *handle) {
  if (handle->hung_up) return;
  bool is_readable = handle->streaming
    && (handle->done.count > 0 || camera_switched(handle->state, camera_switch_dequeue_error) != 0);
  bool has_priority = handle->event_count > 0;
  if (is_readable == handle->is_readable && has_priority == handle->has_priority) return;
  drain(handle);
  handle->is_readable = is_readable;
  handle->has_priority = has_priority;
  if (is_readable) syscall(SYS_sendto, handle->far, "", 1, MSG_DONTWAIT, NULL, 0);
  if (has_priority) syscall(SYS_sendto, handle->far, "", 1, MSG_DONTWAIT | MSG_OOB, NULL, 0);
}

// A peer that goes with something unread leaves an error behind: POLLERR and POLLHUP.
static void hang_up(struct camera_handle *handle) {
  if (handle->hung_up) return;
  syscall(SYS_sendto, handle->near, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
  raw_close(handle->far);
  handle->far = -1;
  handle->hung_up = true;
  pthread_cond_broadcast(&handle->changed);
}

// MARK: Frames

uint8_t camera_ring_take(struct camera_ring *ring) {
  uint8_t item = ring->items[ring->first];
  ring->first = (ring->first + 1) % camera_most_buffers;
  ring->count--;
  return item;
}

void camera_ring_append(struct camera_ring *ring, uint8_t item) {
  ring->items[(ring->first + ring->count++) % camera_most_buffers] = item;
}

// Flips bits in the entropy-coded data, or in the second half of a raw frame.
static void corrupt(uint8_t *bytes, uint32_t length, uint32_t fourcc) {
  uint32_t scan = camera_is_jpeg(fourcc) ? camera_jpeg_scan(bytes, length) : length / 2;
  for (uint32_t index = scan + 1; index < length; index += 7) bytes[index] ^= 0x55;
}

// To where each memory has its samples.
static void distribute(
  struct camera_handle *handle, struct camera_buffer *buffer, uint8_t *place, const uint8_t *bytes, uint32_t length) {
  uint32_t offset = camera_data_offset(handle);
  for (uint32_t memory = 0; memory < handle->memories; memory++) {
    uint32_t room = handle->lengths[memory] - offset, part = length < room ? length : room;
    if (bytes != place) memcpy(place + handle->offsets[memory] + offset, bytes, part);
    buffer->bytes_used[memory] = offset + part;
    bytes += part;
    length -= part;
  }
}

static uint32_t field_of(struct camera_state *state, uint32_t sequence) {
  uint32_t field = (uint32_t)camera_switched(state, camera_switch_field);
  if (field == V4L2_FIELD_ANY) return V4L2_FIELD_NONE;
  if (field != V4L2_FIELD_ALTERNATE) return field;
  return sequence % 2 == 0 ? V4L2_FIELD_TOP : V4L2_FIELD_BOTTOM;
}

static void make_frame(struct camera_handle *handle) {
  struct camera_state *state = handle->state;
  if (camera_switched(state, camera_switch_stalled) || !camera_has_signal(handle)) return;
  if (camera_switched(state, camera_switch_ioctl_error)) return;
  uint32_t sequence = handle->sequence++;
  if (handle->queued.count == 0) {
    atomic_fetch_add(&state->lost, 1);
    return;
  }
  uint8_t index = camera_ring_take(&handle->queued);
  struct camera_buffer *buffer = &handle->buffers[index];
  uint8_t *place = handle->bytes + (size_t)index * handle->stride, *bytes = handle->frame != NULL ? handle->frame : place;
  uint32_t fourcc = atomic_load(&state->fourcc);
  uint32_t room = 0;
  for (uint32_t memory = 0; memory < handle->memories; memory++) {
    room += handle->lengths[memory] - camera_data_offset(handle);
  }
  uint32_t length = camera_fill(handle, sequence, bytes, room);

  if (camera_is_jpeg(fourcc) && camera_switched(state, camera_switch_no_huffman_tables)) {
    length = camera_strip_huffman_tables(bytes, length);
  }
  if (camera_take(state, camera_switch_corrupt)) corrupt(bytes, length, fourcc);
  if (camera_take(state, camera_switch_truncated)) length /= 2;
  if (camera_take(state, camera_switch_short)) length = length > 16 ? length - 16 : 0;
  buffer->flags = camera_take(state, camera_switch_erroneous) ? V4L2_BUF_FLAG_ERROR : 0;
  if (camera_switched(state, camera_switch_unpadded_end)) {
    uint32_t padding = (uint32_t)camera_switched(state, camera_switch_padding);
    length = length > padding ? length - padding : 0;
  }
  distribute(handle, buffer, place, bytes, length);
  buffer->field = field_of(state, sequence);
  buffer->sequence = sequence;
  buffer->time = camera_now();
  if (camera_switched(state, camera_switch_unknown_timestamps)) {
    buffer->time = UINT64_C(1000000000000) - sequence * UINT64_C(1000000);
  }
  buffer->time += (uint64_t)((int64_t)camera_switched(state, camera_switch_clock_offset) * 1000000);
  buffer->place = camera_place_done;
  camera_ring_append(&handle->done, index);
  atomic_fetch_add(&state->frames, 1);
  pthread_cond_broadcast(&handle->changed);
}

static uint64_t interval(struct camera_state *state) {
  uint64_t denominator = atomic_load(&state->denominator);
  return denominator == 0 ? 0 : UINT64_C(1000000000) * atomic_load(&state->numerator) / denominator;
}

// What is due; answers when to look again, 0 for when something changes.
static uint64_t make_frames(struct camera_handle *handle) {
  struct camera_state *state = handle->state;
  if (!handle->streaming) return 0;
  if (camera_switched(state, camera_switch_manual)) {
    uint32_t ordered = atomic_load(&state->ordered);
    uint32_t due = ordered - atomic_load(&state->delivered);
    handle->next_frame = 0;
    if (due == 0) return 0;
    for (; due > 0; due--) make_frame(handle);
    // Who is told that the frames are there shall find them.
    camera_signal(handle);
    atomic_store(&state->delivered, ordered);
    camera_notify(state);
    return 0;
  }
  uint64_t step = interval(state);
  if (step == 0) return 0;
  uint64_t now = camera_now();
  if (handle->next_frame == 0) handle->next_frame = now + step;
  for (; now >= handle->next_frame; handle->next_frame += step) make_frame(handle);
  return handle->next_frame;
}

static void *run(void *context) {
  struct camera_handle *handle = context;
  while (true) {
    uint32_t generation = atomic_load(&handle->state->generation);
    pthread_mutex_lock(&handle->lock);
    bool closing = handle->closing;
    uint64_t deadline = 0;
    if (camera_switched(handle->state, camera_switch_unplugged)) {
      hang_up(handle);
      // Nobody shall wait for frames that will not come.
      atomic_store(&handle->state->delivered, atomic_load(&handle->state->ordered));
    } else {
      camera_watch_signal(handle);
      deadline = make_frames(handle);
      if (camera_switched(handle->state, camera_switch_dequeue_error)) pthread_cond_broadcast(&handle->changed);
      camera_signal(handle);
    }
    pthread_mutex_unlock(&handle->lock);
    if (closing) return NULL;
    camera_wait(handle->state, generation, deadline);
  }
}

// MARK: Life

bool camera_engine_start(struct camera_handle *handle) {
  // The program's signals are none of its business.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  int error = pthread_create(&handle->engine, &attributes, run, handle);
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = error;
  return error == 0;
}

void camera_engine_stop(struct camera_handle *handle) {
  pthread_mutex_lock(&handle->lock);
  handle->closing = true;
  pthread_mutex_unlock(&handle->lock);
  camera_notify(handle->state);
  pthread_join(handle->engine, NULL);
}
