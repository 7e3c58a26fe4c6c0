// As much of ITU-T T.81 as a camera's picture needs: flat blocks in 4:2:2, and where its segments are.
#define _GNU_SOURCE
#include "Handle.h"
#include <string.h>

enum { marker_dht = 0xC4, marker_soi = 0xD8, marker_sos = 0xDA };

// MARK: Writing

struct writer {
  uint8_t *bytes;
  uint32_t length, room, bits, bit_count;
};

static void put(struct writer *writer, const uint8_t *bytes, uint32_t count) {
  if (writer->length + count > writer->room) return;
  memcpy(writer->bytes + writer->length, bytes, count);
  writer->length += count;
}

static void put_bits(struct writer *writer, uint32_t value, uint32_t count) {
  writer->bits = writer->bits << count | value;
  writer->bit_count += count;
  while (writer->bit_count >= 8) {
    writer->bit_count -= 8;
    uint8_t byte = (uint8_t)(writer->bits >> writer->bit_count);
    put(writer, (const uint8_t[]){byte, 0}, byte == 0xFF ? 2 : 1);
  }
  writer->bits &= (1u << writer->bit_count) - 1;
}

struct code {
  uint8_t bits, length;
};

// Annex K.3.3.1, tables K.3 and K.4; the end of a block is 1010 in K.5 and 00 in K.6.
static const struct code luma_codes[] = {
  {0x0, 2}, {0x2, 3}, {0x3, 3}, {0x4, 3}, {0x5, 3}, {0x6, 3}, {0xE, 4}, {0x1E, 5}, {0x3E, 6}, {0x7E, 7}};
static const struct code chroma_codes[] = {
  {0x0, 2}, {0x1, 2}, {0x2, 2}, {0x6, 3}, {0xE, 4}, {0x1E, 5}, {0x3E, 6}, {0x7E, 7}, {0xFE, 8}};
static const struct code luma_end = {0xA, 4}, chroma_end = {0x0, 2};

static void put_block(struct writer *writer, int *before, int value, const struct code *codes, struct code end) {
  int difference = value - *before;
  *before = value;
  uint32_t size = 0;
  for (int left = difference < 0 ? -difference : difference; left != 0; left >>= 1) size++;
  put_bits(writer, codes[size].bits, codes[size].length);
  if (size > 0) put_bits(writer, (uint32_t)(difference < 0 ? difference + (1 << size) - 1 : difference), size);
  put_bits(writer, end.bits, end.length);
}

// The tables are the beginnings of the standard ones: what is left out is never used here.
static const uint8_t huffman_tables[] = {
  0xFF, marker_dht, 0, 102,
  0x00, 0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
  0x10, 0, 2, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x02, 0x03, 0x00, 0x04, 0x11,
  0x01, 0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
  0x11, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x01};

uint32_t camera_write_jpeg(
  uint8_t *bytes, uint32_t room, uint32_t width, uint32_t height, uint8_t (*luma)(uint32_t, uint32_t, uint32_t),
  uint32_t number) {
  struct writer writer = {.bytes = bytes, .room = room};
  uint8_t quantization[69] = {0xFF, 0xDB, 0, 67, 0};
  // A flat block's one coefficient is 8 times the sample.
  memset(quantization + 5, 8, 64);
  uint8_t frame[] = {
    0xFF, 0xC0, 0, 17, 8, (uint8_t)(height >> 8), (uint8_t)height, (uint8_t)(width >> 8), (uint8_t)width,
    3, 1, 0x21, 0, 2, 0x11, 0, 3, 0x11, 0};
  static const uint8_t scan[] = {0xFF, marker_sos, 0, 12, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0};
  put(&writer, (uint8_t[]){0xFF, marker_soi}, 2);
  put(&writer, quantization, sizeof quantization);
  put(&writer, frame, sizeof frame);
  put(&writer, huffman_tables, sizeof huffman_tables);
  put(&writer, scan, sizeof scan);
  int y_before = 0, u_before = 0, v_before = 0;
  for (uint32_t y = 0; y < height; y += 8) {
    for (uint32_t x = 0; x < width; x += 16) {
      put_block(&writer, &y_before, luma(x, y, number) - 128, luma_codes, luma_end);
      put_block(&writer, &y_before, luma(x + 8, y, number) - 128, luma_codes, luma_end);
      put_block(&writer, &u_before, 100 - 128, chroma_codes, chroma_end);
      put_block(&writer, &v_before, 150 - 128, chroma_codes, chroma_end);
    }
  }
  if (writer.bit_count > 0) put_bits(&writer, (1u << (8 - writer.bit_count)) - 1, 8 - writer.bit_count);
  put(&writer, (const uint8_t[]){0xFF, 0xD9}, 2);
  return writer.length;
}

// MARK: Reading

// The segment that begins at `at`: its length with the marker, 0 at the end or where there is none.
static uint32_t segment(const uint8_t *bytes, uint32_t length, uint32_t at) {
  if (at + 4 > length || bytes[at] != 0xFF) return 0;
  uint32_t size = 2 + (uint32_t)bytes[at + 2] * 256 + bytes[at + 3];
  return size > length - at ? 0 : size;
}

uint32_t camera_jpeg_scan(const uint8_t *bytes, uint32_t length) {
  uint32_t at = 2, size;
  while ((size = segment(bytes, length, at)) != 0) {
    at += size;
    if (bytes[at - size + 1] == marker_sos) return at;
  }
  return length;
}

uint32_t camera_strip_huffman_tables(uint8_t *bytes, uint32_t length) {
  uint32_t at = 2, size;
  while ((size = segment(bytes, length, at)) != 0 && bytes[at + 1] != marker_sos) {
    if (bytes[at + 1] != marker_dht) {
      at += size;
      continue;
    }
    memmove(bytes + at, bytes + at + size, length - at - size);
    length -= size;
  }
  return length;
}
