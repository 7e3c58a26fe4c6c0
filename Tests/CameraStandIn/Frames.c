#define _GNU_SOURCE
#include "Handle.h"
#include "Raw.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

// The gradient: brighter to the right, and moving by two pixels a frame; the colour is the same everywhere.
enum { gradient_period = 256, gradient_u = 100, gradient_v = 150 };

static uint32_t shift(uint32_t y, uint32_t number) { return 2 * ((y / 2 + number) % (gradient_period / 2)); }
static uint8_t luma(uint32_t x, uint32_t y, uint32_t number) { return (uint8_t)(x + shift(y, number)); }

// MARK: A file of frames

static void append_start(struct camera_reel *reel, uint32_t *room, size_t start) {
  if (reel->count + 2 > *room) {
    *room = *room == 0 ? 64 : *room * 2;
    reel->starts = realloc(reel->starts, *room * sizeof *reel->starts);
  }
  reel->starts[reel->count++] = start;
}

static void index_jpeg(struct camera_reel *reel) {
  size_t at = 0;
  uint32_t room = 0;
  while (at + 4 < reel->length && reel->bytes[at] == 0xFF && reel->bytes[at + 1] == 0xD8) {
    append_start(reel, &room, at);
    at += camera_jpeg_scan(reel->bytes + at, (uint32_t)(reel->length - at));
    while (at + 2 < reel->length && !(reel->bytes[at] == 0xFF && reel->bytes[at + 1] == 0xD9)) at++;
    at += 2;
    reel->starts[reel->count] = at;
  }
}

// Whether a NAL unit begins an access unit: access unit delimiters do, and the encoder is asked for one before each picture
// (ITU-T H.264 table 7-1; H.265 table 7-1).
static bool is_delimiter(uint32_t fourcc, uint8_t header) {
  return fourcc == V4L2_PIX_FMT_H264 ? (header & 0x1F) == 9 : (header >> 1 & 0x3F) == 35;
}

static void index_video(struct camera_reel *reel, uint32_t fourcc) {
  uint32_t room = 0;
  for (size_t at = 0; at + 4 < reel->length; at++) {
    if (memcmp(reel->bytes + at, "\0\0\0\1", 4) != 0 || !is_delimiter(fourcc, reel->bytes[at + 4])) continue;
    append_start(reel, &room, at);
  }
  if (reel->count > 0) reel->starts[reel->count] = reel->length;
}

static void index_raw(struct camera_reel *reel, size_t frame) {
  reel->count = frame == 0 ? 0 : (uint32_t)(reel->length / frame);
  reel->starts = calloc(reel->count + 1, sizeof *reel->starts);
  for (uint32_t index = 0; index <= reel->count; index++) reel->starts[index] = index * frame;
}

