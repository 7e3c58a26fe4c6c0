// The floor of scripts/bench: libvpx alone encodes the frames of a Y4M file (4:2:0, 8 bit) at their own pace, with the
// settings of Sources/Video/VP8Encoder+Configuration.swift, and does nothing else. The file is mapped and its planes
// are read in place.
//
// usage: libvpx-floor FILE.y4m BITS_PER_SECOND SPEED KEY_FRAME_SECONDS SECONDS    prints: frames bytes
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

static void die(const char *why) {
  fprintf(stderr, "libvpx-floor: %s\n", why);
  exit(1);
}

int main(int argc, char **argv) {
  if (argc != 6) die("usage: libvpx-floor FILE.y4m BITS_PER_SECOND SPEED KEY_FRAME_SECONDS SECONDS");
  int fd = open(argv[1], O_RDONLY);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0) die("cannot open the file");
  unsigned char *file = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (file == MAP_FAILED) die("cannot map the file");
  unsigned char *newline = memchr(file, '\n', status.st_size);
  int width = 0, height = 0, rate = 0, per = 1;
  if (!newline || memcmp(file, "YUV4MPEG2 ", 10) != 0) die("not a Y4M file");
  for (char *field = strtok(strndup((char *)file, newline - file), " "); field; field = strtok(NULL, " ")) {
    if (field[0] == 'W') width = atoi(field + 1);
    if (field[0] == 'H') height = atoi(field + 1);
    if (field[0] == 'F') sscanf(field + 1, "%d:%d", &rate, &per);
  }
  if (width <= 0 || height <= 0 || rate <= 0) die("no size or rate in the header");
  double fps = (double)rate / per;

  vpx_codec_enc_cfg_t config;
  vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &config, 0);
  config.g_w = width;
  config.g_h = height;
  config.g_timebase = (vpx_rational_t){1, 90000};
  config.g_threads = 1;
  config.g_pass = VPX_RC_ONE_PASS;
  config.g_lag_in_frames = 0;
  config.g_error_resilient = VPX_ERROR_RESILIENT_DEFAULT;
  config.rc_end_usage = VPX_CBR;
  config.rc_target_bitrate = atoi(argv[2]) / 1000;
  config.rc_min_quantizer = 2;
  config.rc_max_quantizer = 63;
  config.rc_undershoot_pct = 100;
  config.rc_overshoot_pct = 15;
  config.rc_buf_initial_sz = 200;
  config.rc_buf_optimal_sz = 200;
  config.rc_buf_sz = 400;
  config.kf_mode = VPX_KF_AUTO;
  config.kf_max_dist = (unsigned)(atof(argv[4]) * fps + 0.5);
  vpx_codec_ctx_t codec;
  if (vpx_codec_enc_init(&codec, vpx_codec_vp8_cx(), &config, 0)) die("no encoder");
  vpx_codec_control(&codec, VP8E_SET_CPUUSED, atoi(argv[3]));
  vpx_codec_control(&codec, VP8E_SET_STATIC_THRESHOLD, 1);
  vpx_codec_control(&codec, VP8E_SET_NOISE_SENSITIVITY, 0);
  vpx_codec_control(&codec, VP8E_SET_TOKEN_PARTITIONS, VP8_ONE_TOKENPARTITION);
  double percent = (atoi(argv[2]) < 1000000 ? 120 : 240) * fps / 10;
  vpx_codec_control(&codec, VP8E_SET_MAX_INTRA_BITRATE_PCT, percent > 150 ? (int)percent : 150);

  size_t luma = (size_t)width * height, chroma = (size_t)((width + 1) / 2) * ((height + 1) / 2);
  unsigned char *position = newline + 1, *end = file + status.st_size;
  long frames = 0, bytes = 0, wanted = (long)(atof(argv[5]) * fps + 0.5);
  struct timespec start;
  clock_gettime(CLOCK_MONOTONIC, &start);
  while (frames < wanted && position < end) {
    unsigned char *picture = memchr(position, '\n', end - position);
    if (!picture || picture + 1 + luma + 2 * chroma > end) break;
    picture += 1;
    long long due = start.tv_nsec + (long long)(frames * 1e9 / fps);
    struct timespec time = {start.tv_sec + due / 1000000000, due % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) != 0) {}
    vpx_image_t image;
    vpx_img_wrap(&image, VPX_IMG_FMT_I420, width, height, 1, picture);
    if (vpx_codec_encode(&codec, &image, frames * 90000 / fps, 90000 / fps, 0, VPX_DL_REALTIME)) die("no frame");
    vpx_codec_iter_t iterator = NULL;
    const vpx_codec_cx_pkt_t *packet;
    while ((packet = vpx_codec_get_cx_data(&codec, &iterator)))
      if (packet->kind == VPX_CODEC_CX_FRAME_PKT) bytes += packet->data.frame.sz;
    position = picture + luma + 2 * chroma;
    frames++;
  }
  printf("%ld %ld\n", frames, bytes);
  return 0;
}
