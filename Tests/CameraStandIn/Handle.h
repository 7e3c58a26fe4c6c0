// One open file of a device, in the program that opened it.
#pragma once
#include "State.h"
#include <linux/videodev2.h>
#include <pthread.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

// Indices of buffers, first in first out.
struct camera_ring {
  uint32_t first, count;
  uint8_t items[camera_most_buffers];
};

enum { camera_most_memories = 3 };

// How a frame lies in a buffer.
struct camera_layout {
  uint32_t rows, memories;
  // Of the first plane in each memory.
  uint32_t strides[camera_most_memories];
  uint32_t lengths[camera_most_memories];
  uint32_t total;
};

enum camera_place { camera_place_program, camera_place_queued, camera_place_done };

struct camera_buffer {
  enum camera_place place;
  uint32_t flags, field, sequence, mappings;
  // In each memory, with what is before the samples.
  uint32_t bytes_used[camera_most_memories];
  uint64_t time;
};

enum { camera_most_events = 16 };

struct camera_subscription {
  uint32_t type, id, flags;
};

// What is at the input of a bridge: the switches of that name.
struct camera_signal_state {
  int32_t state, width, height;
};

// What the frames of a stream are made from.
struct camera_reel {
  const uint8_t *bytes;
  size_t length;
  // Where the frames begin, and where the last one ends.
  size_t *starts;
  uint32_t count;
  // For painting: a row, longer by as much as it moves.
  uint8_t *row;
};

struct camera_handle {
  // Under the table's lock: descriptors, mappings and calls under way.
  int references;
  int process;
  // `file` is the device's own, `near` the program's end of a socket pair (so that poll, select and epoll work) and `far`
  // the one that says what `near` is ready for.
  int file, near, far;
  struct camera_state *state;
  struct camera_opener *opener;
  pthread_t engine;

  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool closing, hung_up, owns_buffers, streaming, is_readable, has_priority;

  int memory;
  uint8_t *bytes;
  // Each buffer begins at a multiple of `stride`, and its memories at their offsets from there.
  uint32_t count, stride;
  uint32_t memories, lengths[camera_most_memories], offsets[camera_most_memories];
  // Of all samples, before they are put in their memories; NULL where there is but one.
  uint8_t *frame;
  // Moves with each allocation: mappings outlive their buffers.
  uint32_t allocation;
  struct camera_buffer buffers[camera_most_buffers];
  struct camera_ring queued, done;
  uint32_t sequence;
  uint64_t next_frame;
  struct camera_reel reel;

  // Whether V4L2_EVENT_SOURCE_CHANGE is wanted, and the signal that was there when it was last looked at.
  bool watches_source;
  struct camera_signal_state signal;

  uint32_t subscription_count, event_count, event_sequence;
  struct camera_subscription subscriptions[camera_most_events];
  struct v4l2_event events[camera_most_events];
};

static inline const struct camera_description *camera_description(struct camera_handle *handle) {
  return &handle->state->description;
}

static inline bool camera_is_poor(struct camera_handle *handle) {
  return camera_switched(handle->state, camera_switch_poor) != 0;
}

static inline bool camera_is_capture(struct camera_handle *handle) {
  return camera_description(handle)->kind <= camera_kind_capture_multiplanar;
}

// The one type of buffer that the node has.
uint32_t camera_buffer_type(struct camera_handle *handle);

// MARK: Table.c: descriptors

// Makes a handle of an open file of the device and puts it in that descriptor's place. Answers the descriptor, or -1 and errno.
int camera_handle_open(int descriptor, int flags, struct camera_state *state);
// NULL for a foreign descriptor; release what is found.
struct camera_handle *camera_handle_find(int descriptor);
void camera_handle_retain(struct camera_handle *handle);
void camera_handle_release(struct camera_handle *handle);
// The descriptor is another name for the handle, or none any more.
void camera_handle_name(struct camera_handle *handle, int descriptor);
void camera_handle_forget(int descriptor);

// MARK: Engine.c: the thread that makes the frames

bool camera_engine_start(struct camera_handle *handle);
void camera_engine_stop(struct camera_handle *handle);
// Under the handle's lock: what poll shall say.
void camera_signal(struct camera_handle *handle);

// Under the handle's lock.
uint8_t camera_ring_take(struct camera_ring *ring);
void camera_ring_append(struct camera_ring *ring, uint8_t item);

// MARK: Frames.c: what is in a frame

void camera_reel_open(struct camera_handle *handle);
void camera_reel_close(struct camera_handle *handle);
// Writes the samples of the frame of that number, plane behind plane; answers their length.
uint32_t camera_fill(struct camera_handle *handle, uint32_t number, uint8_t *bytes, uint32_t room);

// MARK: The calls; each is 0, or -1 and errno

