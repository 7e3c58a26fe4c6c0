// Controls as the kernel's control framework (v4l2-ctrls) does them.
#define _GNU_SOURCE
#include "Handle.h"
#include <linux/v4l2-controls.h>
#include <string.h>

// MARK: Looking up

static const struct camera_control *control_at(struct camera_handle *handle, uint32_t index) {
  return &camera_description(handle)->controls[index];
}

// The number of the control, or -1.
static int find(struct camera_handle *handle, uint32_t id) {
  for (uint32_t index = 0; index < camera_description(handle)->control_count; index++) {
    if (control_at(handle, index)->id == id) return (int)index;
  }
  return -1;
}

// The control that a query asks for, whose id may say "the next one".
static int find_query(struct camera_handle *handle, uint32_t id) {
  uint32_t flags = V4L2_CTRL_FLAG_NEXT_CTRL | V4L2_CTRL_FLAG_NEXT_COMPOUND;
  if ((id & flags) == 0) return find(handle, id);
  if ((id & V4L2_CTRL_FLAG_NEXT_CTRL) == 0) return -1;
  int best = -1;
  for (uint32_t index = 0; index < camera_description(handle)->control_count; index++) {
    uint32_t other = control_at(handle, index)->id;
    if (other > (id & ~flags) && (best < 0 || other < control_at(handle, (uint32_t)best)->id)) best = (int)index;
  }
  return best;
}

static bool is_class(const struct camera_control *control) { return control->type == V4L2_CTRL_TYPE_CTRL_CLASS; }
static bool is_menu(const struct camera_control *control) { return control->type == V4L2_CTRL_TYPE_MENU; }

static uint32_t flags(const struct camera_control *control) {
  if (is_class(control)) return V4L2_CTRL_FLAG_READ_ONLY | V4L2_CTRL_FLAG_WRITE_ONLY;
  return control->flags;
}

// MARK: Queries

int camera_query_control(struct camera_handle *handle, struct v4l2_queryctrl *argument) {
  int index = find_query(handle, argument->id);
  if (index < 0) return camera_fail(EINVAL);
  const struct camera_control *control = control_at(handle, (uint32_t)index);
  *argument = (struct v4l2_queryctrl){
    .id = control->id, .type = control->type, .minimum = control->minimum, .maximum = control->maximum,
    .step = control->step, .default_value = control->initial, .flags = flags(control)};
  strcpy((char *)argument->name, control->name);
  return 0;
}

int camera_query_control_extended(struct camera_handle *handle, struct v4l2_query_ext_ctrl *argument) {
  int index = find_query(handle, argument->id);
  if (index < 0) return camera_fail(EINVAL);
  const struct camera_control *control = control_at(handle, (uint32_t)index);
  *argument = (struct v4l2_query_ext_ctrl){
    .id = control->id, .type = control->type, .minimum = control->minimum, .maximum = control->maximum,
    .step = (uint64_t)control->step, .default_value = control->initial, .flags = flags(control),
    .elem_size = sizeof(int32_t), .elems = 1};
  strcpy(argument->name, control->name);
  return 0;
}

int camera_query_menu(struct camera_handle *handle, struct v4l2_querymenu *argument) {
  int index = find(handle, argument->id);
  const struct camera_control *control = index < 0 ? NULL : control_at(handle, (uint32_t)index);
  if (control == NULL || !is_menu(control)) return camera_fail(EINVAL);
  if (argument->index >= camera_most_menu_items || (int32_t)argument->index < control->minimum
    || (int32_t)argument->index > control->maximum || control->menu[argument->index][0] == 0) {
    return camera_fail(EINVAL);
  }
  strcpy((char *)argument->name, control->menu[argument->index]);
  argument->reserved = 0;
  return 0;
}

// MARK: Events

static int find_subscription(struct camera_handle *handle, uint32_t id) {
  for (uint32_t index = 0; index < handle->subscription_count; index++) {
    if (handle->subscriptions[index].id == id) return (int)index;
  }
  return -1;
}

