#pragma once
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

// Needs <stdio.h>, and <jerror.h> needs it: which messages there are depends on how the library was built.
#include <jpeglib.h>

#include <jerror.h>

// libjpeg's error_exit must not return (libjpeg.txt, "Error handling"), and Swift knows no setjmp. So each call that may
// fail is made from here, and answers false where it failed; `errors` then has the reason.

struct cjpeg_decoder {
  struct jpeg_decompress_struct info;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  // Whether what a warning says is a reason to give the picture up, and what it may keep of them.
  bool (*is_damage)(struct cjpeg_decoder *_Nonnull);
  size_t size, stray_bytes;
  bool has_no_end;
  // A progressive picture may have any number of scans, each of which costs as much as a picture.
  int most_scans;
};

static inline void cjpeg_escape(j_common_ptr info) { longjmp(((struct cjpeg_decoder *)info)->escape, 1); }

static inline void cjpeg_hear(j_common_ptr info, int level) {
  struct cjpeg_decoder *decoder = (struct cjpeg_decoder *)info;
  if (level < 0 && decoder->is_damage(decoder)) cjpeg_escape(info);
}

static inline void cjpeg_count_scans(j_common_ptr info) {
  struct cjpeg_decoder *decoder = (struct cjpeg_decoder *)info;
  if (decoder->info.input_scan_number > decoder->most_scans) ERREXIT1(info, JERR_BAD_PROG_SCRIPT, decoder->most_scans);
}

// `is_damage` and `most_scans` are the caller's to set before, and `jpeg_destroy_decompress` to call after, whatever
// comes of it.
static inline bool cjpeg_read_header(struct cjpeg_decoder *_Nonnull decoder, const uint8_t *_Nonnull bytes, size_t count) {
  decoder->info.err = jpeg_std_error(&decoder->errors);
  decoder->errors.error_exit = cjpeg_escape;
  decoder->errors.emit_message = cjpeg_hear;
  decoder->info.mem = NULL;
  if (setjmp(decoder->escape)) return false;
  jpeg_create_decompress(&decoder->info);
  decoder->progress.progress_monitor = cjpeg_count_scans;
  decoder->info.progress = &decoder->progress;
  jpeg_mem_src(&decoder->info, bytes, count);
  jpeg_read_header(&decoder->info, TRUE);
  return true;
}

static inline bool cjpeg_start(struct cjpeg_decoder *_Nonnull decoder) {
  if (setjmp(decoder->escape)) return false;
  jpeg_start_decompress(&decoder->info);
  return true;
}

// A row of MCUs, as the samples are stored.
static inline bool cjpeg_read_raw(struct cjpeg_decoder *_Nonnull decoder, JSAMPIMAGE _Nonnull rows, JDIMENSION count) {
  if (setjmp(decoder->escape)) return false;
  return jpeg_read_raw_data(&decoder->info, rows, count) > 0;
}

static inline bool cjpeg_read_row(struct cjpeg_decoder *_Nonnull decoder, JSAMPROW _Nonnull row) {
  if (setjmp(decoder->escape)) return false;
  return jpeg_read_scanlines(&decoder->info, &row, 1) == 1;
}

static inline bool cjpeg_finish(struct cjpeg_decoder *_Nonnull decoder) {
  if (setjmp(decoder->escape)) return false;
  jpeg_finish_decompress(&decoder->info);
  return true;
}

static inline void cjpeg_destroy(struct cjpeg_decoder *_Nonnull decoder) { jpeg_destroy_decompress(&decoder->info); }

// libjpeg's words for what went wrong; `text` has room for JMSG_LENGTH_MAX of them.
static inline void cjpeg_describe(struct cjpeg_decoder *_Nonnull decoder, char *_Nonnull text) {
  decoder->errors.format_message((j_common_ptr)&decoder->info, text);
}

// MARK: Encoding

struct cjpeg_encoder {
  struct jpeg_compress_struct info;
  struct jpeg_error_mgr errors;
};

// libjpeg's own would end the program as though in order.
static inline void cjpeg_abort(j_common_ptr info) {
  info->err->output_message(info);
  abort();
}

static inline void cjpeg_create_encoder(struct cjpeg_encoder *_Nonnull encoder) {
  encoder->info.err = jpeg_std_error(&encoder->errors);
  encoder->errors.error_exit = cjpeg_abort;
  jpeg_create_compress(&encoder->info);
}