int camera_ioctl(struct camera_handle *handle, int descriptor, uint32_t request, void *argument);
int camera_enum_format(struct camera_handle *handle, struct v4l2_fmtdesc *argument);
int camera_enum_sizes(struct camera_handle *handle, struct v4l2_frmsizeenum *argument);
int camera_enum_intervals(struct camera_handle *handle, struct v4l2_frmivalenum *argument);
int camera_get_format(struct camera_handle *handle, struct v4l2_format *argument);
int camera_set_format(struct camera_handle *handle, struct v4l2_format *argument, bool only_try);
int camera_get_parameters(struct camera_handle *handle, struct v4l2_streamparm *argument);
int camera_set_parameters(struct camera_handle *handle, struct v4l2_streamparm *argument);
int camera_set_selection(struct camera_handle *handle, struct v4l2_selection *argument);

int camera_request_buffers(struct camera_handle *handle, struct v4l2_requestbuffers *argument);
int camera_query_buffer(struct camera_handle *handle, struct v4l2_buffer *argument);
int camera_queue_buffer(struct camera_handle *handle, struct v4l2_buffer *argument);
int camera_dequeue_buffer(struct camera_handle *handle, int descriptor, struct v4l2_buffer *argument);
int camera_stream_on(struct camera_handle *handle, const int *type);
int camera_stream_off(struct camera_handle *handle, const int *type);
void camera_free_buffers(struct camera_handle *handle);
void *camera_map(struct camera_handle *handle, void *address, size_t length, int protection, int flags, off_t offset);
// Whether it was one of ours that was unmapped.
bool camera_unmap(void *address, size_t length);

int camera_query_control(struct camera_handle *handle, struct v4l2_queryctrl *argument);
int camera_query_control_extended(struct camera_handle *handle, struct v4l2_query_ext_ctrl *argument);
int camera_query_menu(struct camera_handle *handle, struct v4l2_querymenu *argument);
int camera_get_control(struct camera_handle *handle, struct v4l2_control *argument);
int camera_set_control(struct camera_handle *handle, struct v4l2_control *argument);
enum camera_access { camera_access_get, camera_access_set, camera_access_try };
int camera_controls(struct camera_handle *handle, struct v4l2_ext_controls *argument, enum camera_access access);
int camera_subscribe(struct camera_handle *handle, const struct v4l2_event_subscription *argument);
int camera_unsubscribe(struct camera_handle *handle, const struct v4l2_event_subscription *argument);
int camera_dequeue_event(struct camera_handle *handle, struct v4l2_event *argument);

// MARK: Layout.c

struct camera_layout camera_layout_of(struct camera_state *state, uint32_t fourcc, uint32_t width, uint32_t height);
struct camera_layout camera_current_layout(struct camera_state *state);
const char *camera_format_name(uint32_t fourcc);
bool camera_is_jpeg(uint32_t fourcc);
// H.264 or H.265, with start codes.
bool camera_is_video(uint32_t fourcc);
// Whether each buffer holds one field.
bool camera_has_one_field(uint32_t field);
// Before the samples in each memory.
static inline uint32_t camera_data_offset(struct camera_handle *handle) {
  return camera_buffer_type(handle) == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE
    ? (uint32_t)camera_switched(handle->state, camera_switch_data_offset) : 0;
}

// MARK: Signal.c: a bridge from HDMI (https://docs.kernel.org/userspace-api/media/v4l/dv-timings.html)

static inline bool camera_is_bridge(struct camera_handle *handle) {
  return camera_switched(handle->state, camera_switch_signal) != 0;
}
// Whether frames come: there is no bridge, or it is set to the signal that it has.
bool camera_has_signal(struct camera_handle *handle);
// From now on, for signals that are another than that of now.
void camera_subscribe_signal(struct camera_handle *handle);
// Under the handle's lock: raises an event where the signal is another.
void camera_watch_signal(struct camera_handle *handle);
int camera_query_timings(struct camera_handle *handle, struct v4l2_dv_timings *argument);
int camera_set_timings(struct camera_handle *handle, const struct v4l2_dv_timings *argument);

// MARK: JPEG.c

// A picture whose blocks of 8 by 8 are flat, as `luma` says; answers its length.
uint32_t camera_write_jpeg(
  uint8_t *bytes, uint32_t room, uint32_t width, uint32_t height, uint8_t (*luma)(uint32_t, uint32_t, uint32_t),
  uint32_t number);
// Where the entropy-coded data begins; the length where there is none.
uint32_t camera_jpeg_scan(const uint8_t *bytes, uint32_t length);
// Answers the new length.
uint32_t camera_strip_huffman_tables(uint8_t *bytes, uint32_t length);

#pragma GCC visibility pop

#include <errno.h>
static inline int camera_fail(int error) {
  errno = error;
  return -1;
}
