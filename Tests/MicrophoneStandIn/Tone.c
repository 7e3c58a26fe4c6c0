// What a card hears, in its sample formats.
#include "Card.h"
#include <math.h>
#include <string.h>

// The fourth byte of S24_LE has no meaning: it has what a reader must not take for a part of the sample.
enum { rubbish = 0xa5 };

static int32_t scaled(double value, double full) {
  double sample = round(value * full);
  return (int32_t)(sample > full - 1 ? full - 1 : sample < -full ? -full : sample);
}

static uint8_t *put(uint8_t *bytes, uint32_t value, int count) {
  for (int i = 0; i < count; i++) *bytes++ = (uint8_t)(value >> 8 * i);
  return bytes;
}

static uint8_t *put_float(uint8_t *bytes, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return put(bytes, bits, 4);
}

static uint8_t *put_sample(uint8_t *bytes, snd_pcm_format_t format, double value) {
  switch (format) {
  case SND_PCM_FORMAT_S16_LE: return put(bytes, (uint32_t)scaled(value, 0x1p15), 2);
  case SND_PCM_FORMAT_S24_3LE: return put(bytes, (uint32_t)scaled(value, 0x1p23), 3);
  case SND_PCM_FORMAT_S24_LE:
    bytes = put(bytes, (uint32_t)scaled(value, 0x1p23), 3);
    *bytes = rubbish;
    return bytes + 1;
  case SND_PCM_FORMAT_S32_LE: return put(bytes, (uint32_t)scaled(value, 0x1p31), 4);
  case SND_PCM_FORMAT_FLOAT_LE: return put_float(bytes, (float)value);
  default: return bytes;
  }
}

void microphone_play(struct _snd_pcm *pcm, double time, double step, uint8_t *bytes, uint64_t frames) {
  const struct microphone_description *description = &pcm->card->description;
  bool is_broken = microphone_switched(pcm->card, microphone_switch_not_a_number) != 0;
  bool is_alone = microphone_switched(pcm->card, microphone_switch_one_channel) != 0;
  for (uint64_t frame = 0; frame < frames; frame++) {
    double turns = description->frequency * (time + (double)frame * step);
    double value = description->amplitude * sin(2 * M_PI * (turns - floor(turns)));
    if (is_broken) value = NAN;
    for (uint32_t channel = 0; channel < pcm->channels; channel++) {
      bytes = put_sample(bytes, pcm->format, value);
      value = is_alone ? 0 : value / 2;
    }
  }
}
