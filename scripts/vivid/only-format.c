// Hides from a program all of a camera's pixel formats but the one in $ONLY_FORMAT (four characters): vivid offers every format
// there is, and no option makes it a camera with few. Where $ONLY_FIELD is there, a number of enum v4l2_field, the program asks
// for that order of fields, of which vivid has all, and for half as many rows where a buffer holds one field. Nothing else of the
// driver is touched. Loaded by LD_PRELOAD.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void ask_for(unsigned field, struct v4l2_format *wanted) {
  unsigned share = V4L2_FIELD_HAS_T_OR_B(field) ? 2 : 1;
  if (wanted->type == V4L2_BUF_TYPE_VIDEO_CAPTURE) {
    wanted->fmt.pix.field = field;
    wanted->fmt.pix.height /= share;
  }
  if (wanted->type == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE) {
    wanted->fmt.pix_mp.field = field;
    wanted->fmt.pix_mp.height /= share;
  }
}

int ioctl(int descriptor, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  const char *only = getenv("ONLY_FORMAT"), *field = getenv("ONLY_FIELD");
  if (request == VIDIOC_S_FMT && field != NULL) ask_for((unsigned)atoi(field), argument);
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
