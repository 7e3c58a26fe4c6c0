// libc's calls that tell what is in a directory and what a name stands for.
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include "Handle.h"
#include "Paths.h"
#include "Raw.h"
#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

// Of Linux's Documentation/admin-guide/devices.txt: "81 char video4linux".
enum { video_major = 81 };

// MARK: stat

// An open file of the stand-in of that name; -1 for what is none.
static int open_stand_in(int directory, const char *path, const struct stat *status) {
  // Only what has the size of one is opened.
  if (!S_ISREG(status->st_mode) || status->st_size != sizeof(struct camera_state)) return -1;
  int file = raw_open(directory, path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
  struct camera_state *state = file < 0 ? NULL : camera_state_map(file);
  if (state != NULL) {
    camera_state_unmap(state);
    return file;
  }
  if (file >= 0) raw_close(file);
  return -1;
}

// videoN is the device of minor number N.
static unsigned minor_number(int file) {
  char path[PATH_MAX];
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, raw_link(file).path, path, sizeof path - 1);
  char *digits = path + (length > 0 ? length : 0);
  *digits = 0;
  while (digits > path && digits[-1] >= '0' && digits[-1] <= '9') digits--;
  return (unsigned)strtoul(digits, NULL, 10);
}

static void show_as_device(struct stat *status, int file) {
  status->st_mode = S_IFCHR | (status->st_mode & 07777);
  status->st_rdev = makedev(video_major, minor_number(file));
  status->st_size = 0;
  status->st_blocks = 0;
}

static int status_of_handle(struct camera_handle *handle, struct stat *status) {
  int result = (int)syscall(SYS_newfstatat, handle->file, "", status, AT_EMPTY_PATH);
  if (result == 0) show_as_device(status, handle->file);
  camera_handle_release(handle);
  return result;
}

static int status_at(int directory, const char *path, struct stat *status, int flags) {
  bool is_descriptor = (flags & AT_EMPTY_PATH) != 0 && path[0] == 0;
  struct camera_handle *handle = is_descriptor ? camera_handle_find(directory) : NULL;
  if (handle != NULL) return status_of_handle(handle, status);
  char room[4096];
  const char *found = camera_path(path, room);
  int result = (int)syscall(SYS_newfstatat, directory, found, status, flags);
  if (result < 0 || is_descriptor) return result;
  int error = errno, file = open_stand_in(directory, found, status);
  if (file >= 0) {
    show_as_device(status, file);
    raw_close(file);
  }
  errno = error;
  return result;
}

int fstatat(int directory, const char *path, struct stat *status, int flags) {
  return status_at(directory, path, status, flags);
}

int fstatat64(int directory, const char *path, struct stat64 *status, int flags) {
  return status_at(directory, path, (struct stat *)status, flags);
}

int stat(const char *path, struct stat *status) { return status_at(AT_FDCWD, path, status, 0); }
int stat64(const char *path, struct stat64 *status) { return status_at(AT_FDCWD, path, (struct stat *)status, 0); }
int lstat(const char *path, struct stat *status) { return status_at(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW); }

int lstat64(const char *path, struct stat64 *status) {
  return status_at(AT_FDCWD, path, (struct stat *)status, AT_SYMLINK_NOFOLLOW);
}

int fstat(int descriptor, struct stat *status) { return status_at(descriptor, "", status, AT_EMPTY_PATH); }

int fstat64(int descriptor, struct stat64 *status) {
  return status_at(descriptor, "", (struct stat *)status, AT_EMPTY_PATH);
}

// MARK: access

static bool is_refused(int directory, const char *path) {
  struct stat status;
  if (syscall(SYS_newfstatat, directory, path, &status, 0) < 0) return false;
  int file = open_stand_in(directory, path, &status);
  struct camera_state *state = file < 0 ? NULL : camera_state_map(file);
  if (file >= 0) raw_close(file);
  if (state == NULL) return false;
  bool is_refused = camera_switched(state, camera_switch_open_error) == EACCES;
  camera_state_unmap(state);
  return is_refused;
}

int faccessat(int directory, const char *path, int mode, int flags) {
  char room[4096];
  const char *found = camera_path(path, room);
  int error = errno;
  int result = flags == 0 ? (int)syscall(SYS_faccessat, directory, found, mode)
    : (int)syscall(SYS_faccessat2, directory, found, mode, flags);
  if (result < 0 || mode == F_OK) return result;
  if (is_refused(directory, found)) return camera_fail(EACCES);
  errno = error;
  return result;
}

int access(const char *path, int mode) { return faccessat(AT_FDCWD, path, mode, 0); }

// MARK: Links

ssize_t readlinkat(int directory, const char *path, char *bytes, size_t count) {
  char room[4096], whole[PATH_MAX];
  ssize_t length = syscall(SYS_readlinkat, directory, camera_path(path, room), whole, sizeof whole);
  if (length < 0) return length;
  size_t shown = camera_path_shown(whole, (size_t)length);
  if (shown > count) shown = count;
  memcpy(bytes, whole, shown);
  return (ssize_t)shown;
}

ssize_t readlink(const char *path, char *bytes, size_t count) { return readlinkat(AT_FDCWD, path, bytes, count); }

// libc's own, of the next library that has it.
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

char *realpath(const char *path, char *resolved) {
  char room[4096];
  char *answer = NEXT(realpath)(camera_path(path, room), resolved);
  if (answer != NULL) answer[camera_path_shown(answer, strlen(answer))] = 0;
  return answer;
}

char *__realpath_chk(const char *path, char *resolved, size_t room) {
  (void)room;
  return realpath(path, resolved);
}

char *canonicalize_file_name(const char *path) { return realpath(path, NULL); }

// MARK: sysfs

static FILE *open_stream(const char *path, const char *mode) {
  int file = camera_sysfs(path);
  return file < 0 ? NULL : fdopen(file, mode);
}

FILE *fopen(const char *path, const char *mode) {
  FILE *stream = open_stream(path, mode);
  return stream != NULL ? stream : NEXT(fopen)(path, mode);
}

FILE *fopen64(const char *path, const char *mode) {
  FILE *stream = open_stream(path, mode);
  return stream != NULL ? stream : NEXT(fopen64)(path, mode);
}

// MARK: Directories

DIR *opendir(const char *path) {
  char room[4096];
  return NEXT(opendir)(camera_path(path, room));
}

int scandir(
  const char *path, struct dirent ***names, int (*filter)(const struct dirent *),
  int (*compare)(const struct dirent **, const struct dirent **)) {
  char room[4096];
  return NEXT(scandir)(camera_path(path, room), names, filter, compare);
}

int scandir64(
  const char *path, struct dirent64 ***names, int (*filter)(const struct dirent64 *),
  int (*compare)(const struct dirent64 **, const struct dirent64 **)) {
  char room[4096];
  return NEXT(scandir64)(camera_path(path, room), names, filter, compare);
}

int inotify_add_watch(int descriptor, const char *path, uint32_t mask) {
  char room[4096];
  return (int)syscall(SYS_inotify_add_watch, descriptor, camera_path(path, room), mask);
}