static bool map_file(struct camera_reel *reel, const char *path) {
  int file = raw_open(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  if (file < 0) return false;
  struct stat status;
  bool has_size = syscall(SYS_newfstatat, file, "", &status, AT_EMPTY_PATH) == 0 && status.st_size > 0;
  void *bytes = has_size ? raw_map((size_t)status.st_size, PROT_READ, file) : MAP_FAILED;
  raw_close(file);
  if (bytes == MAP_FAILED) return false;
  reel->bytes = bytes;
  reel->length = (size_t)status.st_size;
  return true;
}

static void open_file(
  struct camera_reel *reel, const char *folder, uint32_t fourcc, uint32_t width, uint32_t height, uint32_t length) {
  if (folder[0] == 0) return;
  char path[512];
  snprintf(path, sizeof path, "%s/%.4s-%ux%u.frame", folder, (char *)&fourcc, width, height);
  if (map_file(reel, path)) {
    index_raw(reel, reel->length);
    return;
  }
  path[strlen(path) - strlen(".frame")] = 0;
  if (!map_file(reel, path)) return;
  if (camera_is_jpeg(fourcc)) index_jpeg(reel);
  else if (camera_is_video(fourcc)) index_video(reel, fourcc);
  else index_raw(reel, length);
}

// MARK: Painting

// A row of what the format interleaves, or of the luma plane.
static uint8_t *gradient_row(uint32_t fourcc, uint32_t width) {
  uint32_t length = width + gradient_period;
  uint8_t *row = malloc((size_t)length * 3);
  for (uint32_t x = 0; row != NULL && x < length; x++) {
    uint8_t value = (uint8_t)x, chroma = x % 2 == 0 ? gradient_u : gradient_v;
    switch (fourcc) {
      case V4L2_PIX_FMT_YUYV: row[2 * x] = value; row[2 * x + 1] = chroma; break;
      case V4L2_PIX_FMT_UYVY: row[2 * x] = chroma; row[2 * x + 1] = value; break;
      case V4L2_PIX_FMT_RGB24:
      case V4L2_PIX_FMT_BGR24: memset(row + 3 * x, value, 3); break;
      case V4L2_PIX_FMT_SRGGB10: row[2 * x] = (uint8_t)(value << 2); row[2 * x + 1] = value >> 6; break;
      default: row[x] = value; break;
    }
  }
  return row;
}

static void fill_pairs(uint8_t *bytes, uint32_t count, uint8_t first, uint8_t second) {
  for (uint32_t index = 0; index < count; index++) {
    bytes[2 * index] = first;
    bytes[2 * index + 1] = second;
  }
}

// Without padding, in the formats that have a gradient.
static uint32_t paint(
  const uint8_t *row, uint32_t number, const struct camera_layout *layout, uint32_t fourcc, uint32_t width,
  uint8_t *bytes) {
  uint32_t line = layout->strides[0], pixel = line / width;
  for (uint32_t y = 0; y < layout->rows; y++) memcpy(bytes + y * line, row + pixel * shift(y, number), line);
  uint8_t *chroma = bytes + line * layout->rows;
  uint32_t count = ((width + 1) / 2) * ((layout->rows + 1) / 2);
  switch (fourcc) {
    case V4L2_PIX_FMT_YUV420:
      memset(chroma, gradient_u, count);
      memset(chroma + count, gradient_v, count);
      break;
    case V4L2_PIX_FMT_YVU420:
      memset(chroma, gradient_v, count);
      memset(chroma + count, gradient_u, count);
      break;
    case V4L2_PIX_FMT_NV12: fill_pairs(chroma, count, gradient_u, gradient_v); break;
    case V4L2_PIX_FMT_NV21: fill_pairs(chroma, count, gradient_v, gradient_u); break;
    default: break;
  }
  return layout->total;
}

// MARK: Frames

void camera_reel_open(struct camera_handle *handle) {
  struct camera_state *state = handle->state;
  uint32_t fourcc = atomic_load(&state->fourcc), width = atomic_load(&state->width);
  open_file(
    &handle->reel, camera_description(handle)->frames, fourcc, width, atomic_load(&state->height),
    camera_current_layout(state).total);
  if (handle->reel.count == 0) handle->reel.row = gradient_row(fourcc, width);
}

void camera_reel_close(struct camera_handle *handle) {
  struct camera_reel *reel = &handle->reel;
  if (reel->bytes != NULL) raw_unmap((void *)reel->bytes, reel->length);
  free(reel->starts);
  free(reel->row);
  *reel = (struct camera_reel){0};
}

// A payload header alone, as UVC's metadata node gives one.
static uint32_t fill_metadata(uint8_t *bytes) {
  enum { length = 22 };
  memset(bytes, 0, length);
  bytes[10] = 12;
  return length;
}

static uint32_t fill(struct camera_handle *handle, uint32_t number, uint8_t *bytes, uint32_t room) {
  const struct camera_reel *reel = &handle->reel;
  struct camera_state *state = handle->state;
  uint32_t fourcc = atomic_load(&state->fourcc), width = atomic_load(&state->width);
  uint32_t height = atomic_load(&state->height);
  if (camera_buffer_type(handle) == V4L2_BUF_TYPE_META_CAPTURE) return fill_metadata(bytes);
  if (reel->count > 0) {
    size_t start = reel->starts[number % reel->count], length = reel->starts[number % reel->count + 1] - start;
    if (length > room) length = room;
    memcpy(bytes, reel->bytes + start, length);
    return (uint32_t)length;
  }
  if (camera_is_jpeg(fourcc)) return camera_write_jpeg(bytes, room, width, height, luma, number);
  struct camera_layout layout = camera_current_layout(state);
  return reel->row == NULL ? 0 : paint(reel->row, number, &layout, fourcc, width, bytes);
}

uint32_t camera_fill(struct camera_handle *handle, uint32_t number, uint8_t *bytes, uint32_t room) {
  uint32_t length = fill(handle, number, bytes, room);
  uint32_t rows = (uint32_t)camera_switched(handle->state, camera_switch_composed_rows);
  struct camera_layout layout = camera_current_layout(handle->state);
  if (rows > 0 && rows < layout.rows) memset(bytes + rows * layout.strides[0], 0, length - rows * layout.strides[0]);
  return length;
}
