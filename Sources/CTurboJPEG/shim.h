#pragma once
#include <turbojpeg.h>

// Arrays of planes are tuples to Swift, and the library takes its input as mutable in some versions only.
static inline int ctj_decompress_planes(
    tjhandle decoder, const unsigned char *jpeg, unsigned long size, unsigned char *y, int y_stride, unsigned char *u,
    unsigned char *v, int uv_stride, int width, int height) {
  unsigned char *planes[3] = {y, u, v};
  int strides[3] = {y_stride, uv_stride, uv_stride};
  return tjDecompressToYUVPlanes(decoder, jpeg, size, planes, width, strides, height, 0);
}

static inline int ctj_compress_planes(
    tjhandle encoder, const unsigned char *y, int y_stride, const unsigned char *u, int u_stride,
    const unsigned char *v, int v_stride, int width, int height, unsigned char **jpeg, unsigned long *size,
    int quality) {
  const unsigned char *planes[3] = {y, u, v};
  int strides[3] = {y_stride, u_stride, v_stride};
  return tjCompressFromYUVPlanes(encoder, planes, width, strides, height, TJSAMP_420, jpeg, size, quality, 0);
}
