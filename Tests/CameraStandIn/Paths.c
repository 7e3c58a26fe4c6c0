#define _GNU_SOURCE
#include "Paths.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

size_t camera_path_shown(char *path, size_t length) {
  const char *in = directory();
  size_t prefix = in == NULL ? 0 : strlen(in);
  if (prefix < strlen("/dev") || length < prefix || strncmp(path, in, prefix) != 0) return length;
  if (length > prefix && path[prefix] != '/') return length;
  memcpy(path, "/dev", strlen("/dev"));
  memmove(path + strlen("/dev"), path + prefix, length - prefix);
  return length - prefix + strlen("/dev");
}
