// A V4L2 capture device in user space, for tests: what the program asks open, ioctl, mmap, poll and close of libc for a
// stand-in's node is answered here (https://docs.kernel.org/userspace-api/media/v4l/), all else by the kernel.
//
// A stand-in is a regular file that begins with a magic; the programs that open it and the test that steers it share its
// pages. The code gets into a program by being linked in, or by LD_PRELOAD of libCameraStandIn.so; with
// CAMERA_STAND_IN_DEV=DIR in the environment /dev/video*, /dev/v4l and listings of /dev are those of DIR.
//
// Where it differs from a kernel: poll before STREAMON waits instead of answering POLLERR; a control event that waits
// shows as POLLIN besides POLLPRI.
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { camera_most_formats = 12, camera_most_sizes = 12, camera_most_rates = 8, camera_most_controls = 16 };
enum { camera_most_menu_items = 8, camera_most_buffers = 32, camera_most_openers = 128 };

enum camera_kind {
  camera_kind_capture,
  camera_kind_capture_multiplanar,
  camera_kind_metadata,
  camera_kind_output,
  // Of a pipeline that is set up elsewhere (V4L2_CAP_IO_MC).
  camera_kind_pipeline,
};

// Seconds a frame, as V4L2 says it.
struct camera_interval {
  uint32_t numerator, denominator;
};

// Discrete where the steps are 0.
struct camera_size {
  uint32_t width, height, largest_width, largest_height, step_width, step_height;
  uint32_t interval_count;
  struct camera_interval intervals[camera_most_rates];
};

struct camera_format {
  uint32_t fourcc;
  uint32_t size_count;
  struct camera_size sizes[camera_most_sizes];
};

struct camera_control {
  uint32_t id, type, flags;
  int32_t minimum, maximum, step, initial;
  char name[32];
  char menu[camera_most_menu_items][32];
};

struct camera_description {
  uint32_t kind;
  // Capabilities of the whole device besides those of this node: what V4L2's `capabilities` adds to `device_caps`.
  uint32_t other_capabilities;
  char driver[16], card[32], bus_info[32];
  // A directory of files such as YUYV-640x480: raw frames, JPEG pictures, or access units of H.264 or H.265 that begin
  // with delimiters, one after another, played in a loop; of fields one after another, where each buffer holds one. Or
  // YUYV-640x480.frame: one frame, whatever is in it. A moving gradient is painted where there is none.
  char frames[256];
  uint32_t format_count, control_count;
  struct camera_format formats[camera_most_formats];
  struct camera_control controls[camera_most_controls];
};

