#pragma once
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <libv4l-plugin.h>
#include <libv4lconvert.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

// Swift imports neither variadic functions nor the macros that make ioctl numbers.

// O_NONBLOCK: buffers are taken until there are none, and waiting is poll's.
static inline int cv4l2_open(const char *path) { return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC); }

#define CV4L2_IOCTL(name, request, type) \
  static inline int cv4l2_##name(int descriptor, type *argument) { \
    int status; \
    do { status = ioctl(descriptor, request, argument); } while (status < 0 && errno == EINTR); \
    return status; \
  }
CV4L2_IOCTL(querycap, VIDIOC_QUERYCAP, struct v4l2_capability)
CV4L2_IOCTL(enum_fmt, VIDIOC_ENUM_FMT, struct v4l2_fmtdesc)
CV4L2_IOCTL(enum_framesizes, VIDIOC_ENUM_FRAMESIZES, struct v4l2_frmsizeenum)
CV4L2_IOCTL(enum_frameintervals, VIDIOC_ENUM_FRAMEINTERVALS, struct v4l2_frmivalenum)
CV4L2_IOCTL(g_fmt, VIDIOC_G_FMT, struct v4l2_format)
CV4L2_IOCTL(s_fmt, VIDIOC_S_FMT, struct v4l2_format)
CV4L2_IOCTL(s_selection, VIDIOC_S_SELECTION, struct v4l2_selection)
CV4L2_IOCTL(g_parm, VIDIOC_G_PARM, struct v4l2_streamparm)
CV4L2_IOCTL(s_parm, VIDIOC_S_PARM, struct v4l2_streamparm)
CV4L2_IOCTL(reqbufs, VIDIOC_REQBUFS, struct v4l2_requestbuffers)
CV4L2_IOCTL(querybuf, VIDIOC_QUERYBUF, struct v4l2_buffer)
CV4L2_IOCTL(qbuf, VIDIOC_QBUF, struct v4l2_buffer)
CV4L2_IOCTL(dqbuf, VIDIOC_DQBUF, struct v4l2_buffer)
CV4L2_IOCTL(streamon, VIDIOC_STREAMON, enum v4l2_buf_type)
CV4L2_IOCTL(streamoff, VIDIOC_STREAMOFF, enum v4l2_buf_type)
CV4L2_IOCTL(queryctrl, VIDIOC_QUERYCTRL, struct v4l2_queryctrl)
CV4L2_IOCTL(querymenu, VIDIOC_QUERYMENU, struct v4l2_querymenu)
CV4L2_IOCTL(g_ctrl, VIDIOC_G_CTRL, struct v4l2_control)
CV4L2_IOCTL(s_ctrl, VIDIOC_S_CTRL, struct v4l2_control)
CV4L2_IOCTL(query_dv_timings, VIDIOC_QUERY_DV_TIMINGS, struct v4l2_dv_timings)
CV4L2_IOCTL(s_dv_timings, VIDIOC_S_DV_TIMINGS, struct v4l2_dv_timings)
CV4L2_IOCTL(subscribe_event, VIDIOC_SUBSCRIBE_EVENT, struct v4l2_event_subscription)
CV4L2_IOCTL(dqevent, VIDIOC_DQEVENT, struct v4l2_event)
#undef CV4L2_IOCTL

static const uint32_t cv4l2_ctrl_flag_next = V4L2_CTRL_FLAG_NEXT_CTRL;

// libv4lconvert asks the device by bare system calls, unless told otherwise: past libcamerify, which stands in for libc's.
static inline int cv4l2_plain_ioctl(void *context, int descriptor, unsigned long request, void *argument) {
  (void)context;
  return ioctl(descriptor, request, argument);
}
static inline ssize_t cv4l2_plain_read(void *context, int descriptor, void *buffer, size_t count) {
  (void)context;
  return read(descriptor, buffer, count);
}
static inline struct v4lconvert_data *cv4l2_converter(int descriptor) {
  static const struct libv4l_dev_ops operations = {.ioctl = cv4l2_plain_ioctl, .read = cv4l2_plain_read};
  return v4lconvert_create_with_dev_ops(descriptor, NULL, &operations);
}
