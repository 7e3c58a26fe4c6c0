// libasound's devices: their states, their ring of samples and their clock.
#define _GNU_SOURCE
#include "Card.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct _snd_pcm_status {
  snd_pcm_state_t state;
  snd_pcm_uframes_t available;
  snd_pcm_sframes_t delay;
  snd_htimestamp_t time;
};

int snd_pcm_status_malloc(snd_pcm_status_t **pointer) {
  *pointer = calloc(1, sizeof **pointer);
  return *pointer == NULL ? -ENOMEM : 0;
}

void snd_pcm_status_free(snd_pcm_status_t *pointer) { free(pointer); }
snd_pcm_state_t snd_pcm_status_get_state(const snd_pcm_status_t *status) { return status->state; }
snd_pcm_uframes_t snd_pcm_status_get_avail(const snd_pcm_status_t *status) { return status->available; }
snd_pcm_sframes_t snd_pcm_status_get_delay(const snd_pcm_status_t *status) { return status->delay; }
void snd_pcm_status_get_htstamp(const snd_pcm_status_t *status, snd_htimestamp_t *time) { *time = status->time; }

static bool is_dead(snd_pcm_t *pcm) {
  return microphone_switched(pcm->card, microphone_switch_unplugged) != 0
    || atomic_load(&pcm->card->plugging) != pcm->plugging;
}

// MARK: The ring

// Frames a nanosecond of the monotonic clock.
static double pace(snd_pcm_t *pcm) {
  return pcm->mode.rate * (1 + pcm->card->description.drift * 1e-6) / 1e9;
}

// A USB card brings the samples of a millisecond at a time.
static uint64_t packet(snd_pcm_t *pcm) { return pcm->mode.rate / 1000; }

// What had come by that time since it was started.
static uint64_t captured_at(snd_pcm_t *pcm, uint64_t now) {
  if (pcm->state != SND_PCM_STATE_RUNNING) return 0;
  // Rounding must not lose a frame that is just complete.
  uint64_t captured = (uint64_t)((double)(now - pcm->started) * pace(pcm) + 1e-6);
  return captured / packet(pcm) * packet(pcm);
}

// What lies in the ring at that time.
static uint64_t available_at(snd_pcm_t *pcm, uint64_t now) {
  return pcm->state == SND_PCM_STATE_RUNNING ? captured_at(pcm, now) - pcm->read : 0;
}

static uint64_t available(snd_pcm_t *pcm) { return available_at(pcm, microphone_now(pcm->card)); }

// Rounded up to a multiple.
static uint64_t whole(uint64_t frames, uint64_t unit) { return (frames + unit - 1) / unit * unit; }

// The frames after which a reader is woken. A driver looks how many there are at the end of a period only, and when it is
// asked.
static uint64_t waking(snd_pcm_t *pcm) {
  uint64_t wanted = pcm->read + pcm->wakes_after;
  return pcm->asked >= wanted ? wanted : whole(wanted, pcm->mode.period);
}

static bool wakes(snd_pcm_t *pcm) { return pcm->read + available(pcm) >= waking(pcm); }

// When there is enough in the ring to wake the reader, as long as the card runs.
static uint64_t wakes_at(snd_pcm_t *pcm) {
  // A microsecond later, since the clock's frames are rounded.
  return pcm->started + (uint64_t)((double)whole(waking(pcm), packet(pcm)) / pace(pcm)) + 1000;
}

// The frames that wait in a playback device's ring at that time; negative if it has run empty.
static int64_t unplayed_at(snd_pcm_t *pcm, uint64_t now) {
  if (pcm->state != SND_PCM_STATE_RUNNING) return (int64_t)pcm->written;
  bool is_stalled = microphone_switched(pcm->card, microphone_switch_stalled) != 0;
  int64_t ahead = microphone_switched(pcm->card, microphone_switch_taken_ahead);
  if (!is_stalled) {
    pcm->advanced = (int64_t)((double)(now - pcm->started) * pace(pcm) + 1e-6);
    bool is_coarse = microphone_switched(pcm->card, microphone_switch_whole_periods) != 0;
    if (is_coarse) pcm->advanced -= pcm->advanced % pcm->mode.period;
  }
  int64_t waiting = (int64_t)pcm->written - pcm->advanced - ahead;
  return is_stalled && waiting < 0 ? 0 : waiting;
}