// What a test may turn at any time, in mid-stream too. 0 is a healthy camera.
enum camera_switch {
  // 1: frames come only when camera_deliver says so; 0: at the frame interval.
  camera_switch_manual,
  // 1: ENODEV from every ioctl, POLLERR and POLLHUP. There is no way back: a new node takes its place.
  camera_switch_unplugged,
  // 1: frames are lost, and nothing says so.
  camera_switch_stalled,
  // An errno, each time.
  camera_switch_open_error,
  camera_switch_stream_on_error,
  // The same of formats that are no JPEG.
  camera_switch_raw_stream_on_error,
  // EBUSY from S_FMT, REQBUFS and STREAMON, as though another program streamed.
  camera_switch_busy,
  // An errno, once.
  camera_switch_dequeue_error,
  // The next n frames.
  camera_switch_erroneous,
  camera_switch_truncated,
  camera_switch_corrupt,
  camera_switch_short,
  // 1: JPEG without DHT segments.
  camera_switch_no_huffman_tables,
  // 1: V4L2_BUF_FLAG_TIMESTAMP_UNKNOWN, and times that run backwards.
  camera_switch_unknown_timestamps,
  // Milliseconds that stamps are ahead of the monotonic clock, though they say that they are of it.
  camera_switch_clock_offset,
  // 1: no ENUM_FRAMEINTERVALS; 2: it answers with 0/0 (ustreamer#252).
  camera_switch_unlisted_rates,
  // 1: S_PARM sets nothing, answers with what was asked for, and has no V4L2_CAP_TIMEPERFRAME.
  camera_switch_fixed_rate,
  // Frames a second that S_PARM answers with, whatever is asked for.
  camera_switch_forced_rate,
  // 1: as libcamerify 0.0.3: no G/S_PARM, controls and ENUM_FRAMEINTERVALS, unlisted sizes become the first, mmap takes
  // PROT_READ | PROT_WRITE and the exact length only.
  camera_switch_poor,
  // V4L2_FIELD_…, whatever is asked for; 0 for NONE.
  camera_switch_field,
  // 1: where a buffer holds one field, that has as many rows as the program asks for; else half as many.
  camera_switch_scaled_fields,
  // Bytes behind each row of the first plane, and of the others in proportion.
  camera_switch_padding,
  // 1: frames end with the last sample of the last row.
  camera_switch_unpadded_end,
  // Bytes before the samples in each plane of the multi-planar API.
  camera_switch_data_offset,
  // V4L2_QUANTIZATION_….
  camera_switch_quantization,
  // Rows of a picture in one memory that are written, until S_SELECTION makes it others; 0 for all, and no selection.
  camera_switch_composed_rows,
  // 0: no bridge. 1: one, with a signal; else without: what QUERY_DV_TIMINGS fails with (ENOLINK, ENOLCK, ERANGE), and no
  // frames come. Another signal is told by V4L2_EVENT_SOURCE_CHANGE, and no frames come until its timings are set.
  camera_switch_signal,
  // The size of the signal, which pictures have once its timings are set.
  camera_switch_signal_width,
  camera_switch_signal_height,
  // An errno from every ioctl (EPROTO of a USB camera whose firmware hangs), and POLLERR for no reason that is told.
  camera_switch_ioctl_error,
  camera_switch_count,
};

// A test's hold on a stand-in. Every function may be called from any thread.
struct camera_device;

// Makes the file and maps it. NULL and errno where it cannot.
struct camera_device *camera_device_create(const char *path, const struct camera_description *description);
// Maps a file that another process made.
struct camera_device *camera_device_attach(const char *path);
void camera_device_close(struct camera_device *device);

void camera_set(struct camera_device *device, enum camera_switch name, int32_t value);
int32_t camera_get(struct camera_device *device, enum camera_switch name);

// Has the camera make `count` frames now and waits until they are in buffers, or lost for want of one; waits for STREAMON
// first. False where that took longer than `milliseconds`.
bool camera_deliver(struct camera_device *device, uint32_t count, int32_t milliseconds);
// Waits until a program streams (or none does). False where that took longer.
bool camera_await_streaming(struct camera_device *device, bool streaming, int32_t milliseconds);
// Waits until nobody has the node open or mapped. False where that took longer.
bool camera_await_release(struct camera_device *device, int32_t milliseconds);

// What is not given back yet; what a dead process held counts as given back.
uint32_t camera_open_count(struct camera_device *device);
uint32_t camera_buffer_count(struct camera_device *device);
uint32_t camera_mapping_count(struct camera_device *device);
bool camera_is_streaming(struct camera_device *device);
// The process that has buffers; 0 for none.
int32_t camera_owner(struct camera_device *device);
// How many frames went into buffers, and how many were lost for want of one.
uint32_t camera_frame_count(struct camera_device *device);
uint32_t camera_lost_count(struct camera_device *device);
// The format that is set, and the value of a control (0 for one that is not there).
uint32_t camera_current_format(struct camera_device *device, uint32_t *width, uint32_t *height);
struct camera_interval camera_current_interval(struct camera_device *device);
int32_t camera_control_value(struct camera_device *device, uint32_t id);

// A description is filled piece by piece; a piece beyond what fits, or a string too long, is false.
bool camera_describe(
  struct camera_description *description, const char *driver, const char *card, const char *bus_info,
  const char *frames);
bool camera_add_format(struct camera_description *description, uint32_t fourcc);
// To the last format.
bool camera_add_size(struct camera_description *description, const struct camera_size *size);
bool camera_add_control(struct camera_description *description, const struct camera_control *control, const char *name);
// To the last control: the item of that number.
bool camera_add_menu_item(struct camera_description *description, uint32_t number, const char *name);
