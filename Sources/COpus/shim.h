#pragma once
#include <opus/opus.h>

// Swift imports no variadic functions.

static inline int copus_encoder_set(OpusEncoder *encoder, int request, opus_int32 value) {
  return opus_encoder_ctl(encoder, request, value);
}
