#pragma once
#include <dlfcn.h>
#include <stdbool.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

// Swift imports no macro that casts or calls another.

static const int cffmpeg_error_eof = AVERROR_EOF;
static const int cffmpeg_error_exit = AVERROR_EXIT;
static const int cffmpeg_error_invalid_data = AVERROR_INVALIDDATA;
static const int64_t cffmpeg_no_timestamp = AV_NOPTS_VALUE;

// Every function that is called, by the library it is in. The libraries are not linked: they bring a hundred and thirty
// others along, which cost each start 40 ms and 26 MB, for pictures that mostly do not come from FFmpeg.

#define CFFMPEG_AVUTIL(FUNCTION) \
  FUNCTION(av_channel_layout_default) FUNCTION(av_dict_free) FUNCTION(av_dict_get) FUNCTION(av_dict_set) \
  FUNCTION(av_frame_alloc) FUNCTION(av_frame_free) FUNCTION(av_frame_move_ref) FUNCTION(av_frame_unref) \
  FUNCTION(av_free) FUNCTION(av_malloc) FUNCTION(av_log_set_level) FUNCTION(av_opt_set_double) \
  FUNCTION(av_pix_fmt_desc_get) FUNCTION(av_rescale_q) FUNCTION(av_strerror)

#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 30, 100)
#define CFFMPEG_SIDE_DATA_AVCODEC(FUNCTION) FUNCTION(av_packet_side_data_get)
#define CFFMPEG_SIDE_DATA_AVFORMAT(FUNCTION)
#else
#define CFFMPEG_SIDE_DATA_AVCODEC(FUNCTION)
#define CFFMPEG_SIDE_DATA_AVFORMAT(FUNCTION) FUNCTION(av_stream_get_side_data)
#endif

#define CFFMPEG_AVCODEC(FUNCTION) \
  CFFMPEG_SIDE_DATA_AVCODEC(FUNCTION) FUNCTION(av_packet_alloc) FUNCTION(av_packet_free) \
  FUNCTION(av_packet_get_side_data) FUNCTION(av_packet_unref) FUNCTION(avcodec_alloc_context3) \
  FUNCTION(avcodec_find_decoder) FUNCTION(avcodec_find_decoder_by_name) FUNCTION(avcodec_flush_buffers) \
  FUNCTION(avcodec_free_context) FUNCTION(avcodec_open2) \
  FUNCTION(avcodec_parameters_to_context) FUNCTION(avcodec_receive_frame) FUNCTION(avcodec_send_packet)

#define CFFMPEG_AVFORMAT(FUNCTION) \
  FUNCTION(av_find_best_stream) FUNCTION(av_guess_frame_rate) FUNCTION(av_guess_sample_aspect_ratio) \
  CFFMPEG_SIDE_DATA_AVFORMAT(FUNCTION) FUNCTION(av_read_frame) FUNCTION(avformat_alloc_context) \
  FUNCTION(avformat_close_input) FUNCTION(avio_alloc_context) FUNCTION(avio_context_free) \
  FUNCTION(avio_open2) FUNCTION(avio_size) \
  FUNCTION(avformat_find_stream_info) FUNCTION(avformat_open_input) FUNCTION(avformat_seek_file)

#define CFFMPEG_SWRESAMPLE(FUNCTION) \
  FUNCTION(swr_alloc_set_opts2) FUNCTION(swr_convert) FUNCTION(swr_free) FUNCTION(swr_get_delay) \
  FUNCTION(swr_get_out_samples) FUNCTION(swr_init)

#define CFFMPEG_SWSCALE(FUNCTION) \
  FUNCTION(sws_freeContext) FUNCTION(sws_getCachedContext) FUNCTION(sws_getCoefficients) FUNCTION(sws_scale) \
  FUNCTION(sws_setColorspaceDetails)

// The functions as the headers declare them, so that the compiler checks calls through pointers as it does any.
// Filled in once and only read from then on, which makes it safe to share.
#define CFFMPEG_DECLARE(name) __typeof__(&name) _Nonnull name;
struct __attribute__((swift_attr("@Sendable"))) FFmpeg {
  CFFMPEG_AVUTIL(CFFMPEG_DECLARE)
  CFFMPEG_AVCODEC(CFFMPEG_DECLARE)
  CFFMPEG_AVFORMAT(CFFMPEG_DECLARE)
  CFFMPEG_SWRESAMPLE(CFFMPEG_DECLARE)
  CFFMPEG_SWSCALE(CFFMPEG_DECLARE)
};
#undef CFFMPEG_DECLARE

