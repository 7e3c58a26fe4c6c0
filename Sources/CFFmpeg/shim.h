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
