#pragma once
#include <alsa/asoundlib.h>

// libasound writes what goes wrong to the terminal; every error is told by the function's result as well.
// The handler is variadic, and such functions cannot be written in Swift.
static inline void calsa_discard(const char *file, int line, const char *function, int code, const char *format, ...) {
  (void)file, (void)line, (void)function, (void)code, (void)format;
}
static inline void calsa_silence(void) { snd_lib_error_set_handler(calsa_discard); }
