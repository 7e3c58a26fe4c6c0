// What it costs to make 4:2:0 of a camera's 1280x720 picture, by library: the ground for Sources/Video/JPEGDecoder.swift
// and PackedLayout.swift. Prints "CONVERSION LIBRARY MICROSECONDS" lines, each the median of interleaved rounds.
#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>
#include <libv4l-plugin.h>
#include <libv4lconvert.h>
#include <libyuv.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../../../Sources/CJPEG/shim.h"

enum { W = 1280, H = 720, C = W / 2, BLOCK = DCTSIZE, ROUNDS = 15, PICTURES = 20 };

static uint8_t yuyv[W * H * 2], rgb[W * H * 3], out[W * H * 3 / 2], wide[2][C * H];
static unsigned char *jpeg[2];  // 4:2:0, 4:2:2
static unsigned long jpeg_size[2];
static uint8_t *const y = out, *const u = out + W * H, *const v = out + W * H + C * H / 2;

static struct cjpeg_decoder decoder;
static struct v4lconvert_data *converter;
static AVCodecContext *codec;
static AVFrame *frame;
static AVPacket *packet;
static struct SwsContext *from_yuyv, *from_422;

static void check(int ok, const char *what) {
  if (!ok) {
    fprintf(stderr, "ConversionCost: %s failed\n", what);
    exit(1);
  }
}

static void encode(int i) {
  struct cjpeg_encoder encoder;
  cjpeg_create_encoder(&encoder);
  jpeg_mem_dest(&encoder.info, &jpeg[i], &jpeg_size[i]);
  encoder.info.image_width = W;
  encoder.info.image_height = H;
  encoder.info.input_components = 3;
  encoder.info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&encoder.info);
  jpeg_set_quality(&encoder.info, 85, TRUE);
  encoder.info.comp_info[0].v_samp_factor = i ? 1 : 2;
  jpeg_start_compress(&encoder.info, TRUE);
  for (int row = 0; row < H; row++) jpeg_write_scanlines(&encoder.info, (JSAMPROW[]){rgb + 3 * W * row}, 1);
  jpeg_finish_compress(&encoder.info);
  jpeg_destroy_compress(&encoder.info);
}

// Waves and noise: neither flat nor incompressible, as rooms are.
static void draw(void) {
  srand(1);
  for (int row = 0; row < H; row++)
    for (int x = 0; x < W; x++) {
      uint8_t *p = rgb + 3 * (row * W + x);
      int noise = rand() % 9;
      p[0] = (uint8_t)((x / 3 + row / 5 + noise) & 0xff);
      p[1] = (uint8_t)((x * row / 2000 + noise) & 0xff);
      p[2] = (uint8_t)((row / 2 + noise) & 0xff);
    }
  uint8_t *p = yuyv;
  for (int i = 0; i < W * H; i++) {
    *p++ = rgb[3 * i + 1];
    *p++ = rgb[3 * i + i % 2 * 2];
  }
  for (int i = 0; i < 2; i++) encode(i);
}

static void yuyv_libyuv(int i) { (void)i, check(YUY2ToI420(yuyv, 2 * W, y, W, u, C, v, C, W, H) == 0, "libyuv"); }

static struct v4l2_format format(unsigned code, unsigned stride, unsigned size) {
  struct v4l2_format f = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
  f.fmt.pix = (struct v4l2_pix_format){
      .width = W, .height = H, .pixelformat = code, .bytesperline = stride, .sizeimage = size};
  return f;
}

static void by_v4lconvert(unsigned code, unsigned stride, uint8_t *source, unsigned size) {
  struct v4l2_format from = format(code, stride, size), to = format(V4L2_PIX_FMT_YUV420, W, sizeof out);
  check(v4lconvert_convert(converter, &from, &to, source, (int)size, out, sizeof out) > 0, "libv4lconvert");
}

// There is no camera here: one that only answers who it is will do.
static int answer(void *context, int descriptor, unsigned long request, void *argument) {
  (void)context, (void)descriptor;
  if (request == VIDIOC_QUERYCAP) return memset(argument, 0, sizeof(struct v4l2_capability)), 0;
  errno = EINVAL;
  return -1;
}

static void yuyv_v4lconvert(int i) { (void)i, by_v4lconvert(V4L2_PIX_FMT_YUYV, 2 * W, yuyv, sizeof yuyv); }

static void scale(struct SwsContext *context, const uint8_t *const *planes, const int *strides) {
  uint8_t *const to[] = {y, u, v};
  const int to_strides[] = {W, C, C};
  check(sws_scale(context, planes, strides, 0, H, to, to_strides) == H, "libswscale");
}

static void yuyv_swscale(int i) {
  (void)i;
  const uint8_t *planes[] = {yuyv};
  const int strides[] = {2 * W};
  scale(from_yuyv, planes, strides);
}

static void jpeg_libyuv(int i) {
  check(MJPGToI420(jpeg[i], jpeg_size[i], y, W, u, C, v, C, W, H, W, H) == 0, "libyuv");
}

