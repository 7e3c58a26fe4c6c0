// The test's side: makes the file, turns the switches, waits.
#define _GNU_SOURCE
#include "Raw.h"
#include "State.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct camera_device {
  int file;
  struct camera_state *state;
};

// MARK: Description

static bool copy_text(char *to, size_t room, const char *text) {
  if (strlen(text) >= room) return false;
  strcpy(to, text);
  return true;
}

bool camera_describe(
  struct camera_description *description, const char *driver, const char *card, const char *bus_info,
  const char *frames) {
  return copy_text(description->driver, sizeof description->driver, driver)
    && copy_text(description->card, sizeof description->card, card)
    && copy_text(description->bus_info, sizeof description->bus_info, bus_info)
    && copy_text(description->frames, sizeof description->frames, frames);
}

bool camera_add_format(struct camera_description *description, uint32_t fourcc) {
  if (description->format_count == camera_most_formats) return false;
  description->formats[description->format_count++] = (struct camera_format){.fourcc = fourcc};
  return true;
}

bool camera_add_size(struct camera_description *description, const struct camera_size *size) {
  if (description->format_count == 0 || size->interval_count == 0) return false;
  struct camera_format *format = &description->formats[description->format_count - 1];
  if (format->size_count == camera_most_sizes) return false;
  format->sizes[format->size_count++] = *size;
  return true;
}

bool camera_add_control(
  struct camera_description *description, const struct camera_control *control, const char *name) {
  if (description->control_count == camera_most_controls) return false;
  struct camera_control *added = &description->controls[description->control_count];
  *added = *control;
  if (!copy_text(added->name, sizeof added->name, name)) return false;
  description->control_count++;
  return true;
}

bool camera_add_menu_item(struct camera_description *description, uint32_t number, const char *name) {
  if (description->control_count == 0 || number >= camera_most_menu_items) return false;
  char *item = description->controls[description->control_count - 1].menu[number];
  return copy_text(item, sizeof description->controls[0].menu[0], name);
}

// MARK: Life

static struct camera_device *device(int file) {
  if (file < 0) return NULL;
  file = raw_move_away(file);
  struct camera_state *state = camera_state_map(file);
  struct camera_device *device = state == NULL ? NULL : malloc(sizeof *device);
  if (device == NULL) {
    if (state != NULL) camera_state_unmap(state);
    raw_close(file);
    errno = ENODEV;
    return NULL;
  }
  *device = (struct camera_device){.file = file, .state = state};
  return device;
}