// Under the handle's lock. The newest of a control takes the place of the one before.
static void raise_event(struct camera_handle *handle, uint32_t index, uint32_t changes) {
  const struct camera_control *control = control_at(handle, index);
  uint32_t place = 0;
  while (place < handle->event_count && handle->events[place].id != control->id) place++;
  if (place == camera_most_events) return;
  if (place == handle->event_count) handle->event_count++;
  struct v4l2_event *event = &handle->events[place];
  *event = (struct v4l2_event){.type = V4L2_EVENT_CTRL, .id = control->id, .sequence = handle->event_sequence++};
  event->u.ctrl = (struct v4l2_event_ctrl){
    .changes = changes, .type = control->type, .value = atomic_load(&handle->state->values[index]),
    .flags = flags(control), .minimum = control->minimum, .maximum = control->maximum, .step = control->step,
    .default_value = control->initial};
  uint64_t now = camera_now();
  event->timestamp = (struct timespec){.tv_sec = (time_t)(now / 1000000000), .tv_nsec = (long)(now % 1000000000)};
  camera_signal(handle);
}

static void tell_of_change(struct camera_handle *handle, uint32_t index) {
  int subscription = find_subscription(handle, control_at(handle, index)->id);
  if (subscription < 0) return;
  // Who changed it knows it already, unless it wants to hear that too.
  if ((handle->subscriptions[subscription].flags & V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK) == 0) return;
  raise_event(handle, index, V4L2_EVENT_CTRL_CH_VALUE);
}

// MARK: Values

// What the control makes of a value: 0, or an errno.
static int validate(const struct camera_control *control, int32_t *value) {
  switch (control->type) {
    case V4L2_CTRL_TYPE_BOOLEAN: *value = *value != 0; return 0;
    case V4L2_CTRL_TYPE_BUTTON: *value = 0; return 0;
    case V4L2_CTRL_TYPE_MENU:
      if (*value < control->minimum || *value > control->maximum) return ERANGE;
      return control->menu[*value][0] == 0 ? EINVAL : 0;
    default: break;
  }
  if (*value <= control->minimum) *value = control->minimum;
  else if (*value >= control->maximum) *value = control->maximum;
  else {
    int64_t steps = ((int64_t)*value - control->minimum + control->step / 2) / control->step;
    int64_t near = control->minimum + steps * control->step;
    *value = near > control->maximum ? (int32_t)(near - control->step) : (int32_t)near;
  }
  return 0;
}

static void store(struct camera_handle *handle, uint32_t index, int32_t value) {
  int32_t before = atomic_exchange(&handle->state->values[index], value);
  if (before != value) tell_of_change(handle, index);
}

int camera_get_control(struct camera_handle *handle, struct v4l2_control *argument) {
  int index = find(handle, argument->id);
  if (index < 0) return camera_fail(EINVAL);
  if ((flags(control_at(handle, (uint32_t)index)) & V4L2_CTRL_FLAG_WRITE_ONLY) != 0) return camera_fail(EACCES);
  argument->value = atomic_load(&handle->state->values[index]);
  return 0;
}

int camera_set_control(struct camera_handle *handle, struct v4l2_control *argument) {
  int index = find(handle, argument->id);
  if (index < 0) return camera_fail(EINVAL);
  const struct camera_control *control = control_at(handle, (uint32_t)index);
  if ((flags(control) & V4L2_CTRL_FLAG_READ_ONLY) != 0) return camera_fail(EACCES);
  int error = validate(control, &argument->value);
  if (error != 0) return camera_fail(error);
  store(handle, (uint32_t)index, argument->value);
  return 0;
}

// MARK: Several at once

static bool has_class(struct camera_handle *handle, uint32_t which) {
  for (uint32_t index = 0; index < camera_description(handle)->control_count; index++) {
    if (V4L2_CTRL_ID2WHICH(control_at(handle, index)->id) == which) return true;
  }
  return false;
}

// What one of several has to be refused for, before any is touched: 0, or an errno.
static int refusal(
  struct camera_handle *handle, const struct v4l2_ext_controls *argument, const struct v4l2_ext_control *one,
  enum camera_access access) {
  bool of_class = argument->which != V4L2_CTRL_WHICH_CUR_VAL && argument->which != V4L2_CTRL_WHICH_DEF_VAL;
  if (of_class && V4L2_CTRL_ID2WHICH(one->id) != argument->which) return EINVAL;
  int index = find(handle, one->id);
  if (index < 0) return EINVAL;
  const struct camera_control *control = control_at(handle, (uint32_t)index);
  uint32_t forbidden = access == camera_access_get ? V4L2_CTRL_FLAG_WRITE_ONLY : V4L2_CTRL_FLAG_READ_ONLY;
  if ((flags(control) & forbidden) != 0) return EACCES;
  int32_t value = one->value;
  return access == camera_access_get ? 0 : validate(control, &value);
}

