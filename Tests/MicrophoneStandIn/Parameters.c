// libasound's configuration space: each setting narrows it, and what it excludes is -EINVAL.
#define _GNU_SOURCE
#include "Card.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct _snd_pcm_sw_params {
  snd_pcm_uframes_t wakes_after;
  bool has_timestamps;
};

#define ALLOCATE(name) \
  int name##_malloc(name##_t **pointer) { \
    *pointer = calloc(1, sizeof **pointer); \
    return *pointer == NULL ? -ENOMEM : 0; \
  } \
  void name##_free(name##_t *pointer) { free(pointer); }

ALLOCATE(snd_pcm_hw_params)
ALLOCATE(snd_pcm_sw_params)

// MARK: Hardware

int snd_pcm_hw_params_any(snd_pcm_t *pcm, snd_pcm_hw_params_t *params) {
  const struct microphone_description *description = &pcm->card->description;
  memset(params, 0, sizeof *params);
  params->formats = description->formats;
  params->least_channels = description->least_channels;
  params->most_channels = description->most_channels;
  params->rates = (1u << description->rate_count) - 1;
  return 0;
}

int snd_pcm_hw_params_set_access(snd_pcm_t *pcm, snd_pcm_hw_params_t *params, snd_pcm_access_t access) {
  (void)pcm, (void)params;
  return access == SND_PCM_ACCESS_RW_INTERLEAVED ? 0 : -EINVAL;
}

int snd_pcm_hw_params_test_format(snd_pcm_t *pcm, snd_pcm_hw_params_t *params, snd_pcm_format_t format) {
  (void)pcm;
  return format >= 0 && format < 64 && (params->formats >> format & 1) != 0 ? 0 : -EINVAL;
}

int snd_pcm_hw_params_set_format(snd_pcm_t *pcm, snd_pcm_hw_params_t *params, snd_pcm_format_t format) {
  int status = snd_pcm_hw_params_test_format(pcm, params, format);
  if (status == 0) params->formats = 1ull << format;
  return status;
}

int snd_pcm_hw_params_test_channels(snd_pcm_t *pcm, snd_pcm_hw_params_t *params, unsigned count) {
  (void)pcm;
  return count >= params->least_channels && count <= params->most_channels ? 0 : -EINVAL;
}

int snd_pcm_hw_params_set_channels(snd_pcm_t *pcm, snd_pcm_hw_params_t *params, unsigned count) {
  int status = snd_pcm_hw_params_test_channels(pcm, params, count);
  if (status == 0) params->least_channels = params->most_channels = count;
  return status;
}

static uint32_t distance(uint32_t a, uint32_t b) { return a > b ? a - b : b - a; }

static uint32_t nearest(const struct microphone_description *description, uint32_t rate) {
  if (description->is_range) {
    uint32_t least = description->rates[0], most = description->rates[1];
    return rate < least ? least : rate > most ? most : rate;
  }
  uint32_t best = description->rates[0];
  for (uint32_t i = 1; i < description->rate_count; i++) {
    if (distance(description->rates[i], rate) < distance(best, rate)) best = description->rates[i];
  }
  return best;
}

int snd_pcm_hw_params_test_rate(snd_pcm_t *pcm, snd_pcm_hw_params_t *params, unsigned rate, int direction) {
  (void)direction;
  if (params->rate != 0) return params->rate == rate ? 0 : -EINVAL;
  return nearest(&pcm->card->description, rate) == rate ? 0 : -EINVAL;
}

int snd_pcm_hw_params_set_rate_near(snd_pcm_t *pcm, snd_pcm_hw_params_t *params, unsigned *rate, int *direction) {
  if (direction != NULL) *direction = 0;
  if (params->rate == 0) params->rate = nearest(&pcm->card->description, *rate);
  *rate = params->rate;
  return 0;
}

int snd_pcm_hw_params_set_period_size_near(
  snd_pcm_t *pcm, snd_pcm_hw_params_t *params, snd_pcm_uframes_t *frames, int *direction) {
  if (direction != NULL) *direction = 0;
  uint32_t least = pcm->card->description.least_period;
  params->period = (uint32_t)(*frames < least ? least : *frames);
  *frames = params->period;
  return 0;
}

int snd_pcm_hw_params_set_buffer_size_near(snd_pcm_t *pcm, snd_pcm_hw_params_t *params, snd_pcm_uframes_t *frames) {
  uint32_t periods = params->period == 0 ? 2 : (uint32_t)*frames / params->period;
  params->buffer = params->period * (periods < 2 ? 2 : periods);
  uint32_t most = pcm->card->description.most_buffer;
  if (most != 0 && params->buffer > most) params->buffer = most;
  *frames = params->buffer;
  return 0;
}

int snd_pcm_hw_params(snd_pcm_t *pcm, snd_pcm_hw_params_t *params) {
  bool is_whole = params->formats != 0 && params->least_channels == params->most_channels && params->rate != 0
    && params->period != 0 && params->buffer != 0;
  if (!is_whole) return -EINVAL;
  pcm->mode = *params;
  pcm->format = (snd_pcm_format_t)__builtin_ctzll(params->formats);
  pcm->channels = params->least_channels;
  pcm->wakes_after = params->period;
  // As libasound does, which prepares the device.
  pcm->state = SND_PCM_STATE_PREPARED;
  atomic_store(&pcm->card->format, pcm->format);
  atomic_store(&pcm->card->period, params->period);
  atomic_store(&pcm->card->buffer, params->buffer);
  return 0;
}

// MARK: Software

int snd_pcm_sw_params_current(snd_pcm_t *pcm, snd_pcm_sw_params_t *params) {
  *params = (struct _snd_pcm_sw_params){pcm->wakes_after, pcm->has_timestamps};
  return 0;
}

int snd_pcm_sw_params_set_avail_min(snd_pcm_t *pcm, snd_pcm_sw_params_t *params, snd_pcm_uframes_t frames) {
  // As libasound 1.2.8 does.
  params->wakes_after = frames < pcm->mode.period ? pcm->mode.period : frames;
  return 0;
}

int snd_pcm_sw_params_set_tstamp_mode(snd_pcm_t *pcm, snd_pcm_sw_params_t *params, snd_pcm_tstamp_t mode) {
  (void)pcm;
  params->has_timestamps = mode == SND_PCM_TSTAMP_ENABLE;
  return 0;
}

int snd_pcm_sw_params_set_tstamp_type(snd_pcm_t *pcm, snd_pcm_sw_params_t *params, snd_pcm_tstamp_type_t type) {
  (void)pcm, (void)params;
  return type == SND_PCM_TSTAMP_TYPE_MONOTONIC ? 0 : -EINVAL;
}

int snd_pcm_sw_params(snd_pcm_t *pcm, snd_pcm_sw_params_t *params) {
  pcm->wakes_after = (uint32_t)params->wakes_after;
  pcm->has_timestamps = params->has_timestamps;
  return 0;
}
