// How the frames of a format lie in memory (https://docs.kernel.org/userspace-api/media/v4l/pixfmt.html).
#define _GNU_SOURCE
#include "Handle.h"

struct shape {
  uint32_t fourcc;
  // Of the kernel's v4l_fill_fmtdesc.
  const char *name;
  // Of a pixel in the first plane.
  uint8_t bits;
  // Planes of chroma, samples of it in a column of theirs, and how many columns and rows of luma have one.
  uint8_t planes, samples, columns, rows;
  // Whether each plane has memory of its own.
  bool is_apart;
};

static const struct shape shapes[] = {
  {V4L2_PIX_FMT_MJPEG, "Motion-JPEG"},
  {V4L2_PIX_FMT_JPEG, "JFIF JPEG"},
  {V4L2_PIX_FMT_H264, "H.264"},
  {V4L2_PIX_FMT_HEVC, "HEVC"},
  {V4L2_PIX_FMT_YUYV, "YUYV 4:2:2", 16},
  {V4L2_PIX_FMT_YVYU, "YVYU 4:2:2", 16},
  {V4L2_PIX_FMT_UYVY, "UYVY 4:2:2", 16},
  {V4L2_PIX_FMT_VYUY, "VYUY 4:2:2", 16},
  {V4L2_PIX_FMT_NV12, "Y/CbCr 4:2:0", 8, 1, 2, 2, 2},
  {V4L2_PIX_FMT_NV21, "Y/CrCb 4:2:0", 8, 1, 2, 2, 2},
  {V4L2_PIX_FMT_NV16, "Y/CbCr 4:2:2", 8, 1, 2, 2, 1},
  {V4L2_PIX_FMT_NV61, "Y/CrCb 4:2:2", 8, 1, 2, 2, 1},
  {V4L2_PIX_FMT_NV24, "Y/CbCr 4:4:4", 8, 1, 2, 1, 1},
  {V4L2_PIX_FMT_NV42, "Y/CrCb 4:4:4", 8, 1, 2, 1, 1},
  {V4L2_PIX_FMT_YUV420, "Planar YUV 4:2:0", 8, 2, 1, 2, 2},
  {V4L2_PIX_FMT_YVU420, "Planar YVU 4:2:0", 8, 2, 1, 2, 2},
  {V4L2_PIX_FMT_YUV422P, "Planar YUV 4:2:2", 8, 2, 1, 2, 1},
  {V4L2_PIX_FMT_YUV411P, "Planar YUV 4:1:1", 8, 2, 1, 4, 1},
  {V4L2_PIX_FMT_YUV410, "Planar YUV 4:1:0", 8, 2, 1, 4, 4},
  {V4L2_PIX_FMT_YVU410, "Planar YVU 4:1:0", 8, 2, 1, 4, 4},
  {V4L2_PIX_FMT_NV12M, "Y/CbCr 4:2:0 (N-C)", 8, 1, 2, 2, 2, true},
  {V4L2_PIX_FMT_NV21M, "Y/CrCb 4:2:0 (N-C)", 8, 1, 2, 2, 2, true},
  {V4L2_PIX_FMT_NV16M, "Y/CbCr 4:2:2 (N-C)", 8, 1, 2, 2, 1, true},
  {V4L2_PIX_FMT_NV61M, "Y/CrCb 4:2:2 (N-C)", 8, 1, 2, 2, 1, true},
  {V4L2_PIX_FMT_YUV420M, "Planar YUV 4:2:0 (N-C)", 8, 2, 1, 2, 2, true},
  {V4L2_PIX_FMT_YVU420M, "Planar YVU 4:2:0 (N-C)", 8, 2, 1, 2, 2, true},
  {V4L2_PIX_FMT_YUV422M, "Planar YUV 4:2:2 (N-C)", 8, 2, 1, 2, 1, true},
  {V4L2_PIX_FMT_YVU422M, "Planar YVU 4:2:2 (N-C)", 8, 2, 1, 2, 1, true},
  {V4L2_PIX_FMT_YUV444M, "Planar YUV 4:4:4 (N-C)", 8, 2, 1, 1, 1, true},
  {V4L2_PIX_FMT_YVU444M, "Planar YVU 4:4:4 (N-C)", 8, 2, 1, 1, 1, true},
  {V4L2_PIX_FMT_M420, "YUV 4:2:0 (M420)", 12},
  {V4L2_PIX_FMT_GREY, "8-bit Greyscale", 8},
  {V4L2_PIX_FMT_Y10, "10-bit Greyscale", 16},
  {V4L2_PIX_FMT_Y12, "12-bit Greyscale", 16},
  {V4L2_PIX_FMT_Y16, "16-bit Greyscale", 16},
  {V4L2_PIX_FMT_RGB24, "24-bit RGB 8-8-8", 24},
  {V4L2_PIX_FMT_BGR24, "24-bit BGR 8-8-8", 24},
  {V4L2_PIX_FMT_RGB32, "32-bit A/XRGB 8-8-8-8", 32},
  {V4L2_PIX_FMT_BGR32, "32-bit BGRA/X 8-8-8-8", 32},
  {V4L2_PIX_FMT_ARGB32, "32-bit ARGB 8-8-8-8", 32},
  {V4L2_PIX_FMT_XRGB32, "32-bit XRGB 8-8-8-8", 32},
  {V4L2_PIX_FMT_ABGR32, "32-bit BGRA 8-8-8-8", 32},
  {V4L2_PIX_FMT_XBGR32, "32-bit BGRX 8-8-8-8", 32},
  {V4L2_PIX_FMT_RGBA32, "32-bit RGBA 8-8-8-8", 32},
  {V4L2_PIX_FMT_RGBX32, "32-bit RGBX 8-8-8-8", 32},
  {V4L2_PIX_FMT_BGRA32, "32-bit ABGR 8-8-8-8", 32},
  {V4L2_PIX_FMT_BGRX32, "32-bit XBGR 8-8-8-8", 32},
  {V4L2_PIX_FMT_RGB565, "16-bit RGB 5-6-5", 16},
  {V4L2_PIX_FMT_RGB555, "16-bit A/XRGB 1-5-5-5", 16},
  {V4L2_PIX_FMT_XRGB555, "16-bit XRGB 1-5-5-5", 16},
  {V4L2_PIX_FMT_RGB444, "16-bit A/XRGB 4-4-4-4", 16},
  {V4L2_PIX_FMT_XRGB444, "16-bit XRGB 4-4-4-4", 16},
  {V4L2_PIX_FMT_SRGGB10, "10-bit Bayer RGRG/GBGB", 16},
  {V4L2_META_FMT_UVC, "UVC Payload Header Metadata"},
};

