#define _GNU_SOURCE
#include "State.h"
#include "Raw.h"
#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

// MARK: Locks

static int lock_call(int file, int command, short type, int byte) {
  struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
  int status;
  do {
    status = (int)syscall(SYS_fcntl, file, command, &lock);
  } while (status < 0 && errno == EINTR);
  if (status < 0) return -1;
  return command == F_OFD_GETLK && lock.l_type != F_UNLCK;
}

bool camera_lock_try(int file, int byte) { return lock_call(file, F_OFD_SETLK, F_WRLCK, byte) == 0; }
void camera_lock_wait(int file, int byte) { lock_call(file, F_OFD_SETLKW, F_WRLCK, byte); }
void camera_unlock(int file, int byte) { lock_call(file, F_OFD_SETLK, F_UNLCK, byte); }
bool camera_is_locked(int file, int byte) { return lock_call(file, F_OFD_GETLK, F_WRLCK, byte) == 1; }

// MARK: Mapping

struct camera_state *camera_state_map(int file) {
  struct stat status;
  if (syscall(SYS_newfstatat, file, "", &status, AT_EMPTY_PATH) < 0) return NULL;
  if (!S_ISREG(status.st_mode) || status.st_size != sizeof(struct camera_state)) return NULL;
  char magic[sizeof CAMERA_MAGIC - 1];
  if (syscall(SYS_pread64, file, magic, sizeof magic, 0L) != sizeof magic) return NULL;
  if (memcmp(magic, CAMERA_MAGIC, sizeof magic) != 0) return NULL;
  struct camera_state *state = raw_map(sizeof *state, PROT_READ | PROT_WRITE, file);
  if (state == MAP_FAILED) return NULL;
  if (state->version == camera_version && state->size == sizeof *state) return state;
  camera_state_unmap(state);
  return NULL;
}

void camera_state_unmap(struct camera_state *state) { raw_unmap(state, sizeof *state); }

// MARK: Waiting

uint64_t camera_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

void camera_notify(struct camera_state *state) {
  atomic_fetch_add(&state->generation, 1);
  syscall(SYS_futex, &state->generation, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

bool camera_wait(struct camera_state *state, uint32_t generation, uint64_t deadline) {
  struct timespec time = {.tv_sec = (time_t)(deadline / 1000000000), .tv_nsec = (long)(deadline % 1000000000)};
  long status = syscall(
    SYS_futex, &state->generation, FUTEX_WAIT_BITSET, generation, deadline != 0 ? &time : NULL, NULL,
    FUTEX_BITSET_MATCH_ANY);
  return status == 0 || errno != ETIMEDOUT;
}

bool camera_take(struct camera_state *state, enum camera_switch name) {
  int32_t left = atomic_load(&state->switches[name]);
  while (left > 0) {
    if (atomic_compare_exchange_weak(&state->switches[name], &left, left - 1)) return true;
  }
  return false;
}
