// The floor of scripts/bench for sound: libopus alone encodes a recording (one channel of 16 bits at 48 kHz), a packet each
// 20 ms, with the settings of Sources/Sound/OpusEncoder.swift for voice of which no losses are reported, and does nothing
// else. The processor's caches have forgotten it by then each time, as in a call: without the pauses it takes a little more
// than half as long.
//
// usage: libopus-floor FILE BITS_PER_SECOND COMPLEXITY SECONDS    prints: the seconds of CPU a second
#include <opus/opus.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { rate = 48000, block = rate / 50 };

static void die(const char *why) {
  fprintf(stderr, "libopus-floor: %s\n", why);
  exit(1);
}

int main(int argc, char **argv) {
  if (argc != 5) die("usage: libopus-floor FILE BITS_PER_SECOND COMPLEXITY SECONDS");
  FILE *file = fopen(argv[1], "rb");
  if (!file) die("cannot open the file");
  int error;
  OpusEncoder *encoder = opus_encoder_create(rate, 1, OPUS_APPLICATION_VOIP, &error);
  if (error != OPUS_OK) die("no encoder");
  opus_encoder_ctl(encoder, OPUS_SET_BITRATE(atoi(argv[2])));
  opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(atoi(argv[3])));
  opus_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(1));
  opus_encoder_ctl(encoder, OPUS_SET_PACKET_LOSS_PERC(0));
  opus_encoder_ctl(encoder, OPUS_SET_VBR_CONSTRAINT(1));
  struct timespec due, used;
  clock_gettime(CLOCK_MONOTONIC, &due);
  long packets = atol(argv[4]) * rate / block;
  for (long packet = 0; packet < packets; packet++) {
    int16_t samples[block];
    float input[block];
    unsigned char output[1276];
    if (fread(samples, sizeof samples, 1, file) != 1) {
      rewind(file);
      if (fread(samples, sizeof samples, 1, file) != 1) die("the file is too short");
    }
    for (int index = 0; index < block; index++) input[index] = samples[index] / 32768.0f;
    if (opus_encode_float(encoder, input, block, output, sizeof output) < 0) die("no packet");
    due.tv_nsec += 1000000000L / 50;
    if (due.tv_nsec >= 1000000000) due = (struct timespec){due.tv_sec + 1, due.tv_nsec - 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) != 0) {}
  }
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  printf("%.5f\n", ((double)used.tv_sec + used.tv_nsec * 1e-9) / atol(argv[4]));
  return 0;
}
