#define _GNU_SOURCE
#include "Handle.h"
#include <stdlib.h>
#include <string.h>

// MARK: Looking up

static const struct camera_format *find_format(struct camera_handle *handle, uint32_t fourcc) {
  const struct camera_description *description = camera_description(handle);
  for (uint32_t index = 0; index < description->format_count; index++) {
    if (description->formats[index].fourcc == fourcc) return &description->formats[index];
  }
  return NULL;
}

static bool is_stepwise(const struct camera_size *size) { return size->step_width != 0; }

static uint32_t snap(uint32_t value, uint32_t smallest, uint32_t largest, uint32_t step) {
  if (value <= smallest) return smallest;
  if (value >= largest) return largest;
  uint32_t steps = (value - smallest + step / 2) / step;
  return smallest + steps * step > largest ? largest : smallest + steps * step;
}

static bool has_size(const struct camera_size *size, uint32_t width, uint32_t height) {
  if (!is_stepwise(size)) return size->width == width && size->height == height;
  return snap(width, size->width, size->largest_width, size->step_width) == width
    && snap(height, size->height, size->largest_height, size->step_height) == height;
}

static const struct camera_size *find_size(const struct camera_format *format, uint32_t width, uint32_t height) {
  for (uint32_t index = 0; format != NULL && index < format->size_count; index++) {
    if (has_size(&format->sizes[index], width, height)) return &format->sizes[index];
  }
  return NULL;
}

static uint32_t distance(uint32_t a, uint32_t b) { return a > b ? a - b : b - a; }

static const struct camera_size *nearest_size(
  struct camera_handle *handle, const struct camera_format *format, uint32_t *width, uint32_t *height) {
  const struct camera_size *best = find_size(format, *width, *height);
  if (best != NULL) return best;
  uint32_t best_width = format->sizes[0].width, best_height = format->sizes[0].height;
  best = &format->sizes[0];
  for (uint32_t index = 0; index < format->size_count && !camera_is_poor(handle); index++) {
    const struct camera_size *size = &format->sizes[index];
    uint32_t near_width = size->width, near_height = size->height;
    if (is_stepwise(size)) {
      near_width = snap(*width, size->width, size->largest_width, size->step_width);
      near_height = snap(*height, size->height, size->largest_height, size->step_height);
    }
    uint32_t off = distance(near_width, *width) + distance(near_height, *height);
    if (index != 0 && off >= distance(best_width, *width) + distance(best_height, *height)) continue;
    best = size;
    best_width = near_width;
    best_height = near_height;
  }
  *width = best_width;
  *height = best_height;
  return best;
}

static struct camera_interval nearest_interval(const struct camera_size *size, uint32_t numerator, uint32_t denominator) {
  if (numerator == 0 || denominator == 0) return size->intervals[0];
  double wanted = (double)numerator / denominator, least = 0;
  uint32_t best = 0;
  for (uint32_t index = 0; index < size->interval_count; index++) {
    double off = (double)size->intervals[index].numerator / size->intervals[index].denominator - wanted;
    if (off < 0) off = -off;
    if (index != 0 && off >= least) continue;
    best = index;
    least = off;
  }
  return size->intervals[best];
}

// MARK: Enumerating

int camera_enum_format(struct camera_handle *handle, struct v4l2_fmtdesc *argument) {
  const struct camera_description *description = camera_description(handle);
  if (argument->type != camera_buffer_type(handle)) return camera_fail(EINVAL);
  if (argument->index >= description->format_count) return camera_fail(EINVAL);
  uint32_t fourcc = description->formats[argument->index].fourcc;
  *argument = (struct v4l2_fmtdesc){.index = argument->index, .type = argument->type, .pixelformat = fourcc};
  if (camera_is_jpeg(fourcc) || camera_is_video(fourcc)) argument->flags = V4L2_FMT_FLAG_COMPRESSED;
  strcpy((char *)argument->description, camera_format_name(fourcc));
  return 0;
}

