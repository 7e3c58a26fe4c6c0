// Streaming by mapped buffers, as videobuf2 does it.
#define _GNU_SOURCE
#include "Handle.h"
#include "Raw.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { metadata_length = 4096, page = 4096, fewest_buffers = 2 };

// MARK: Buffers

static uint32_t whole_pages(size_t length) { return (uint32_t)((length + page - 1) / page * page); }

static bool is_multiplanar(struct camera_handle *handle) {
  return camera_buffer_type(handle) == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
}

void camera_free_buffers(struct camera_handle *handle) {
  camera_reel_close(handle);
  if (handle->bytes != NULL) raw_unmap(handle->bytes, (size_t)handle->stride * handle->count);
  if (handle->memory >= 0) raw_close(handle->memory);
  free(handle->frame);
  handle->bytes = handle->frame = NULL;
  handle->memory = -1;
  handle->count = 0;
  handle->streaming = false;
  handle->queued = handle->done = (struct camera_ring){0};
  atomic_store(&handle->opener->buffers, 0);
  atomic_store(&handle->opener->streaming, 0);
  if (handle->owns_buffers) camera_unlock(handle->file, camera_lock_buffers);
  handle->owns_buffers = false;
}

// Where each memory of a buffer is.
static void arrange(struct camera_handle *handle) {
  struct camera_layout layout = camera_current_layout(handle->state);
  bool is_metadata = camera_buffer_type(handle) == V4L2_BUF_TYPE_META_CAPTURE;
  handle->memories = is_metadata ? 1 : layout.memories;
  handle->stride = 0;
  for (uint32_t memory = 0; memory < handle->memories; memory++) {
    handle->lengths[memory] = is_metadata ? metadata_length : layout.lengths[memory] + camera_data_offset(handle);
    handle->offsets[memory] = handle->stride;
    handle->stride += whole_pages(handle->lengths[memory]);
  }
  bool is_in_place = handle->memories == 1 && camera_data_offset(handle) == 0;
  handle->frame = is_in_place ? NULL : malloc(layout.total);
}

static int allocate(struct camera_handle *handle, uint32_t count) {
  arrange(handle);
  size_t length = (size_t)handle->stride * count;
  int memory = (int)syscall(SYS_memfd_create, "camera stand-in buffers", MFD_CLOEXEC);
  handle->memory = memory < 0 ? -1 : raw_move_away(memory);
  void *bytes = handle->memory < 0 || ftruncate(handle->memory, (off_t)length) < 0
    ? MAP_FAILED : raw_map(length, PROT_READ | PROT_WRITE, handle->memory);
  if (bytes == MAP_FAILED) {
    camera_free_buffers(handle);
    return camera_fail(ENOMEM);
  }
  handle->bytes = bytes;
  handle->count = count;
  handle->allocation++;
  memset(handle->buffers, 0, sizeof handle->buffers);
  atomic_store(&handle->opener->buffers, count);
  return 0;
}

int camera_request_buffers(struct camera_handle *handle, struct v4l2_requestbuffers *argument) {
  if (argument->type != camera_buffer_type(handle)) return camera_fail(EINVAL);
  if (camera_description(handle)->kind == camera_kind_output) return camera_fail(EINVAL);
  argument->capabilities = V4L2_BUF_CAP_SUPPORTS_MMAP | V4L2_BUF_CAP_SUPPORTS_ORPHANED_BUFS;
  argument->flags = 0;
  memset(argument->reserved, 0, sizeof argument->reserved);
  if (argument->memory != V4L2_MEMORY_MMAP) return camera_fail(EINVAL);
  if (camera_switched(handle->state, camera_switch_busy) && argument->count > 0) return camera_fail(EBUSY);
  if (handle->streaming) return camera_fail(EBUSY);
  if (!handle->owns_buffers && !camera_lock_try(handle->file, camera_lock_buffers)) return camera_fail(EBUSY);
  handle->owns_buffers = true;
  camera_free_buffers(handle);
  if (argument->count == 0) return 0;

  handle->owns_buffers = camera_lock_try(handle->file, camera_lock_buffers);
  if (argument->count < fewest_buffers) argument->count = fewest_buffers;
  if (argument->count > camera_most_buffers) argument->count = camera_most_buffers;
  return allocate(handle, argument->count);
}

