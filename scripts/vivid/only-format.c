// Hides from a program all of a camera's pixel formats but the one in $ONLY_FORMAT (four characters): vivid offers every format
// there is, and no option makes it a camera with few. Nothing else of the driver is touched. Loaded by LD_PRELOAD.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int ioctl(int descriptor, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  const char *only = getenv("ONLY_FORMAT");
  if (request != VIDIOC_ENUM_FMT || only == NULL) return syscall(SYS_ioctl, descriptor, request, argument);

  struct v4l2_fmtdesc *format = argument;
  if (format->index > 0) {
    errno = EINVAL; // there is but one
    return -1;
  }
  while (syscall(SYS_ioctl, descriptor, VIDIOC_ENUM_FMT, format) == 0) {
    if (memcmp(&format->pixelformat, only, 4) == 0) {
      format->index = 0;
      return 0;
    }
    format->index++;
  }
  return -1;
}