static const struct shape unknown = {.name = "Unknown", .bits = 16};

static const struct shape *find(uint32_t fourcc) {
  for (uint32_t index = 0; index < sizeof shapes / sizeof *shapes; index++) {
    if (shapes[index].fourcc == fourcc) return &shapes[index];
  }
  return &unknown;
}

bool camera_is_jpeg(uint32_t fourcc) { return fourcc == V4L2_PIX_FMT_MJPEG || fourcc == V4L2_PIX_FMT_JPEG; }

bool camera_is_video(uint32_t fourcc) { return fourcc == V4L2_PIX_FMT_H264 || fourcc == V4L2_PIX_FMT_HEVC; }

const char *camera_format_name(uint32_t fourcc) { return find(fourcc)->name; }

bool camera_has_one_field(uint32_t field) {
  return field == V4L2_FIELD_TOP || field == V4L2_FIELD_BOTTOM || field == V4L2_FIELD_ALTERNATE;
}

struct camera_layout camera_layout_of(struct camera_state *state, uint32_t fourcc, uint32_t width, uint32_t height) {
  const struct shape *shape = find(fourcc);
  struct camera_layout layout = {.memories = 1, .rows = height};
  if (camera_is_jpeg(fourcc) || camera_is_video(fourcc)) {
    // Room for what no encoder would make of it, as UVC cameras say.
    layout.lengths[0] = layout.total = width * height * 2 + 4096;
    return layout;
  }
  bool is_scaled = camera_switched(state, camera_switch_scaled_fields) != 0;
  if (!is_scaled && camera_has_one_field((uint32_t)camera_switched(state, camera_switch_field))) layout.rows /= 2;
  uint32_t stride = width * shape->bits / 8 + (uint32_t)camera_switched(state, camera_switch_padding);
  layout.strides[0] = stride;
  layout.lengths[0] = stride * layout.rows;
  for (uint32_t plane = 1; plane <= shape->planes; plane++) {
    uint32_t chroma = shape->samples * ((stride + shape->columns - 1) / shape->columns);
    uint32_t length = chroma * ((layout.rows + shape->rows - 1) / shape->rows);
    if (shape->is_apart) {
      layout.memories = plane + 1;
      layout.strides[plane] = chroma;
      layout.lengths[plane] = length;
    } else {
      layout.lengths[0] += length;
    }
  }
  for (uint32_t memory = 0; memory < layout.memories; memory++) layout.total += layout.lengths[memory];
  return layout;
}

struct camera_layout camera_current_layout(struct camera_state *state) {
  return camera_layout_of(
    state, atomic_load(&state->fourcc), atomic_load(&state->width), atomic_load(&state->height));
}