static void show(struct camera_handle *handle, struct v4l2_buffer *argument) {
  const struct camera_buffer *buffer = &handle->buffers[argument->index];
  bool unknown = camera_switched(handle->state, camera_switch_unknown_timestamps);
  argument->flags = buffer->flags | (unknown ? V4L2_BUF_FLAG_TIMESTAMP_UNKNOWN : V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC);
  if (buffer->mappings > 0) argument->flags |= V4L2_BUF_FLAG_MAPPED;
  if (buffer->place == camera_place_queued) argument->flags |= V4L2_BUF_FLAG_QUEUED;
  if (buffer->place == camera_place_done) argument->flags |= V4L2_BUF_FLAG_DONE;
  argument->field = buffer->field != V4L2_FIELD_ANY ? buffer->field : V4L2_FIELD_NONE;
  argument->sequence = buffer->sequence;
  argument->timestamp.tv_sec = (time_t)(buffer->time / 1000000000);
  argument->timestamp.tv_usec = (suseconds_t)(buffer->time % 1000000000 / 1000);
  memset(&argument->timecode, 0, sizeof argument->timecode);
  argument->memory = V4L2_MEMORY_MMAP;
  argument->reserved2 = 0;
  argument->request_fd = 0;
  uint32_t offset = argument->index * handle->stride;
  if (is_multiplanar(handle)) {
    argument->bytesused = 0;
    argument->length = handle->memories;
    for (uint32_t memory = 0; memory < handle->memories; memory++) {
      argument->m.planes[memory] = (struct v4l2_plane){
        .bytesused = buffer->bytes_used[memory], .length = handle->lengths[memory],
        .m.mem_offset = offset + handle->offsets[memory], .data_offset = camera_data_offset(handle)};
    }
  } else {
    argument->bytesused = buffer->bytes_used[0];
    argument->length = handle->lengths[0];
    argument->m.offset = offset;
  }
}

static int check_planes(struct camera_handle *handle, struct v4l2_buffer *argument) {
  if (argument->type != camera_buffer_type(handle)) return camera_fail(EINVAL);
  if (is_multiplanar(handle) && (argument->m.planes == NULL || argument->length < handle->memories)) return camera_fail(EINVAL);
  return 0;
}

static int check_owner(struct camera_handle *handle) {
  if (handle->owns_buffers) return 0;
  return camera_fail(camera_is_locked(handle->file, camera_lock_buffers) ? EBUSY : EINVAL);
}

int camera_query_buffer(struct camera_handle *handle, struct v4l2_buffer *argument) {
  pthread_mutex_lock(&handle->lock);
  int status = check_planes(handle, argument);
  if (status == 0 && argument->index >= handle->count) status = camera_fail(EINVAL);
  if (status == 0) show(handle, argument);
  pthread_mutex_unlock(&handle->lock);
  return status;
}

int camera_queue_buffer(struct camera_handle *handle, struct v4l2_buffer *argument) {
  pthread_mutex_lock(&handle->lock);
  int status = check_owner(handle);
  if (status == 0) status = check_planes(handle, argument);
  if (status == 0 && (argument->flags & V4L2_BUF_FLAG_REQUEST_FD) != 0) status = camera_fail(EBADR);
  if (status == 0
    && (argument->memory != V4L2_MEMORY_MMAP || argument->index >= handle->count
      || handle->buffers[argument->index].place != camera_place_program)) {
    status = camera_fail(EINVAL);
  }
  if (status == 0) {
    struct camera_buffer *buffer = &handle->buffers[argument->index];
    buffer->place = camera_place_queued;
    buffer->flags = buffer->field = 0;
    camera_ring_append(&handle->queued, (uint8_t)argument->index);
    show(handle, argument);
  }
  pthread_mutex_unlock(&handle->lock);
  return status;
}

// Under the lock: 0 when there is a frame.
static int await_frame(struct camera_handle *handle, bool waits) {
  while (true) {
    struct camera_state *state = handle->state;
    if (handle->hung_up || camera_switched(state, camera_switch_unplugged)) return camera_fail(ENODEV);
    if (!handle->streaming) return camera_fail(EINVAL);
    int error = atomic_exchange(&state->switches[camera_switch_dequeue_error], 0);
    if (error != 0) return camera_fail(error);
    if (handle->done.count > 0) return 0;
    if (!waits) return camera_fail(EAGAIN);
    pthread_cond_wait(&handle->changed, &handle->lock);
  }
}

int camera_dequeue_buffer(struct camera_handle *handle, int descriptor, struct v4l2_buffer *argument) {
  bool waits = (syscall(SYS_fcntl, descriptor, F_GETFL) & O_NONBLOCK) == 0;
  pthread_mutex_lock(&handle->lock);
  int status = check_owner(handle);
  if (status == 0) status = check_planes(handle, argument);
  if (status == 0 && argument->memory != V4L2_MEMORY_MMAP) status = camera_fail(EINVAL);
  if (status == 0) status = await_frame(handle, waits);
  if (status == 0) {
    argument->index = camera_ring_take(&handle->done);
    handle->buffers[argument->index].place = camera_place_program;
    show(handle, argument);
  }
  int error = errno;
  camera_signal(handle);
  errno = error;
  pthread_mutex_unlock(&handle->lock);
  return status;
}

// MARK: Streaming

int camera_stream_on(struct camera_handle *handle, const int *type) {
  pthread_mutex_lock(&handle->lock);
  int error = camera_switched(handle->state, camera_switch_busy) ? EBUSY
    : camera_switched(handle->state, camera_switch_stream_on_error);
  bool is_raw = !camera_is_jpeg(atomic_load(&handle->state->fourcc));
  if (is_raw && error == 0) error = camera_switched(handle->state, camera_switch_raw_stream_on_error);
  int status = (uint32_t)*type == camera_buffer_type(handle) ? check_owner(handle) : camera_fail(EINVAL);
  if (status == 0 && error != 0) status = camera_fail(error);
  if (status == 0 && !handle->streaming) {
    camera_reel_open(handle);
    handle->streaming = true;
    handle->sequence = 0;
    handle->next_frame = 0;
    atomic_store(&handle->opener->streaming, 1);
  }
  pthread_mutex_unlock(&handle->lock);
  error = errno;
  camera_notify(handle->state);
  errno = error;
  return status;
}