static int64_t unplayed(snd_pcm_t *pcm) { return unplayed_at(pcm, microphone_now(pcm->card)); }

// 0, or what keeps samples from coming or going.
static int fault(snd_pcm_t *pcm) {
  if (is_dead(pcm)) return -ENODEV;
  if (microphone_switched(pcm->card, microphone_switch_suspended) != 0) pcm->state = SND_PCM_STATE_SUSPENDED;
  if (pcm->state == SND_PCM_STATE_SUSPENDED) return -ESTRPIPE;
  bool is_late = pcm->played != NULL ? unplayed(pcm) < 0 : available(pcm) > pcm->mode.buffer;
  if (pcm->state == SND_PCM_STATE_RUNNING && is_late) pcm->state = SND_PCM_STATE_XRUN;
  if (pcm->state == SND_PCM_STATE_XRUN) return -EPIPE;
  return -microphone_switched(pcm->card, microphone_switch_read_error);
}

// MARK: Opening

// Reads the recording that is heard in place of the tone, if there is one.
static int load(snd_pcm_t *pcm) {
  const char *path = pcm->card->description.heard;
  if (path[0] == 0) return 0;
  FILE *file = fopen(path, "rb");
  if (file == NULL) return -errno;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  // No frame is longer than that: eight channels of four bytes.
  pcm->heard = size >= 32 ? malloc((size_t)size) : NULL;
  bool is_read = pcm->heard != NULL && fread(pcm->heard, 1, (size_t)size, file) == (size_t)size;
  pcm->heard_size = is_read ? (size_t)size : 0;
  fclose(file);
  return is_read ? 0 : -EIO;
}

int snd_pcm_open(snd_pcm_t **opened, const char *name, snd_pcm_stream_t stream, int mode) {
  int device;
  struct microphone_card *card = microphone_named(name, &device);
  if (card == NULL) return -ENOENT;
  atomic_fetch_add(&card->attempts, 1);
  int error = microphone_switched(card, microphone_switch_open_error);
  if (error != 0) return -error;
  bool plays = stream == SND_PCM_STREAM_PLAYBACK;
  if (plays ? device != 0 || card->description.played[0] == 0 : device != card->description.device) return -ENOENT;
  int32_t nobody = 0;
  if (!atomic_compare_exchange_strong(plays ? &card->players : &card->openers, &nobody, 1)) return -EBUSY;
  snd_pcm_t *pcm = calloc(1, sizeof *pcm);
  if (pcm == NULL) return -ENOMEM;
  if (plays) pcm->played = fopen(card->description.played, "ab");
  if (plays && pcm->played == NULL) return free(pcm), -EIO;
  pcm->card = card;
  error = plays ? 0 : load(pcm);
  if (error != 0) return atomic_store(&card->openers, 0), free(pcm->heard), free(pcm), error;
  microphone_retain(card);
  pcm->plugging = atomic_load(&card->plugging);
  pcm->state = SND_PCM_STATE_OPEN;
  pcm->is_nonblocking = (mode & SND_PCM_NONBLOCK) != 0;
  *opened = pcm;
  return 0;
}

int snd_pcm_close(snd_pcm_t *pcm) {
  if (atomic_load(&pcm->card->plugging) == pcm->plugging) {
    atomic_store(pcm->played != NULL ? &pcm->card->players : &pcm->card->openers, 0);
  }
  if (pcm->played != NULL) fclose(pcm->played);
  microphone_release(pcm->card);
  free(pcm->heard);
  free(pcm);
  return 0;
}

// MARK: States

