#define _GNU_SOURCE
#include "Handle.h"
#include <linux/version.h>
#include <string.h>

uint32_t camera_buffer_type(struct camera_handle *handle) {
  switch (camera_description(handle)->kind) {
    case camera_kind_capture:
    case camera_kind_pipeline: return V4L2_BUF_TYPE_VIDEO_CAPTURE;
    case camera_kind_capture_multiplanar: return V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
    case camera_kind_metadata: return V4L2_BUF_TYPE_META_CAPTURE;
    default: return V4L2_BUF_TYPE_VIDEO_OUTPUT;
  }
}

static uint32_t capabilities(struct camera_handle *handle) {
  switch (camera_description(handle)->kind) {
    case camera_kind_capture: return V4L2_CAP_VIDEO_CAPTURE;
    case camera_kind_pipeline: return V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_IO_MC;
    case camera_kind_capture_multiplanar: return V4L2_CAP_VIDEO_CAPTURE_MPLANE;
    case camera_kind_metadata: return V4L2_CAP_META_CAPTURE;
    default: return V4L2_CAP_VIDEO_OUTPUT;
  }
}

static int query_capabilities(struct camera_handle *handle, struct v4l2_capability *argument) {
  const struct camera_description *description = camera_description(handle);
  memset(argument, 0, sizeof *argument);
  strcpy((char *)argument->driver, description->driver);
  strcpy((char *)argument->card, description->card);
  strcpy((char *)argument->bus_info, description->bus_info);
  argument->version = KERNEL_VERSION(6, 1, 0);
  argument->device_caps = capabilities(handle) | V4L2_CAP_STREAMING | V4L2_CAP_EXT_PIX_FORMAT;
  argument->capabilities = argument->device_caps | description->other_capabilities | V4L2_CAP_DEVICE_CAPS;
  return 0;
}

// MARK: Inputs

static int enum_input(struct camera_handle *handle, struct v4l2_input *argument) {
  if (argument->index != 0) return camera_fail(EINVAL);
  memset(argument, 0, sizeof *argument);
  strcpy((char *)argument->name, "Camera 1");
  argument->type = V4L2_INPUT_TYPE_CAMERA;
  if (!camera_is_bridge(handle)) return 0;
  argument->capabilities = V4L2_IN_CAP_DV_TIMINGS;
  if (camera_switched(handle->state, camera_switch_signal) != 1) argument->status = V4L2_IN_ST_NO_SIGNAL;
  return 0;
}

static int get_input(int *argument) {
  *argument = 0;
  return 0;
}

// MARK: Priority

static uint32_t highest_priority(struct camera_handle *handle) {
  uint32_t highest = V4L2_PRIORITY_UNSET;
  for (int index = 0; index < camera_most_openers; index++) {
    struct camera_opener *opener = &handle->state->openers[index];
    if (opener != handle->opener && !camera_is_locked(handle->file, camera_lock_opener + index)) continue;
    uint32_t priority = atomic_load(&opener->priority);
    if (priority > highest) highest = priority;
  }
  return highest;
}

// Of the kernel's v4l2_prio_check.
static bool is_outranked(struct camera_handle *handle) {
  return atomic_load(&handle->opener->priority) < highest_priority(handle);
}

static int set_priority(struct camera_handle *handle, uint32_t priority) {
  if (priority < V4L2_PRIORITY_BACKGROUND || priority > V4L2_PRIORITY_RECORD) return camera_fail(EINVAL);
  if (is_outranked(handle)) return camera_fail(EBUSY);
  atomic_store(&handle->opener->priority, priority);
  return 0;
}

static bool changes_settings(uint32_t request) {
  switch (request) {
    case VIDIOC_S_FMT:
    case VIDIOC_S_PARM:
    case VIDIOC_S_SELECTION:
    case VIDIOC_S_DV_TIMINGS:
    case VIDIOC_S_INPUT:
    case VIDIOC_S_CTRL:
    case VIDIOC_S_EXT_CTRLS:
    case VIDIOC_S_PRIORITY:
    case VIDIOC_REQBUFS:
    case VIDIOC_STREAMON:
    case VIDIOC_STREAMOFF: return true;
    default: return false;
  }
}

// MARK: Dispatch

static int picture_call(struct camera_handle *handle, uint32_t request, void *argument) {
  switch (request) {
    case VIDIOC_ENUM_FRAMESIZES: return camera_enum_sizes(handle, argument);
    case VIDIOC_ENUM_FRAMEINTERVALS:
      return camera_is_poor(handle) ? camera_fail(ENOTTY) : camera_enum_intervals(handle, argument);
    case VIDIOC_G_PARM: return camera_is_poor(handle) ? camera_fail(ENOTTY) : camera_get_parameters(handle, argument);
    case VIDIOC_S_PARM: return camera_is_poor(handle) ? camera_fail(ENOTTY) : camera_set_parameters(handle, argument);
    case VIDIOC_S_SELECTION: return camera_set_selection(handle, argument);
    case VIDIOC_QUERY_DV_TIMINGS: return camera_query_timings(handle, argument);
    case VIDIOC_S_DV_TIMINGS: return camera_set_timings(handle, argument);
    default: return camera_fail(ENOTTY);
  }
}

