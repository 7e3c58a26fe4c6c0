#define _GNU_SOURCE
#include "Paths.h"
#include "Raw.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { path_room = 4096 };

static const char *directory(void) {
  const char *value = getenv("CAMERA_STAND_IN_DEV");
  return value != NULL && value[0] == '/' ? value : NULL;
}

static bool begins(const char *path, const char *prefix) { return strncmp(path, prefix, strlen(prefix)) == 0; }

const char *camera_path(const char *path, char *room) {
  if (path == NULL || !begins(path, "/dev")) return path;
  const char *rest = path + strlen("/dev");
  bool is_camera = begins(rest, "/video") || begins(rest, "/v4l") || rest[0] == 0 || strcmp(rest, "/") == 0;
  const char *in = is_camera ? directory() : NULL;
  if (in == NULL || strlen(in) + strlen(rest) >= path_room) return path;
  snprintf(room, path_room, "%s%s", in, rest);
  return room;
}

int camera_sysfs(const char *path) {
  static const char prefix[] = "/sys/dev/char/81:";
  if (path == NULL || !begins(path, prefix) || directory() == NULL) return -1;
  char *rest;
  unsigned long number = strtoul(path + strlen(prefix), &rest, 10);
  char node[path_room], text[96];
  snprintf(node, sizeof node, "%s/video%lu", directory(), number);
  if (strcmp(rest, "/uevent") != 0 || syscall(SYS_faccessat, AT_FDCWD, node, F_OK) < 0) return -1;
  int length = snprintf(text, sizeof text, "MAJOR=81\nMINOR=%lu\nDEVNAME=video%lu\n", number, number);
  int file = (int)syscall(SYS_memfd_create, "uevent", MFD_CLOEXEC);
  if (file >= 0) syscall(SYS_pwrite64, file, text, (size_t)length, 0L);
  return file;
}

size_t camera_path_shown(char *path, size_t length) {
  const char *in = directory();
  size_t prefix = in == NULL ? 0 : strlen(in);
  if (prefix < strlen("/dev") || length < prefix || strncmp(path, in, prefix) != 0) return length;
  if (length > prefix && path[prefix] != '/') return length;
  memcpy(path, "/dev", strlen("/dev"));
  memmove(path + strlen("/dev"), path + prefix, length - prefix);
  return length - prefix + strlen("/dev");
}