struct camera_device *camera_device_create(const char *path, const struct camera_description *description) {
  struct camera_state *state = calloc(1, sizeof *state);
  if (state == NULL) return NULL;
  memcpy(state->magic, CAMERA_MAGIC, sizeof state->magic);
  state->version = camera_version;
  state->size = sizeof *state;
  state->description = *description;
  for (uint32_t index = 0; index < description->control_count; index++) {
    state->values[index] = description->controls[index].initial;
  }
  if (description->format_count > 0 && description->formats[0].size_count > 0) {
    const struct camera_size *size = &description->formats[0].sizes[0];
    state->fourcc = description->formats[0].fourcc;
    state->width = size->width;
    state->height = size->height;
    state->numerator = size->intervals[0].numerator;
    state->denominator = size->intervals[0].denominator;
  }
  // Under a name of its own first, so that nobody who watches the directory opens half a device. The name stays that of the
  // test's own descriptor in /proc: it does not count among those that have the node open.
  char hidden[4096];
  struct camera_device *made = NULL;
  const char *slash = strrchr(path, '/');
  int folder = slash == NULL ? 0 : (int)(slash - path) + 1;
  if (strlen(path) + 2 < sizeof hidden) {
    snprintf(hidden, sizeof hidden, "%.*s.%s", folder, path, path + folder);
    int file = raw_open(AT_FDCWD, hidden, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
    if (file >= 0 && syscall(SYS_pwrite64, file, state, sizeof *state, 0L) != sizeof *state) {
      raw_close(file);
      file = -1;
    }
    made = device(file);
    if (made != NULL && syscall(SYS_linkat, AT_FDCWD, hidden, AT_FDCWD, path, 0) < 0) {
      camera_device_close(made);
      made = NULL;
    }
    if (file >= 0) syscall(SYS_unlinkat, AT_FDCWD, hidden, 0);
  }
  free(state);
  return made;
}

struct camera_device *camera_device_attach(const char *path) {
  return device(raw_open(AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0));
}

void camera_device_close(struct camera_device *device) {
  camera_state_unmap(device->state);
  raw_close(device->file);
  free(device);
}

// MARK: Switches

void camera_set(struct camera_device *device, enum camera_switch name, int32_t value) {
  atomic_store(&device->state->switches[name], value);
  camera_notify(device->state);
}

int32_t camera_get(struct camera_device *device, enum camera_switch name) {
  return camera_switched(device->state, name);
}

// MARK: Waiting

static bool await(
  struct camera_device *device, int32_t milliseconds, bool (*is_so)(struct camera_device *, uint32_t), uint32_t value) {
  uint64_t deadline = camera_now() + (uint64_t)milliseconds * 1000000;
  while (true) {
    uint32_t generation = atomic_load(&device->state->generation);
    if (is_so(device, value)) return true;
    if (!camera_wait(device->state, generation, deadline)) return is_so(device, value);
  }
}

static bool is_streaming(struct camera_device *device, uint32_t wanted) {
  return camera_is_streaming(device) == (wanted != 0);
}

static bool is_delivered(struct camera_device *device, uint32_t target) {
  return (int32_t)(atomic_load(&device->state->delivered) - target) >= 0;
}

static bool is_released(struct camera_device *device, uint32_t unused) {
  (void)unused;
  return camera_open_count(device) == 0;
}

bool camera_await_streaming(struct camera_device *device, bool streaming, int32_t milliseconds) {
  return await(device, milliseconds, is_streaming, streaming);
}

bool camera_await_release(struct camera_device *device, int32_t milliseconds) {
  return await(device, milliseconds, is_released, 0);
}

bool camera_deliver(struct camera_device *device, uint32_t count, int32_t milliseconds) {
  uint64_t start = camera_now();
  if (!camera_await_streaming(device, true, milliseconds)) return false;
  uint32_t target = atomic_fetch_add(&device->state->ordered, count) + count;
  camera_notify(device->state);
  int32_t spent = (int32_t)((camera_now() - start) / 1000000);
  return await(device, milliseconds > spent ? milliseconds - spent : 0, is_delivered, target);
}

// MARK: Accounts

static uint32_t sum(struct camera_device *device, uint32_t (*of)(struct camera_opener *)) {
  uint32_t total = 0;
  for (int index = 0; index < camera_most_openers; index++) {
    if (camera_is_locked(device->file, camera_lock_opener + index)) total += of(&device->state->openers[index]);
  }
  return total;
}

static uint32_t one(struct camera_opener *opener) {
  (void)opener;
  return 1;
}

static uint32_t buffers(struct camera_opener *opener) { return atomic_load(&opener->buffers); }
static uint32_t mappings(struct camera_opener *opener) { return atomic_load(&opener->mappings); }
static uint32_t streaming(struct camera_opener *opener) { return atomic_load(&opener->streaming); }

uint32_t camera_open_count(struct camera_device *device) { return sum(device, one); }
uint32_t camera_buffer_count(struct camera_device *device) { return sum(device, buffers); }
uint32_t camera_mapping_count(struct camera_device *device) { return sum(device, mappings); }
bool camera_is_streaming(struct camera_device *device) { return sum(device, streaming) > 0; }

int32_t camera_owner(struct camera_device *device) {
  for (int index = 0; index < camera_most_openers; index++) {
    struct camera_opener *opener = &device->state->openers[index];
    if (buffers(opener) > 0 && camera_is_locked(device->file, camera_lock_opener + index)) {
      return atomic_load(&opener->process);
    }
  }
  return 0;
}

uint32_t camera_frame_count(struct camera_device *device) { return atomic_load(&device->state->frames); }
uint32_t camera_lost_count(struct camera_device *device) { return atomic_load(&device->state->lost); }

uint32_t camera_current_format(struct camera_device *device, uint32_t *width, uint32_t *height) {
  *width = atomic_load(&device->state->width);
  *height = atomic_load(&device->state->height);
  return atomic_load(&device->state->fourcc);
}

struct camera_interval camera_current_interval(struct camera_device *device) {
  return (struct camera_interval){atomic_load(&device->state->numerator), atomic_load(&device->state->denominator)};
}

int32_t camera_control_value(struct camera_device *device, uint32_t id) {
  const struct camera_description *description = &device->state->description;
  for (uint32_t index = 0; index < description->control_count; index++) {
    if (description->controls[index].id == id) return atomic_load(&device->state->values[index]);
  }
  return 0;
}