// Answers NULL where all is there, else the dynamic linker's words about what is not (valid until its next call). What
// is loaded stays. Structures are read as the headers lay them out, so nothing but their major version will do.
static inline const char *_Nullable cffmpeg_load(struct FFmpeg *_Nonnull ffmpeg) {
#define CFFMPEG_SONAME(name, major) "lib" #name ".so." AV_STRINGIFY(major)
#define CFFMPEG_FIND(name) \
  *(void **)&ffmpeg->name = dlsym(library, #name); \
  if (ffmpeg->name == NULL) return dlerror();
#define CFFMPEG_LOAD(name, major, functions) { \
  void *library = dlopen(CFFMPEG_SONAME(name, major), RTLD_LAZY | RTLD_LOCAL); \
  if (library == NULL) return dlerror(); \
  functions(CFFMPEG_FIND) }
  CFFMPEG_LOAD(avutil, LIBAVUTIL_VERSION_MAJOR, CFFMPEG_AVUTIL)
  CFFMPEG_LOAD(avcodec, LIBAVCODEC_VERSION_MAJOR, CFFMPEG_AVCODEC)
  CFFMPEG_LOAD(avformat, LIBAVFORMAT_VERSION_MAJOR, CFFMPEG_AVFORMAT)
  CFFMPEG_LOAD(swresample, LIBSWRESAMPLE_VERSION_MAJOR, CFFMPEG_SWRESAMPLE)
  CFFMPEG_LOAD(swscale, LIBSWSCALE_VERSION_MAJOR, CFFMPEG_SWSCALE)
#undef CFFMPEG_SONAME
#undef CFFMPEG_FIND
#undef CFFMPEG_LOAD
  return NULL;
}

// What a stream carries of `type`, at least `needed` bytes, or NULL: with FFmpeg 6.1 it moved to the parameters of the codec.
static inline const void *_Nullable cffmpeg_stream_side_data(
    const struct FFmpeg *_Nonnull ffmpeg, const AVStream *_Nonnull stream, enum AVPacketSideDataType type,
    size_t needed) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 30, 100)
  const AVPacketSideData *data = ffmpeg->av_packet_side_data_get(
      stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, type);
  return data != NULL && data->size >= needed ? data->data : NULL;
#else
  size_t size = 0;
  const uint8_t *data = ffmpeg->av_stream_get_side_data(stream, type, &size);
  return data != NULL && size >= needed ? data : NULL;
#endif
}

// How long a frame is shown, in the stream's time base: with FFmpeg 6 the field has a new name.
static inline int64_t cffmpeg_duration(const AVFrame *_Nonnull frame) {
#if LIBAVUTIL_VERSION_MAJOR >= 58
  return frame->duration;
#else
  return frame->pkt_duration;
#endif
}

// Whether a frame has two fields, which were taken at different times: with libavutil 58.7 it became a flag.
static inline bool cffmpeg_is_interlaced(const AVFrame *_Nonnull frame) {
#ifdef AV_FRAME_FLAG_INTERLACED
  return frame->flags & AV_FRAME_FLAG_INTERLACED;
#else
  return frame->interlaced_frame;
#endif
}

// Converts every `step`th row of a frame, so `height` of them. Arrays of plane pointers are tuples to Swift, and the two
// sides differ in constness.
static inline int cffmpeg_scale(
    __typeof__(&sws_scale) _Nonnull scale, struct SwsContext *context, const AVFrame *frame, int step, int height,
    uint8_t *y, int y_stride, uint8_t *u, uint8_t *v, int uv_stride, uint8_t *_Nullable alpha) {
  uint8_t *const planes[4] = {y, u, v, alpha};
  const int strides[4] = {y_stride, uv_stride, uv_stride, alpha == NULL ? 0 : y_stride};
  int rows[4];
  for (int plane = 0; plane < 4; plane++) rows[plane] = frame->linesize[plane] * step;
  return scale(context, (const uint8_t *const *)frame->data, rows, 0, height, planes, strides);
}

// A converter of sound like that in `frame` to interleaved floats, or NULL where there is none. Some files state channels
// that make no sense: where there are one or two, they are taken for mono or stereo. FFmpeg limits a mix to full scale
// only among integers, unless it is told to.
static inline struct SwrContext *_Nullable cffmpeg_resampler(
    const struct FFmpeg *_Nonnull ffmpeg, const AVFrame *_Nonnull frame, int channels, int sample_rate) {
  AVChannelLayout to, from = frame->ch_layout;
  ffmpeg->av_channel_layout_default(&to, channels);
  if (from.order != AV_CHANNEL_ORDER_NATIVE || from.nb_channels <= 2)
    ffmpeg->av_channel_layout_default(&from, from.nb_channels);
  struct SwrContext *context = NULL;
  int status = ffmpeg->swr_alloc_set_opts2(
      &context, &to, AV_SAMPLE_FMT_FLT, sample_rate, &from, (enum AVSampleFormat)frame->format, frame->sample_rate, 0,
      NULL);
  if (status >= 0) status = ffmpeg->av_opt_set_double(context, "rematrix_maxval", 1, 0);
  if (status >= 0) status = ffmpeg->swr_init(context);
  if (status < 0) ffmpeg->swr_free(&context);
  return context;
}

// Converts a frame, or at its end what the converter holds back; answers how many samples there are for each channel.
static inline int cffmpeg_resample(
    __typeof__(&swr_convert) _Nonnull convert, struct SwrContext *_Nonnull context, float *_Nonnull samples, int room,
    const AVFrame *_Nullable frame) {
  uint8_t *planes[1] = {(uint8_t *)samples};
  return frame == NULL ? convert(context, planes, room, NULL, 0)
                       : convert(context, planes, room, (const uint8_t **)frame->extended_data, frame->nb_samples);
}
