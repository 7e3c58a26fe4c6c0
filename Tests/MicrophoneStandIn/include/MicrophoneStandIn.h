// A sound card that records, in user space, for tests: the functions of libasound that the program calls
// (https://www.alsa-project.org/alsa-doc/alsa-lib/pcm.html) are defined here and answer for stand-ins alone; no real card
// is seen. The code gets into a program by being linked in, or by LD_PRELOAD of libMicrophoneStandIn.so with
// MICROPHONE_STAND_IN=FILE[:FILE…] in the environment, where each file was made by microphone_create; the program and the
// test share its pages.
//
// A card hears a tone without end: at the time t since its creation, in seconds, its first channel is
// amplitude · sin(2π · frequency · t), and each further channel half as loud as the one before. One with a path in `heard`
// hears that recording instead, again and again: frames in the sample format and with the channels that are set.
//
// A card with a path in `played` plays as well, by its device 0: what is heard of it is in that file, in the sample format
// and with the channels that were set, with silence for what an underrun has left out.
//
// Where it differs from libasound: of the PCM's states only those are there that the program meets; poll descriptors,
// mmap, asynchronous handlers and plugins are not; the configuration space has no dependencies between rates, formats and
// channels.
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { microphone_most_rates = 12 };

struct microphone_description {
  char id[16], name[80], device_name[80];
  // Of the PCM device; none records where it is negative.
  int32_t device;
  // A bit for each snd_pcm_format_t.
  uint64_t formats;
  uint32_t least_channels, most_channels;
  // Of a range if there are two and `is_range`.
  uint32_t rate_count, rates[microphone_most_rates];
  bool is_range;
  // The shortest period, and the longest buffer unless it is 0, in frames.
  uint32_t least_period, most_buffer;
  double frequency, amplitude;
  // How much faster the card's clock runs than the monotonic one, in parts per million.
  double drift;
  // The file for what is played; empty if the card only records.
  char played[256];
  // The file with the recording; empty for the tone.
  char heard[256];
};

// What a test may turn at any time, in mid-stream too. 0 is a healthy card.
enum microphone_switch {
  // 1: the card has gone, and what was open of it answers ENODEV for ever.
  microphone_switch_unplugged,
  // An errno of opening; with EACCES the card is also not listed, as libasound does not list what it may not open.
  microphone_switch_open_error,
  // An errno of the next reading, and of what waits for it.
  microphone_switch_read_error,
  // 1: no samples come, or are played, and nothing says so.
  microphone_switch_stalled,
  // Overruns that are still to come, one for each time that the device is waited for.
  microphone_switch_overruns,
  // 1: the computer was suspended. snd_pcm_resume answers EAGAIN as often as `resume_delays` says, then ENOSYS if
  // `cannot_resume`, else it clears this.
  microphone_switch_suspended,
  microphone_switch_resume_delays,
  microphone_switch_cannot_resume,
  // 1: there are no timestamps.
  microphone_switch_no_timestamps,
  // Milliseconds that timestamps are ahead of the monotonic clock, though they say that they are of it.
  microphone_switch_clock_offset,
  // Frames that the hardware holds back, which the delay tells.
  microphone_switch_hardware_delay,
  // Wakes its reader at once, and has nothing to read.
  microphone_switch_empty_wakes,
  // Every value that a test chooses is a float that is no number; only for FLOAT_LE.
  microphone_switch_not_a_number,
  // 1: what was played is told by whole periods.
  microphone_switch_whole_periods,
  // Frames that the driver takes from the ring before they are played, as those of USB do.
  microphone_switch_taken_ahead,
  // 1: only the first channel hears something.
  microphone_switch_one_channel,
  microphone_switch_count,
};

struct microphone_card;

// Makes the card; in a file if `path` is not NULL, for other programs. With virtual time nobody waits: the card's clock
// moves on when it is waited for, and by microphone_sleep; and only the thread that made it sees it, since a test must not
// find the cards of those that run beside it. NULL and errno where it cannot.
struct microphone_card *microphone_create(
  const char *path, const struct microphone_description *description, bool is_virtual);
// Unplugs it and lets it go.
void microphone_destroy(struct microphone_card *card);

// Of this process: each has numbers of its own.
int32_t microphone_number(struct microphone_card *card);
void microphone_set(struct microphone_card *card, enum microphone_switch name, int32_t value);
int32_t microphone_get(struct microphone_card *card, enum microphone_switch name);

// The card's clock, in nanoseconds.
uint64_t microphone_now(struct microphone_card *card);
// The time of its creation, which the tone begins with.
uint64_t microphone_epoch(struct microphone_card *card);
// Until that time of virtual time.
void microphone_sleep(struct microphone_card *card, uint64_t time);

// What is not closed, and how often it was tried to open it.
int32_t microphone_open_count(struct microphone_card *card);
int32_t microphone_attempt_count(struct microphone_card *card);
// The same of its playback device.
int32_t microphone_player_count(struct microphone_card *card);
// As set by the program that opened it last: of snd_pcm_format_t.
int32_t microphone_format(struct microphone_card *card);
uint32_t microphone_period(struct microphone_card *card);
uint32_t microphone_buffer(struct microphone_card *card);

// A description is filled piece by piece; a string too long is false.
bool microphone_describe(struct microphone_description *description, const char *id, const char *name);
bool microphone_describe_played(struct microphone_description *description, const char *path);
bool microphone_add_rate(struct microphone_description *description, uint32_t rate);
