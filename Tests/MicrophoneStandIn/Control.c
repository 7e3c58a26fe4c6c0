// libasound's control interface, as far as the program uses it.
#define _GNU_SOURCE
#include "Card.h"
#include <errno.h>
#include <stdlib.h>

struct _snd_ctl {
  struct microphone_card *card;
};

struct _snd_ctl_card_info {
  struct microphone_card *card;
};

struct _snd_pcm_info {
  unsigned device;
  snd_pcm_stream_t stream;
  struct microphone_card *card;
};

#define ALLOCATE(name) \
  int name##_malloc(name##_t **pointer) { \
    *pointer = calloc(1, sizeof **pointer); \
    return *pointer == NULL ? -ENOMEM : 0; \
  } \
  void name##_free(name##_t *pointer) { free(pointer); }

ALLOCATE(snd_ctl_card_info)
ALLOCATE(snd_pcm_info)

int snd_card_next(int *card) {
  *card = microphone_after(*card);
  return 0;
}

int snd_ctl_open(snd_ctl_t **control, const char *name, int mode) {
  (void)mode;
  int device;
  struct microphone_card *card = microphone_named(name, &device);
  if (card == NULL) return -ENOENT;
  if (microphone_switched(card, microphone_switch_open_error) == EACCES) return -EACCES;
  *control = calloc(1, sizeof **control);
  if (*control == NULL) return -ENOMEM;
  (*control)->card = card;
  microphone_retain(card);
  return 0;
}

int snd_ctl_close(snd_ctl_t *control) {
  microphone_release(control->card);
  free(control);
  return 0;
}

int snd_ctl_card_info(snd_ctl_t *control, snd_ctl_card_info_t *info) {
  info->card = control->card;
  return 0;
}

const char *snd_ctl_card_info_get_id(const snd_ctl_card_info_t *info) { return info->card->description.id; }
const char *snd_ctl_card_info_get_name(const snd_ctl_card_info_t *info) { return info->card->description.name; }

// Before the one that records there is one that only plays, as on many cards.
int snd_ctl_pcm_next_device(snd_ctl_t *control, int *device) {
  int recording = control->card->description.device;
  *device = *device < 0 ? 0 : *device < recording ? recording : -1;
  return 0;
}

void snd_pcm_info_set_device(snd_pcm_info_t *info, unsigned value) { info->device = value; }
void snd_pcm_info_set_subdevice(snd_pcm_info_t *info, unsigned value) { (void)info, (void)value; }
void snd_pcm_info_set_stream(snd_pcm_info_t *info, snd_pcm_stream_t value) { info->stream = value; }
const char *snd_pcm_info_get_name(const snd_pcm_info_t *info) { return info->card->description.device_name; }

int snd_ctl_pcm_info(snd_ctl_t *control, snd_pcm_info_t *info) {
  info->card = control->card;
  if (info->stream == SND_PCM_STREAM_PLAYBACK) {
    return info->device == 0 && control->card->description.played[0] != 0 ? 0 : -ENOENT;
  }
  bool records = control->card->description.device >= 0
    && info->device == (unsigned)control->card->description.device;
  return records ? 0 : -ENOENT;
}