int snd_pcm_prepare(snd_pcm_t *pcm) {
  if (is_dead(pcm)) return -ENODEV;
  atomic_store(&pcm->card->switches[microphone_switch_suspended], 0);
  if (pcm->started != 0) pcm->ended = pcm->started + (uint64_t)((double)pcm->written / pace(pcm));
  pcm->written = 0;
  pcm->state = SND_PCM_STATE_PREPARED;
  return 0;
}

int snd_pcm_start(snd_pcm_t *pcm) {
  if (is_dead(pcm)) return -ENODEV;
  if (pcm->state != SND_PCM_STATE_PREPARED) return -EBADFD;
  pcm->state = SND_PCM_STATE_RUNNING;
  pcm->started = microphone_now(pcm->card);
  pcm->read = 0;
  pcm->asked = 0;
  pcm->advanced = 0;
  return 0;
}

int snd_pcm_resume(snd_pcm_t *pcm) {
  if (is_dead(pcm)) return -ENODEV;
  if (microphone_take(pcm->card, microphone_switch_resume_delays)) return -EAGAIN;
  if (microphone_switched(pcm->card, microphone_switch_cannot_resume) != 0) return -ENOSYS;
  atomic_store(&pcm->card->switches[microphone_switch_suspended], 0);
  pcm->state = SND_PCM_STATE_PREPARED;
  return snd_pcm_start(pcm);
}

// MARK: Reading

int snd_pcm_wait(snd_pcm_t *pcm, int timeout) {
  uint64_t deadline = microphone_now(pcm->card) + (uint64_t)timeout * 1000000;
  if (pcm->state == SND_PCM_STATE_RUNNING && microphone_take(pcm->card, microphone_switch_overruns)) {
    pcm->state = SND_PCM_STATE_XRUN;
  }
  while (true) {
    int error = fault(pcm);
    if (error != 0) return error;
    if (microphone_switched(pcm->card, microphone_switch_empty_wakes) != 0) return 1;
    bool is_stalled = microphone_switched(pcm->card, microphone_switch_stalled) != 0;
    if (!is_stalled && pcm->state == SND_PCM_STATE_RUNNING && wakes(pcm)) return 1;
    uint64_t now = microphone_now(pcm->card);
    if (timeout >= 0 && now >= deadline) return 0;
    // In steps, since the test may unplug the card meanwhile. In real time they are long, since a card wakes its reader
    // only when there is something, and what a program costs is measured with this one.
    bool is_due = !pcm->card->is_virtual && !is_stalled && pcm->state == SND_PCM_STATE_RUNNING;
    uint64_t next = now + (is_due ? 25000000 : 1000000);
    if (is_due && wakes_at(pcm) < next) next = wakes_at(pcm);
    microphone_sleep(pcm->card, timeout >= 0 && next > deadline ? deadline : next);
    // What a stalled card would have heard is lost.
    if (is_stalled && pcm->state == SND_PCM_STATE_RUNNING) pcm->read += available(pcm);
  }
}

static snd_htimestamp_t stamp(snd_pcm_t *pcm, uint64_t time) {
  if (!pcm->has_timestamps || microphone_switched(pcm->card, microphone_switch_no_timestamps) != 0) {
    return (snd_htimestamp_t){0};
  }
  time += (uint64_t)((int64_t)microphone_switched(pcm->card, microphone_switch_clock_offset) * 1000000);
  return (snd_htimestamp_t){.tv_sec = (time_t)(time / 1000000000), .tv_nsec = (long)(time % 1000000000)};
}

int snd_pcm_status(snd_pcm_t *pcm, snd_pcm_status_t *status) {
  if (is_dead(pcm)) return -ENODEV;
  fault(pcm);
  bool is_empty = microphone_switched(pcm->card, microphone_switch_empty_wakes) != 0;
  status->state = pcm->state;
  // One time for all, as a driver has it: this thread may have to wait between any two steps.
  uint64_t now = microphone_now(pcm->card);
  status->available = is_empty ? 0 : available_at(pcm, now);
  pcm->asked = captured_at(pcm, now);
  int64_t waiting = pcm->played != NULL ? unplayed_at(pcm, now) : (int64_t)status->available;
  if (pcm->played != NULL) status->available = (snd_pcm_uframes_t)((int64_t)pcm->mode.buffer - waiting);
  status->delay = (snd_pcm_sframes_t)waiting + microphone_switched(pcm->card, microphone_switch_hardware_delay);
  if (pcm->played != NULL) status->delay += microphone_switched(pcm->card, microphone_switch_taken_ahead);
  status->time = stamp(pcm, now);
  return 0;
}