static int input_call(struct camera_handle *handle, uint32_t request, void *argument) {
  switch (request) {
    case VIDIOC_ENUMINPUT: return enum_input(handle, argument);
    case VIDIOC_G_INPUT: return get_input(argument);
    default: return *(int *)argument == 0 ? 0 : camera_fail(EINVAL);
  }
}

static int control_call(struct camera_handle *handle, uint32_t request, void *argument) {
  if (request == VIDIOC_SUBSCRIBE_EVENT && camera_is_bridge(handle)) {
    const struct v4l2_event_subscription *subscription = argument;
    if (subscription->type == V4L2_EVENT_SOURCE_CHANGE) {
      camera_subscribe_signal(handle);
      return 0;
    }
  }
  if (camera_is_poor(handle) || camera_description(handle)->control_count == 0) return camera_fail(ENOTTY);
  switch (request) {
    case VIDIOC_QUERYCTRL: return camera_query_control(handle, argument);
    case VIDIOC_QUERY_EXT_CTRL: return camera_query_control_extended(handle, argument);
    case VIDIOC_QUERYMENU: return camera_query_menu(handle, argument);
    case VIDIOC_G_CTRL: return camera_get_control(handle, argument);
    case VIDIOC_S_CTRL: return camera_set_control(handle, argument);
    case VIDIOC_G_EXT_CTRLS: return camera_controls(handle, argument, camera_access_get);
    case VIDIOC_S_EXT_CTRLS: return camera_controls(handle, argument, camera_access_set);
    case VIDIOC_TRY_EXT_CTRLS: return camera_controls(handle, argument, camera_access_try);
    case VIDIOC_SUBSCRIBE_EVENT: return camera_subscribe(handle, argument);
    case VIDIOC_UNSUBSCRIBE_EVENT: return camera_unsubscribe(handle, argument);
    default: return camera_dequeue_event(handle, argument);
  }
}

static int settings_call(struct camera_handle *handle, uint32_t request, void *argument) {
  switch (request) {
    case VIDIOC_QUERYCAP: return query_capabilities(handle, argument);
    case VIDIOC_G_PRIORITY: *(uint32_t *)argument = highest_priority(handle); return 0;
    case VIDIOC_S_PRIORITY: return set_priority(handle, *(uint32_t *)argument);
    case VIDIOC_ENUM_FMT: return camera_enum_format(handle, argument);
    case VIDIOC_G_FMT: return camera_get_format(handle, argument);
    case VIDIOC_S_FMT: return camera_set_format(handle, argument, false);
    case VIDIOC_TRY_FMT: return camera_set_format(handle, argument, true);
    case VIDIOC_REQBUFS: return camera_request_buffers(handle, argument);
    case VIDIOC_ENUMINPUT:
    case VIDIOC_G_INPUT:
    case VIDIOC_S_INPUT:
      return camera_description(handle)->kind == camera_kind_output ? camera_fail(ENOTTY) : input_call(handle, request, argument);
    case VIDIOC_QUERYCTRL:
    case VIDIOC_QUERY_EXT_CTRL:
    case VIDIOC_QUERYMENU:
    case VIDIOC_G_CTRL:
    case VIDIOC_S_CTRL:
    case VIDIOC_G_EXT_CTRLS:
    case VIDIOC_S_EXT_CTRLS:
    case VIDIOC_TRY_EXT_CTRLS:
    case VIDIOC_SUBSCRIBE_EVENT:
    case VIDIOC_UNSUBSCRIBE_EVENT: return control_call(handle, request, argument);
    default: return camera_is_capture(handle) ? picture_call(handle, request, argument) : camera_fail(ENOTTY);
  }
}

int camera_ioctl(struct camera_handle *handle, int descriptor, uint32_t request, void *argument) {
  if (camera_switched(handle->state, camera_switch_unplugged)) return camera_fail(ENODEV);
  int broken = camera_switched(handle->state, camera_switch_ioctl_error);
  if (broken != 0) return camera_fail(broken);
  // Every call that we have takes one.
  if (argument == NULL) return camera_fail(request == VIDIOC_QUERYCAP ? EFAULT : ENOTTY);
  if (changes_settings(request) && is_outranked(handle)) return camera_fail(EBUSY);
  switch (request) {
    case VIDIOC_QUERYBUF: return camera_query_buffer(handle, argument);
    case VIDIOC_QBUF: return camera_queue_buffer(handle, argument);
    case VIDIOC_DQBUF: return camera_dequeue_buffer(handle, descriptor, argument);
    case VIDIOC_STREAMON: return camera_stream_on(handle, argument);
    case VIDIOC_STREAMOFF: return camera_stream_off(handle, argument);
    case VIDIOC_DQEVENT: return control_call(handle, request, argument);
    default: break;
  }
  // One at a time, over all who have the device open.
  pthread_mutex_lock(&handle->lock);
  camera_lock_wait(handle->file, camera_lock_settings);
  int status = settings_call(handle, request, argument);
  int error = errno;
  camera_unlock(handle->file, camera_lock_settings);
  pthread_mutex_unlock(&handle->lock);
  errno = error;
  return status;
}
