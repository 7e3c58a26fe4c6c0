#pragma once
#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

// With CAMERA_STAND_IN_DEV=DIR: where a path of /dev that cameras have is in DIR, written to `room` (4096 bytes); the path
// itself for every other.
const char *camera_path(const char *path, char *room);
// What sysfs would say of such a device: an open file, or -1 for any other path.
int camera_sysfs(const char *path);
// The other way, for what readlink and realpath answer: in place, the new length.
size_t camera_path_shown(char *path, size_t length);

#pragma GCC visibility pop
