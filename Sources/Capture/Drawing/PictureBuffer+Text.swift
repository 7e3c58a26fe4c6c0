import Video

extension PictureBuffer {
  /// Writes one line of text into luma. Each dot of a glyph is `scale` samples square, and a blank column follows each
  /// character. The line must fit into the picture.
  borrowing func write(_ text: String, left: Int, top: Int, scale: Int, value: UInt8) {
    for (index, character) in text.enumerated() {
      let x = left + index * (Glyph.columns + 1) * scale
      for (row, bits) in Glyph.rows(of: character).enumerated() {
        for column in 0..<Glyph.columns where bits >> UInt8(Glyph.columns - 1 - column) & 1 == 1 {
          for line in 0..<scale {
            let start = (top + row * scale + line) * lumaStride + x + column * scale
            (luma.baseAddress! + start).update(repeating: value, count: scale)
          }
        }
      }
    }
  }
}