int camera_enum_sizes(struct camera_handle *handle, struct v4l2_frmsizeenum *argument) {
  const struct camera_format *format = find_format(handle, argument->pixel_format);
  if (format == NULL || argument->index >= format->size_count) return camera_fail(EINVAL);
  const struct camera_size *size = &format->sizes[argument->index];
  *argument = (struct v4l2_frmsizeenum){.index = argument->index, .pixel_format = argument->pixel_format};
  if (is_stepwise(size)) {
    argument->type = V4L2_FRMSIZE_TYPE_STEPWISE;
    argument->stepwise = (struct v4l2_frmsize_stepwise){
      size->width, size->largest_width, size->step_width, size->height, size->largest_height, size->step_height};
  } else {
    argument->type = V4L2_FRMSIZE_TYPE_DISCRETE;
    argument->discrete = (struct v4l2_frmsize_discrete){size->width, size->height};
  }
  return 0;
}

int camera_enum_intervals(struct camera_handle *handle, struct v4l2_frmivalenum *argument) {
  const struct camera_size *size =
    find_size(find_format(handle, argument->pixel_format), argument->width, argument->height);
  if (size == NULL || argument->index >= size->interval_count) return camera_fail(EINVAL);
  int32_t unlisted = camera_switched(handle->state, camera_switch_unlisted_rates);
  if (unlisted == 1) return camera_fail(ENOTTY);
  struct camera_interval interval = unlisted == 2 ? (struct camera_interval){0, 0} : size->intervals[argument->index];
  argument->type = V4L2_FRMIVAL_TYPE_DISCRETE;
  argument->discrete = (struct v4l2_fract){interval.numerator, interval.denominator};
  memset(argument->reserved, 0, sizeof argument->reserved);
  return 0;
}

// MARK: Format

enum { metadata_length = 4096 };

static void show(struct camera_handle *handle, struct v4l2_format *argument, uint32_t fourcc, uint32_t width, uint32_t height) {
  uint32_t type = argument->type;
  struct camera_layout layout = camera_layout_of(handle->state, fourcc, width, height);
  int32_t field = camera_switched(handle->state, camera_switch_field);
  if (field == V4L2_FIELD_ANY) field = V4L2_FIELD_NONE;
  memset(argument, 0, sizeof *argument);
  argument->type = type;
  if (type == V4L2_BUF_TYPE_META_CAPTURE) {
    argument->fmt.meta = (struct v4l2_meta_format){.dataformat = fourcc, .buffersize = metadata_length};
  } else if (type == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE) {
    argument->fmt.pix_mp = (struct v4l2_pix_format_mplane){
      .width = width, .height = layout.rows, .pixelformat = fourcc, .field = (uint32_t)field,
      .colorspace = V4L2_COLORSPACE_SRGB, .num_planes = (uint8_t)layout.memories};
    for (uint32_t memory = 0; memory < layout.memories; memory++) {
      argument->fmt.pix_mp.plane_fmt[memory] = (struct v4l2_plane_pix_format){
        .sizeimage = layout.lengths[memory] + camera_data_offset(handle), .bytesperline = layout.strides[memory]};
    }
    argument->fmt.pix_mp.quantization = (uint8_t)camera_switched(handle->state, camera_switch_quantization);
  } else {
    argument->fmt.pix = (struct v4l2_pix_format){
      .width = width, .height = layout.rows, .pixelformat = fourcc, .field = (uint32_t)field,
      .bytesperline = layout.strides[0], .sizeimage = layout.lengths[0], .colorspace = V4L2_COLORSPACE_SRGB,
      .priv = V4L2_PIX_FMT_PRIV_MAGIC,
      .quantization = (uint32_t)camera_switched(handle->state, camera_switch_quantization)};
  }
}

int camera_get_format(struct camera_handle *handle, struct v4l2_format *argument) {
  if (argument->type != camera_buffer_type(handle)) return camera_fail(EINVAL);
  struct camera_state *state = handle->state;
  show(handle, argument, atomic_load(&state->fourcc), atomic_load(&state->width), atomic_load(&state->height));
  return 0;
}

