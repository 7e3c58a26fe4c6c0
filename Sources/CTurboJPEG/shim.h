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
