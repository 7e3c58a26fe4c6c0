#pragma once
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

// Swift imports no macro that casts or calls another.

static const int cffmpeg_error_eof = AVERROR_EOF;
static const int cffmpeg_error_invalid_data = AVERROR_INVALIDDATA;
static const int64_t cffmpeg_no_timestamp = AV_NOPTS_VALUE;

// Arrays of plane pointers are tuples to Swift, and the two sides differ in constness.
static inline int cffmpeg_scale(
    struct SwsContext *context, const AVFrame *frame, uint8_t *y, int y_stride, uint8_t *u, uint8_t *v, int uv_stride) {
  uint8_t *const planes[4] = {y, u, v, NULL};
  const int strides[4] = {y_stride, uv_stride, uv_stride, 0};
  return sws_scale(
      context, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, planes, strides);
}