static size_t frame_size(snd_pcm_t *pcm) {
  size_t width = pcm->format == SND_PCM_FORMAT_S16_LE ? 2 : pcm->format == SND_PCM_FORMAT_S24_3LE ? 3 : 4;
  return width * pcm->channels;
}

// Frames of the recording, which begins again at its end.
static void replay(snd_pcm_t *pcm, uint8_t *bytes, uint64_t frames) {
  size_t whole = pcm->heard_size - pcm->heard_size % frame_size(pcm);
  size_t place = pcm->read * frame_size(pcm) % whole, rest = frames * frame_size(pcm);
  while (rest > 0) {
    size_t count = whole - place < rest ? whole - place : rest;
    memcpy(bytes, pcm->heard + place, count);
    bytes += count;
    rest -= count;
    place = 0;
  }
}

snd_pcm_sframes_t snd_pcm_readi(snd_pcm_t *pcm, void *bytes, snd_pcm_uframes_t frames) {
  int error = fault(pcm);
  if (error != 0) return error;
  uint64_t count = available(pcm);
  if (microphone_switched(pcm->card, microphone_switch_empty_wakes) != 0) count = 0;
  if (count > frames) count = frames;
  // A blocking device is not needed.
  if (count == 0) return frames == 0 ? 0 : -EAGAIN;
  if (pcm->heard != NULL) {
    replay(pcm, bytes, count);
  } else {
    double step = 1 / (pace(pcm) * 1e9);
    double time = (double)(int64_t)(pcm->started - pcm->card->epoch) / 1e9 + (double)pcm->read * step;
    microphone_play(pcm, time, step, bytes, count);
  }
  pcm->read += count;
  return (snd_pcm_sframes_t)count;
}

// MARK: Playing

snd_pcm_state_t snd_pcm_state(snd_pcm_t *pcm) { return pcm->state; }

int snd_pcm_drop(snd_pcm_t *pcm) {
  if (is_dead(pcm)) return -ENODEV;
  pcm->state = SND_PCM_STATE_SETUP;
  return 0;
}

// Writes silence for the time in which nothing was played; no test waits for longer than half a minute.
static void skip(snd_pcm_t *pcm) {
  uint64_t now = microphone_now(pcm->card);
  if (pcm->ended == 0 || now <= pcm->ended) return;
  uint64_t frames = (uint64_t)((double)(now - pcm->ended) * pace(pcm));
  if (frames > 30 * pcm->mode.rate) frames = 30 * pcm->mode.rate;
  for (uint64_t byte = 0; byte < frames * frame_size(pcm); byte++) fputc(0, pcm->played);
}

snd_pcm_sframes_t snd_pcm_writei(snd_pcm_t *pcm, const void *bytes, snd_pcm_uframes_t frames) {
  int error = fault(pcm);
  if (error != 0) return error;
  if (pcm->state != SND_PCM_STATE_RUNNING && pcm->state != SND_PCM_STATE_PREPARED) return -EBADFD;
  int64_t room = (int64_t)pcm->mode.buffer - unplayed(pcm);
  if (room <= 0) return -EAGAIN;
  if (frames > (snd_pcm_uframes_t)room) frames = (snd_pcm_uframes_t)room;
  bool is_first = pcm->state == SND_PCM_STATE_PREPARED;
  if (is_first) skip(pcm);
  fwrite(bytes, frame_size(pcm), frames, pcm->played);
  fflush(pcm->played);
  // The threshold of starting is one frame.
  if (is_first) snd_pcm_start(pcm);
  pcm->written += frames;
  return (snd_pcm_sframes_t)frames;
}
