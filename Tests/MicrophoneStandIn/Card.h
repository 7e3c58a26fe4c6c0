// A card as the test and the programs share it, and what a program has open of it.
#pragma once
#include "MicrophoneStandIn.h"
#include <alsa/asoundlib.h>
#include <stdatomic.h>
#include <stdio.h>

#pragma GCC visibility push(hidden)

enum { microphone_version = 5, microphone_most_cards = 512 };
#define MICROPHONE_MAGIC "microphone  5\n"

struct microphone_card {
  char magic[16];
  uint32_t size;
  struct microphone_description description;
  _Atomic int32_t switches[microphone_switch_count];
  bool is_virtual;
  _Atomic uint64_t virtual_time;
  uint64_t epoch;
  // Moves when the card is unplugged: what was opened before is dead.
  _Atomic uint32_t plugging;
  _Atomic int32_t openers, players, attempts;
  _Atomic int32_t format;
  _Atomic uint32_t period, buffer;
};

static inline int32_t microphone_switched(struct microphone_card *card, enum microphone_switch name) {
  return atomic_load(&card->switches[name]);
}

// Takes one of the next n.
bool microphone_take(struct microphone_card *card, enum microphone_switch name);
void microphone_retain(struct microphone_card *card);
void microphone_release(struct microphone_card *card);
// NULL where there is none of that number, or it is unplugged.
struct microphone_card *microphone_find(int number);
// The number of the next card that is there after that one; -1 for none.
int microphone_after(int number);
// Of hw:N, hw:CARD=ID and hw:CARD=ID,DEV=N. NULL and a device of -1 where there is none.
struct microphone_card *microphone_named(const char *name, int *device);

// Of snd_pcm_hw_params_t: what is left of the configuration space.
struct _snd_pcm_hw_params {
  uint64_t formats;
  uint32_t least_channels, most_channels;
  // A bit for each of the description's rates; for a range the rate itself, once it is set.
  uint32_t rates, rate;
  uint32_t period, buffer;
};

struct _snd_pcm {
  struct microphone_card *card;
  uint32_t plugging;
  snd_pcm_state_t state;
  struct _snd_pcm_hw_params mode;
  snd_pcm_format_t format;
  uint32_t channels, wakes_after;
  bool is_nonblocking, has_timestamps;
  // When it was started, and since then the frames read, and those that there were when the driver was asked last.
  uint64_t started, read, asked;
  // The recording that is heard in place of the tone, and its bytes; NULL if there is none.
  uint8_t *heard;
  size_t heard_size;
  // Of a playback device: the file, the frames written since it was started, and when what was written before ends.
  FILE *played;
  uint64_t written, ended;
  // The frames that it had played when it was last looked at; a stalled card stays there.
  int64_t advanced;
};

// Writes frames of the tone, of which the first was captured at that time since the card's creation, in seconds.
void microphone_play(struct _snd_pcm *pcm, double time, double step, uint8_t *bytes, uint64_t frames);

#pragma GCC visibility pop