int camera_stream_off(struct camera_handle *handle, const int *type) {
  pthread_mutex_lock(&handle->lock);
  int status = (uint32_t)*type == camera_buffer_type(handle) ? 0 : camera_fail(EINVAL);
  if (status == 0 && camera_is_locked(handle->file, camera_lock_buffers)) status = camera_fail(EBUSY);
  if (status == 0 && handle->owns_buffers) {
    handle->streaming = false;
    handle->queued = handle->done = (struct camera_ring){0};
    for (uint32_t index = 0; index < handle->count; index++) {
      handle->buffers[index].place = camera_place_program;
      handle->buffers[index].flags = 0;
    }
    camera_reel_close(handle);
    camera_signal(handle);
    atomic_store(&handle->opener->streaming, 0);
    // Who waits for frames that were ordered shall not wait for the next stream.
    atomic_store(&handle->state->delivered, atomic_load(&handle->state->ordered));
    pthread_cond_broadcast(&handle->changed);
  }
  pthread_mutex_unlock(&handle->lock);
  int error = errno;
  camera_notify(handle->state);
  errno = error;
  return status;
}

// MARK: Mapping

struct mapping {
  void *address;
  size_t length;
  struct camera_handle *handle;
  uint32_t index, allocation;
};

enum { most_mappings = 256 };

static struct mapping mappings[most_mappings];
static _Atomic uint32_t mapping_count;
static pthread_mutex_t mapping_lock = PTHREAD_MUTEX_INITIALIZER;

static bool remember(struct mapping mapping) {
  pthread_mutex_lock(&mapping_lock);
  uint32_t index = 0;
  while (index < most_mappings && mappings[index].address != NULL) index++;
  if (index < most_mappings) {
    mappings[index] = mapping;
    atomic_fetch_add(&mapping_count, 1);
  }
  pthread_mutex_unlock(&mapping_lock);
  return index < most_mappings;
}

// Which memory of its buffer is at that place; -1 for none.
static int find_memory(struct camera_handle *handle, off_t offset) {
  if (handle->count == 0 || offset / handle->stride >= handle->count) return -1;
  for (uint32_t memory = 0; memory < handle->memories; memory++) {
    if (offset % handle->stride == handle->offsets[memory]) return (int)memory;
  }
  return -1;
}

void *camera_map(struct camera_handle *handle, void *address, size_t length, int protection, int flags, off_t offset) {
  void *mapped = MAP_FAILED;
  pthread_mutex_lock(&handle->lock);
  int error = 0, memory = find_memory(handle, offset);
  size_t whole = whole_pages(length);
  if (camera_switched(handle->state, camera_switch_unplugged)) error = ENODEV;
  else if ((flags & MAP_SHARED) == 0 || (protection & PROT_READ) == 0) error = EINVAL;
  else if (memory < 0 || whole > whole_pages(handle->lengths[memory])) error = EINVAL;
  else if (camera_is_poor(handle) && (protection != (PROT_READ | PROT_WRITE) || length != handle->lengths[memory])) {
    error = EINVAL;
  }
  if (error == 0) {
    mapped = (void *)syscall(SYS_mmap, address, length, protection, flags, handle->memory, offset);
    error = errno;
  }
  if (mapped != MAP_FAILED) {
    uint32_t index = (uint32_t)(offset / handle->stride);
    handle->buffers[index].mappings++;
    atomic_fetch_add(&handle->opener->mappings, 1);
    // As in the kernel: what is mapped is open.
    camera_handle_retain(handle);
    if (!remember((struct mapping){mapped, whole, handle, index, handle->allocation})) __builtin_trap();
  }
  pthread_mutex_unlock(&handle->lock);
  errno = error;
  return mapped;
}

bool camera_unmap(void *address, size_t length) {
  if (atomic_load(&mapping_count) == 0) return false;
  struct mapping found = {0};
  pthread_mutex_lock(&mapping_lock);
  for (uint32_t index = 0; index < most_mappings && found.address == NULL; index++) {
    if (mappings[index].address != address || address == NULL) continue;
    found = mappings[index];
    mappings[index].address = NULL;
    atomic_fetch_sub(&mapping_count, 1);
  }
  pthread_mutex_unlock(&mapping_lock);
  if (found.address == NULL) return false;
  syscall(SYS_munmap, address, length);
  pthread_mutex_lock(&found.handle->lock);
  if (found.allocation == found.handle->allocation) found.handle->buffers[found.index].mappings--;
  atomic_fetch_sub(&found.handle->opener->mappings, 1);
  pthread_mutex_unlock(&found.handle->lock);
  camera_handle_release(found.handle);
  return true;
}