static bool is_damage(struct cjpeg_decoder *decoder) { return decoder != NULL; }

static void jpeg_turbo(int i) {
  JSAMPROW rows[3][2 * BLOCK];
  JSAMPARRAY planes[3] = {rows[0], rows[1], rows[2]};
  decoder = (struct cjpeg_decoder){.is_damage = is_damage, .most_scans = 1};
  check(cjpeg_read_header(&decoder, jpeg[i], jpeg_size[i]), "libjpeg-turbo");
  decoder.info.raw_data_out = TRUE;
  check(cjpeg_start(&decoder), "libjpeg-turbo");
  const int step = i ? BLOCK : 2 * BLOCK;
  for (int row = 0; row < H; row += step) {
    for (int n = 0; n < step; n++) rows[0][n] = y + (row + n) * W;
    for (int n = 0; n < BLOCK; n++) {
      int at = ((i ? row : row / 2) + n) * C;
      rows[1][n] = (i ? wide[0] : u) + at;
      rows[2][n] = (i ? wide[1] : v) + at;
    }
    check(cjpeg_read_raw(&decoder, planes, (JDIMENSION)step), "libjpeg-turbo");
  }
  check(cjpeg_finish(&decoder), "libjpeg-turbo");
  cjpeg_destroy(&decoder);
  if (!i) return;
  ScalePlane(wide[0], C, C, H, u, C, C, H / 2, kFilterBilinear);
  ScalePlane(wide[1], C, C, H, v, C, C, H / 2, kFilterBilinear);
}

static void jpeg_v4lconvert(int i) { by_v4lconvert(V4L2_PIX_FMT_MJPEG, 0, jpeg[i], (unsigned)jpeg_size[i]); }

static void jpeg_ffmpeg(int i) {
  packet->data = jpeg[i];
  packet->size = (int)jpeg_size[i];
  check(avcodec_send_packet(codec, packet) == 0 && avcodec_receive_frame(codec, frame) == 0, "libavcodec");
  if (i) scale(from_422, (const uint8_t *const *)frame->data, frame->linesize);
}

static double milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b) {
  double d = *(const double *)a - *(const double *)b;
  return (d > 0) - (d < 0);
}

int main(void) {
  static const struct {
    const char *conversion, *library;
    void (*run)(int);
    int which;
  } cases[] = {
      {"YUYV", "libyuv", yuyv_libyuv, 0},
      {"YUYV", "libv4lconvert", yuyv_v4lconvert, 0},
      {"YUYV", "libswscale", yuyv_swscale, 0},
      {"MJPEG-4:2:0", "libjpeg-turbo", jpeg_turbo, 0},
      {"MJPEG-4:2:0", "libyuv", jpeg_libyuv, 0},
      {"MJPEG-4:2:0", "libv4lconvert", jpeg_v4lconvert, 0},
      {"MJPEG-4:2:0", "libavcodec", jpeg_ffmpeg, 0},
      {"MJPEG-4:2:2", "libjpeg-turbo", jpeg_turbo, 1},
      {"MJPEG-4:2:2", "libyuv", jpeg_libyuv, 1},
      {"MJPEG-4:2:2", "libv4lconvert", jpeg_v4lconvert, 1},
      {"MJPEG-4:2:2", "libavcodec", jpeg_ffmpeg, 1},
  };
  enum { CASES = sizeof cases / sizeof *cases };
  static double times[CASES][ROUNDS];

  draw();
  static const struct libv4l_dev_ops operations = {.ioctl = answer};
  converter = v4lconvert_create_with_dev_ops(0, NULL, &operations);
  codec = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_MJPEG));
  codec->thread_count = 1;
  check(avcodec_open2(codec, NULL, NULL) == 0, "libavcodec");
  frame = av_frame_alloc();
  packet = av_packet_alloc();
  from_yuyv = sws_getContext(W, H, AV_PIX_FMT_YUYV422, W, H, AV_PIX_FMT_YUV420P, SWS_FAST_BILINEAR, NULL, NULL, NULL);
  from_422 = sws_getContext(W, H, AV_PIX_FMT_YUV422P, W, H, AV_PIX_FMT_YUV420P, SWS_FAST_BILINEAR, NULL, NULL, NULL);
  check(converter && frame && packet && from_yuyv && from_422, "setting up");

  for (int round = 0; round < ROUNDS; round++)
    for (int i = 0; i < CASES; i++) {
      cases[i].run(cases[i].which);  // warms the caches up
      double start = milliseconds();
      for (int n = 0; n < PICTURES; n++) cases[i].run(cases[i].which);
      times[i][round] = (milliseconds() - start) / PICTURES;
    }
  for (int i = 0; i < CASES; i++) {
    qsort(times[i], ROUNDS, sizeof **times, ascending);
    printf("%s %s %.0f\n", cases[i].conversion, cases[i].library, times[i][ROUNDS / 2] * 1e3);
  }
  return 0;
}