static bool is_busy(struct camera_handle *handle) {
  return handle->owns_buffers || camera_switched(handle->state, camera_switch_busy)
    || camera_is_locked(handle->file, camera_lock_buffers);
}

int camera_set_format(struct camera_handle *handle, struct v4l2_format *argument, bool only_try) {
  if (argument->type != camera_buffer_type(handle)) return camera_fail(EINVAL);
  if (!only_try && is_busy(handle)) return camera_fail(EBUSY);
  uint32_t fourcc = argument->fmt.pix.pixelformat, width = argument->fmt.pix.width, height = argument->fmt.pix.height;
  if (argument->type == V4L2_BUF_TYPE_META_CAPTURE) {
    fourcc = argument->fmt.meta.dataformat;
    width = height = 0;
  } else if (argument->type == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE) {
    fourcc = argument->fmt.pix_mp.pixelformat;
    width = argument->fmt.pix_mp.width;
    height = argument->fmt.pix_mp.height;
  }
  const struct camera_format *format = find_format(handle, fourcc);
  if (format == NULL) format = &camera_description(handle)->formats[0];
  if (camera_is_bridge(handle) && atomic_load(&handle->state->timings_width) != 0) {
    width = atomic_load(&handle->state->timings_width);
    height = atomic_load(&handle->state->timings_height);
  }
  const struct camera_size *size = nearest_size(handle, format, &width, &height);
  show(handle, argument, format->fourcc, width, height);
  if (only_try) return 0;
  struct camera_state *state = handle->state;
  struct camera_interval interval =
    nearest_interval(size, atomic_load(&state->numerator), atomic_load(&state->denominator));
  atomic_store(&state->fourcc, format->fourcc);
  atomic_store(&state->width, width);
  atomic_store(&state->height, height);
  atomic_store(&state->numerator, interval.numerator);
  atomic_store(&state->denominator, interval.denominator);
  return 0;
}

int camera_set_selection(struct camera_handle *handle, struct v4l2_selection *argument) {
  if (camera_switched(handle->state, camera_switch_composed_rows) == 0) return camera_fail(ENOTTY);
  if (argument->type != V4L2_BUF_TYPE_VIDEO_CAPTURE || argument->target != V4L2_SEL_TGT_COMPOSE) return camera_fail(EINVAL);
  atomic_store(&handle->state->switches[camera_switch_composed_rows], (int32_t)argument->r.height);
  return 0;
}

// MARK: Frame interval

int camera_get_parameters(struct camera_handle *handle, struct v4l2_streamparm *argument) {
  if (argument->type != camera_buffer_type(handle)) return camera_fail(EINVAL);
  uint32_t type = argument->type;
  memset(argument, 0, sizeof *argument);
  argument->type = type;
  argument->parm.capture = (struct v4l2_captureparm){
    .capability = V4L2_CAP_TIMEPERFRAME,
    .timeperframe = {atomic_load(&handle->state->numerator), atomic_load(&handle->state->denominator)}};
  return 0;
}

int camera_set_parameters(struct camera_handle *handle, struct v4l2_streamparm *argument) {
  if (argument->type != camera_buffer_type(handle)) return camera_fail(EINVAL);
  if (handle->streaming || camera_is_locked(handle->file, camera_lock_buffers)) return camera_fail(EBUSY);
  struct camera_state *state = handle->state;
  const struct camera_size *size = find_size(
    find_format(handle, atomic_load(&state->fourcc)), atomic_load(&state->width), atomic_load(&state->height));
  struct v4l2_fract wanted = argument->parm.capture.timeperframe;
  if (camera_switched(state, camera_switch_fixed_rate)) {
    argument->parm.capture.capability = 0;
    return 0;
  }
  struct camera_interval interval = nearest_interval(size, wanted.numerator, wanted.denominator);
  int32_t forced = camera_switched(state, camera_switch_forced_rate);
  if (forced > 0) interval = (struct camera_interval){1, (uint32_t)forced};
  atomic_store(&state->numerator, interval.numerator);
  atomic_store(&state->denominator, interval.denominator);
  return camera_get_parameters(handle, argument);
}
