// What the programs and the test share of a device: the content of its file.
#pragma once
#include "CameraStandIn.h"
#include <stdatomic.h>
#include <sys/types.h>

#pragma GCC visibility push(hidden)

enum { camera_version = 2 };
#define CAMERA_MAGIC "camera stand-in\n"

// One open of the node. It is alive as long as its open file holds the lock on its byte, which the kernel lets go with the
// process.
struct camera_opener {
  _Atomic int32_t process;
  _Atomic uint32_t buffers, mappings, streaming, priority;
};

struct camera_state {
  char magic[16];
  uint32_t version, size;
  struct camera_description description;
  _Atomic int32_t switches[camera_switch_count];
  // A futex: moves with every change that somebody may wait for.
  _Atomic uint32_t generation;
  _Atomic uint32_t ordered, delivered, frames, lost;
  _Atomic uint32_t fourcc, width, height, numerator, denominator;
  // As set by S_DV_TIMINGS.
  _Atomic uint32_t timings_width, timings_height;
  _Atomic int32_t values[camera_most_controls];
  struct camera_opener openers[camera_most_openers];
};

// Locks of open files (F_OFD_SETLK) on bytes of the file: they end with the open file, by close or by death.
enum camera_lock { camera_lock_settings, camera_lock_buffers, camera_lock_opener };

bool camera_lock_try(int file, int byte);
void camera_lock_wait(int file, int byte);
void camera_unlock(int file, int byte);
// Whether another open file has it.
bool camera_is_locked(int file, int byte);

// NULL where the file is no stand-in.
struct camera_state *camera_state_map(int file);
void camera_state_unmap(struct camera_state *state);

void camera_notify(struct camera_state *state);
// Until the generation is not `generation`, or the time has come (CLOCK_MONOTONIC in nanoseconds; 0 for never). False at the
// time.
bool camera_wait(struct camera_state *state, uint32_t generation, uint64_t deadline);
uint64_t camera_now(void);

static inline int32_t camera_switched(struct camera_state *state, enum camera_switch name) {
  return atomic_load(&state->switches[name]);
}

// Takes one of the next n.
bool camera_take(struct camera_state *state, enum camera_switch name);

#pragma GCC visibility pop
