#define _GNU_SOURCE
#include "Handle.h"
#include "Raw.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { most_descriptors = 4096 };

static struct camera_handle *_Atomic table[most_descriptors];
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;

static bool claim_opener(struct camera_handle *handle) {
  for (int index = 0; index < camera_most_openers; index++) {
    if (!camera_lock_try(handle->file, camera_lock_opener + index)) continue;
    handle->opener = &handle->state->openers[index];
    atomic_store(&handle->opener->buffers, 0);
    atomic_store(&handle->opener->mappings, 0);
    atomic_store(&handle->opener->streaming, 0);
    atomic_store(&handle->opener->priority, V4L2_PRIORITY_DEFAULT);
    atomic_store(&handle->opener->process, handle->process);
    return true;
  }
  errno = EMFILE;
  return false;
}

static void destroy(struct camera_handle *handle) {
  if (handle->file >= 0) raw_close(handle->file);
  if (handle->near >= 0) raw_close(handle->near);
  if (handle->far >= 0) raw_close(handle->far);
  pthread_mutex_destroy(&handle->lock);
  pthread_cond_destroy(&handle->changed);
  camera_state_unmap(handle->state);
  free(handle);
}

int camera_handle_open(int descriptor, int flags, struct camera_state *state) {
  int error = camera_switched(state, camera_switch_unplugged) ? ENODEV : camera_switched(state, camera_switch_open_error);
  struct camera_handle *handle = error != 0 || descriptor >= most_descriptors ? NULL : calloc(1, sizeof *handle);
  if (handle == NULL) {
    camera_state_unmap(state);
    raw_close(descriptor);
    return camera_fail(error != 0 ? error : EMFILE);
  }
  *handle = (struct camera_handle){.references = 1, .process = getpid(), .state = state, .memory = -1};
  handle->file = handle->near = handle->far = -1;
  pthread_mutex_init(&handle->lock, NULL);
  pthread_cond_init(&handle->changed, NULL);

  // Its own open file for the locks, writable whatever the program asked for.
  int pair[2];
  int kind = SOCK_STREAM | (flags & O_NONBLOCK ? SOCK_NONBLOCK : 0);
  bool ready = (handle->file = raw_open(AT_FDCWD, raw_link(descriptor).path, O_RDWR | O_CLOEXEC, 0)) >= 0
    && (handle->file = raw_move_away(handle->file)) >= 0 && claim_opener(handle)
    && syscall(SYS_socketpair, AF_UNIX, kind, 0, pair) == 0;
  if (ready) {
    handle->near = raw_move_away(pair[0]);
    handle->far = raw_move_away(pair[1]);
    ready = handle->near >= 0 && handle->far >= 0
      && syscall(SYS_dup3, handle->near, descriptor, flags & O_CLOEXEC) >= 0 && camera_engine_start(handle);
  }
  if (!ready) {
    error = errno;
    destroy(handle);
    raw_close(descriptor);
    return camera_fail(error);
  }
  atomic_store(&table[descriptor], handle);
  camera_notify(state);
  return descriptor;
}

struct camera_handle *camera_handle_find(int descriptor) {
  if (descriptor < 0 || descriptor >= most_descriptors || atomic_load(&table[descriptor]) == NULL) return NULL;
  pthread_mutex_lock(&table_lock);
  struct camera_handle *handle = atomic_load(&table[descriptor]);
  // A child has the descriptors of its parent, but not the thread.
  if (handle != NULL && handle->process != getpid()) handle = NULL;
  if (handle != NULL) handle->references++;
  pthread_mutex_unlock(&table_lock);
  return handle;
}

void camera_handle_release(struct camera_handle *handle) {
  pthread_mutex_lock(&table_lock);
  bool is_last = --handle->references == 0;
  pthread_mutex_unlock(&table_lock);
  if (!is_last) return;
  int error = errno;
  camera_engine_stop(handle);
  camera_free_buffers(handle);
  struct camera_state *state = handle->state;
  // By name: a child on its way to exec may have the open file too.
  camera_unlock(handle->file, camera_lock_opener + (int)(handle->opener - state->openers));
  camera_notify(state);
  destroy(handle);
  errno = error;
}

void camera_handle_retain(struct camera_handle *handle) {
  pthread_mutex_lock(&table_lock);
  handle->references++;
  pthread_mutex_unlock(&table_lock);
}

void camera_handle_name(struct camera_handle *handle, int descriptor) {
  if (descriptor < 0 || descriptor >= most_descriptors) return;
  camera_handle_retain(handle);
  atomic_store(&table[descriptor], handle);
}

void camera_handle_forget(int descriptor) {
  struct camera_handle *handle = camera_handle_find(descriptor);
  if (handle == NULL) return;
  pthread_mutex_lock(&table_lock);
  // Of two that close the same descriptor one is too late.
  bool is_named = atomic_load(&table[descriptor]) == handle;
  if (is_named) {
    atomic_store(&table[descriptor], NULL);
    handle->references--;
  }
  pthread_mutex_unlock(&table_lock);
  camera_handle_release(handle);
}
