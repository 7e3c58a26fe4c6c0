// System calls past every interposer, ours and the sanitizer's: safe before main.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#pragma GCC visibility push(hidden)

static inline int raw_open(int directory, const char *path, int flags, mode_t mode) {
  return (int)syscall(SYS_openat, directory, path, flags, mode);
}

static inline int raw_close(int descriptor) { return (int)syscall(SYS_close, descriptor); }

static inline void *raw_map(size_t length, int protection, int descriptor) {
  return (void *)syscall(SYS_mmap, NULL, length, protection, 1 /* MAP_SHARED */, descriptor, 0L);
}

static inline void raw_unmap(void *address, size_t length) { syscall(SYS_munmap, address, length); }

// Out of the way of the numbers that a program expects its own descriptors to get.
static inline int raw_move_away(int descriptor) {
  enum { first = 512 };
  int moved = (int)syscall(SYS_fcntl, descriptor, F_DUPFD_CLOEXEC, first);
  if (moved < 0) return descriptor;
  raw_close(descriptor);
  return moved;
}

struct raw_link {
  char path[32];
};

// The name under which the kernel has an open file.
static inline struct raw_link raw_link(int descriptor) {
  struct raw_link link;
  snprintf(link.path, sizeof link.path, "/proc/self/fd/%d", descriptor);
  return link;
}

#pragma GCC visibility pop