int camera_controls(struct camera_handle *handle, struct v4l2_ext_controls *argument, enum camera_access access) {
  bool defaults = argument->which == V4L2_CTRL_WHICH_DEF_VAL;
  if (argument->which == V4L2_CTRL_WHICH_REQUEST_VAL) return camera_fail(EBADR);
  memset(argument->reserved, 0, sizeof argument->reserved);
  argument->error_idx = argument->count;
  if (defaults && access != camera_access_get) return camera_fail(EINVAL);
  if (argument->count == 0) {
    bool is_known = argument->which == V4L2_CTRL_WHICH_CUR_VAL || defaults || has_class(handle, argument->which);
    return is_known ? 0 : camera_fail(EINVAL);
  }
  for (uint32_t number = 0; number < argument->count; number++) {
    int error = refusal(handle, argument, &argument->controls[number], access);
    if (error == 0) continue;
    // Only TRY says which, because nothing can have been changed.
    if (access == camera_access_try) argument->error_idx = number;
    return camera_fail(error);
  }
  for (uint32_t number = 0; number < argument->count; number++) {
    struct v4l2_ext_control *one = &argument->controls[number];
    uint32_t index = (uint32_t)find(handle, one->id);
    const struct camera_control *control = control_at(handle, index);
    if (access == camera_access_get) {
      one->value = defaults ? control->initial : atomic_load(&handle->state->values[index]);
      continue;
    }
    int32_t value = one->value;
    validate(control, &value);
    one->value = value;
    if (access == camera_access_set) store(handle, index, value);
  }
  return 0;
}

// MARK: Subscriptions

int camera_subscribe(struct camera_handle *handle, const struct v4l2_event_subscription *argument) {
  int index = find(handle, argument->id);
  if (argument->type != V4L2_EVENT_CTRL || index < 0) return camera_fail(EINVAL);
  if (find_subscription(handle, argument->id) < 0) {
    if (handle->subscription_count == camera_most_events) return camera_fail(ENOMEM);
    handle->subscriptions[handle->subscription_count++] =
      (struct camera_subscription){argument->type, argument->id, argument->flags};
  }
  bool is_first = (argument->flags & V4L2_EVENT_SUB_FL_SEND_INITIAL) != 0;
  if (!is_first || is_class(control_at(handle, (uint32_t)index))) return 0;
  bool has_value = (flags(control_at(handle, (uint32_t)index)) & V4L2_CTRL_FLAG_WRITE_ONLY) == 0;
  raise_event(handle, (uint32_t)index, V4L2_EVENT_CTRL_CH_FLAGS | (has_value ? V4L2_EVENT_CTRL_CH_VALUE : 0));
  return 0;
}

int camera_unsubscribe(struct camera_handle *handle, const struct v4l2_event_subscription *argument) {
  uint32_t subscriptions = 0, events = 0;
  bool all = argument->type == V4L2_EVENT_ALL;
  for (uint32_t index = 0; index < handle->subscription_count; index++) {
    struct camera_subscription one = handle->subscriptions[index];
    if (!all && (one.type != argument->type || one.id != argument->id)) handle->subscriptions[subscriptions++] = one;
  }
  for (uint32_t index = 0; index < handle->event_count; index++) {
    struct v4l2_event one = handle->events[index];
    if (!all && (one.type != argument->type || one.id != argument->id)) handle->events[events++] = one;
  }
  handle->subscription_count = subscriptions;
  handle->event_count = events;
  camera_signal(handle);
  return 0;
}

int camera_dequeue_event(struct camera_handle *handle, struct v4l2_event *argument) {
  pthread_mutex_lock(&handle->lock);
  int status = handle->event_count == 0 ? camera_fail(ENOENT) : 0;
  if (status == 0) {
    *argument = handle->events[0];
    handle->event_count--;
    memmove(handle->events, handle->events + 1, handle->event_count * sizeof *handle->events);
    argument->pending = handle->event_count;
  }
  int error = errno;
  camera_signal(handle);
  errno = error;
  pthread_mutex_unlock(&handle->lock);
  return status;
}
