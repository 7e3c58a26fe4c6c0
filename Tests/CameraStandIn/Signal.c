#define _GNU_SOURCE
#include "Handle.h"
#include <string.h>

static struct camera_signal_state signal_of(struct camera_state *state) {
  return (struct camera_signal_state){
    camera_switched(state, camera_switch_signal), camera_switched(state, camera_switch_signal_width),
    camera_switched(state, camera_switch_signal_height)};
}

bool camera_has_signal(struct camera_handle *handle) {
  struct camera_state *state = handle->state;
  struct camera_signal_state signal = signal_of(state);
  if (signal.state == 0) return true;
  return signal.state == 1 && (uint32_t)signal.width == atomic_load(&state->width)
    && (uint32_t)signal.height == atomic_load(&state->height);
}

void camera_subscribe_signal(struct camera_handle *handle) {
  handle->signal = signal_of(handle->state);
  handle->watches_source = true;
}

void camera_watch_signal(struct camera_handle *handle) {
  struct camera_signal_state signal = signal_of(handle->state);
  bool is_same = memcmp(&signal, &handle->signal, sizeof signal) == 0;
  handle->signal = signal;
  if (is_same || !handle->watches_source || handle->event_count == camera_most_events) return;
  handle->events[handle->event_count++] = (struct v4l2_event){
    .type = V4L2_EVENT_SOURCE_CHANGE, .u.src_change.changes = V4L2_EVENT_SRC_CH_RESOLUTION,
    .sequence = handle->event_sequence++};
  pthread_cond_broadcast(&handle->changed);
}

int camera_query_timings(struct camera_handle *handle, struct v4l2_dv_timings *argument) {
  struct camera_signal_state signal = signal_of(handle->state);
  if (signal.state == 0) return camera_fail(ENOTTY);
  if (signal.state != 1) return camera_fail(signal.state);
  memset(argument, 0, sizeof *argument);
  argument->type = V4L2_DV_BT_656_1120;
  argument->bt.width = (uint32_t)signal.width;
  argument->bt.height = (uint32_t)signal.height;
  return 0;
}

int camera_set_timings(struct camera_handle *handle, const struct v4l2_dv_timings *argument) {
  if (!camera_is_bridge(handle)) return camera_fail(ENOTTY);
  if (handle->owns_buffers || camera_is_locked(handle->file, camera_lock_buffers)) return camera_fail(EBUSY);
  if (argument->type != V4L2_DV_BT_656_1120) return camera_fail(EINVAL);
  atomic_store(&handle->state->timings_width, argument->bt.width);
  atomic_store(&handle->state->timings_height, argument->bt.height);
  return 0;
}
