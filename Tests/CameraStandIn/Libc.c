// libc's calls that a program may use on a camera or on the way to one. What is not ours goes to the kernel.
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include "Handle.h"
#include "Raw.h"
#include <stdarg.h>
#include <sys/mman.h>

#include "Paths.h"

// MARK: open and close

static int open_at(int directory, const char *path, int flags, mode_t mode) {
  char room[4096];
  int descriptor = raw_open(directory, camera_path(path, room), flags, mode);
  if (descriptor < 0 || (flags & (O_DIRECTORY | O_PATH)) != 0) return descriptor;
  struct camera_state *state = camera_state_map(descriptor);
  return state == NULL ? descriptor : camera_handle_open(descriptor, flags, state);
}

#define MODE(flags, mode) \
  mode_t mode = 0; \
  if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) { \
    va_list list; \
    va_start(list, flags); \
    mode = va_arg(list, mode_t); \
    va_end(list); \
  }

int open(const char *path, int flags, ...) {
  MODE(flags, mode)
  return open_at(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  MODE(flags, mode)
  return open_at(AT_FDCWD, path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...) {
  MODE(flags, mode)
  return open_at(directory, path, flags, mode);
}

int openat64(int directory, const char *path, int flags, ...) {
  MODE(flags, mode)
  return open_at(directory, path, flags, mode);
}

// What the fortified headers call.
int __open_2(const char *path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
int __openat_2(int directory, const char *path, int flags) { return open_at(directory, path, flags, 0); }
int __openat64_2(int directory, const char *path, int flags) { return open_at(directory, path, flags, 0); }

int close(int descriptor) {
  // Forgotten first: closed, the number may be another thread's at once.
  camera_handle_forget(descriptor);
  return raw_close(descriptor);
}

static int name_copy(int descriptor, int copy) {
  struct camera_handle *handle = copy < 0 ? NULL : camera_handle_find(descriptor);
  if (handle != NULL) {
    camera_handle_name(handle, copy);
    camera_handle_release(handle);
  }
  return copy;
}

int dup(int descriptor) { return name_copy(descriptor, (int)syscall(SYS_dup, descriptor)); }

int dup3(int descriptor, int copy, int flags) {
  if (descriptor != copy) camera_handle_forget(copy);
  return name_copy(descriptor, (int)syscall(SYS_dup3, descriptor, copy, flags));
}

int dup2(int descriptor, int copy) {
  if (descriptor == copy) return (int)syscall(SYS_fcntl, descriptor, F_GETFD) < 0 ? -1 : copy;
  return dup3(descriptor, copy, 0);
}

static int control(int descriptor, int command, void *argument) {
  int status = (int)syscall(SYS_fcntl, descriptor, command, argument);
  return command == F_DUPFD || command == F_DUPFD_CLOEXEC ? name_copy(descriptor, status) : status;
}

int fcntl(int descriptor, int command, ...) {
  va_list list;
  va_start(list, command);
  void *argument = va_arg(list, void *);
  va_end(list);
  return control(descriptor, command, argument);
}

int fcntl64(int descriptor, int command, ...) {
  va_list list;
  va_start(list, command);
  void *argument = va_arg(list, void *);
  va_end(list);
  return control(descriptor, command, argument);
}

// MARK: A device's own calls

int ioctl(int descriptor, unsigned long request, ...) {
  va_list list;
  va_start(list, request);
  void *argument = va_arg(list, void *);
  va_end(list);
  struct camera_handle *handle = camera_handle_find(descriptor);
  if (handle == NULL) return (int)syscall(SYS_ioctl, descriptor, request, argument);
  int status = camera_ioctl(handle, descriptor, (uint32_t)request, argument);
  camera_handle_release(handle);
  return status;
}

static void *map(void *address, size_t length, int protection, int flags, int descriptor, off_t offset) {
  struct camera_handle *handle = (flags & MAP_ANONYMOUS) != 0 ? NULL : camera_handle_find(descriptor);
  if (handle == NULL) return (void *)syscall(SYS_mmap, address, length, protection, flags, descriptor, offset);
  void *mapped = camera_map(handle, address, length, protection, flags, offset);
  camera_handle_release(handle);
  return mapped;
}

void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset) {
  return map(address, length, protection, flags, descriptor, offset);
}

void *mmap64(void *address, size_t length, int protection, int flags, int descriptor, off64_t offset) {
  return map(address, length, protection, flags, descriptor, offset);
}

int munmap(void *address, size_t length) {
  return camera_unmap(address, length) ? 0 : (int)syscall(SYS_munmap, address, length);
}

// The device says that it cannot read or write.
static bool is_camera(int descriptor) {
  struct camera_handle *handle = camera_handle_find(descriptor);
  if (handle != NULL) camera_handle_release(handle);
  return handle != NULL;
}

ssize_t read(int descriptor, void *bytes, size_t count) {
  return is_camera(descriptor) ? camera_fail(EINVAL) : syscall(SYS_read, descriptor, bytes, count);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  return is_camera(descriptor) ? camera_fail(EINVAL) : syscall(SYS_write, descriptor, bytes, count);
}
