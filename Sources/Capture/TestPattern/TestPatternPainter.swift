import Video

/// Draws frame N of the test pattern over the previous frame, changing only what differs.
///
/// Colour bars are at the top, sixteen counter blocks across the middle, and a grey ramp with clock and frame number at
/// the bottom; a disc moves over the bars.
struct TestPatternPainter: ~Copyable {
  let picture: PictureBuffer
  private let background: PictureBuffer
  private var disc: Rectangle?

  /// An area in samples with even edges, so that it covers whole chroma samples.
  private struct Rectangle {
    var x: Int, y: Int, width: Int, height: Int
  }

  init(width: Int, height: Int) {
    picture = PictureBuffer(width: width, height: height)
    background = PictureBuffer(width: width, height: height)
    Self.paintBackground(background)
    Self.copy(Rectangle(x: 0, y: 0, width: width, height: height), from: background, to: picture)
  }

  mutating func paint(frame number: Int64, clock: String) {
    if let disc {
      Self.copy(disc, from: background, to: picture)
    }
    disc = paintDisc(at: number)
    paintCounter(UInt16(truncatingIfNeeded: number))
    paintText("\(clock) #\(number)")
  }

  // MARK: Background

  /// The rows of the counter; the ramp with the clock begins below.
  private static func counterRows(_ height: Int) -> Range<Int> {
    height * 7 / 16..<height * 9 / 16
  }

  private static func paintBackground(_ picture: borrowing PictureBuffer) {
    let counter = counterRows(picture.height)
    for y in 0..<picture.height {
      let row = picture.luma.baseAddress! + y * picture.lumaStride
      for x in 0..<picture.width {
        row[x] =
          if y < counter.lowerBound { bars[x * bars.count / picture.width].y } else if counter.contains(y) { 16 } else {
            UInt8(16 + x * 219 / picture.width)
          }
      }
    }
    // The bars end above the first chroma row that they would share with the counter, so that its blocks are grey up to
    // their edges.
    for y in 0..<counter.lowerBound / 2 {
      for x in 0..<picture.width / 2 {
        let bar = bars[2 * x * bars.count / picture.width]
        picture.u[y * picture.chromaStride + x] = bar.u
        picture.v[y * picture.chromaStride + x] = bar.v
      }
    }
  }

  /// The bars white, yellow, cyan, green, magenta, red, blue and black at 75 % (ITU-R BT.471), in limited-range BT.601.
  private static let bars: [(y: UInt8, u: UInt8, v: UInt8)] = [
    (180, 128, 128), (162, 44, 142), (131, 156, 44), (112, 72, 58), (84, 184, 198), (65, 100, 212), (35, 212, 114),
    (16, 128, 128),
  ]

  private static func copy(_ area: Rectangle, from: borrowing PictureBuffer, to: borrowing PictureBuffer) {
    func copy(
      _ source: UnsafeMutableBufferPointer<UInt8>, _ target: UnsafeMutableBufferPointer<UInt8>, _ stride: Int,
      _ area: Rectangle
    ) {
      for y in area.y..<area.y + area.height {
        let start = y * stride + area.x
        (target.baseAddress! + start).update(from: source.baseAddress! + start, count: area.width)
      }
    }
    let half = Rectangle(x: area.x / 2, y: area.y / 2, width: area.width / 2, height: area.height / 2)
    copy(from.luma, to.luma, from.lumaStride, area)
    copy(from.u, to.u, from.chromaStride, half)
    copy(from.v, to.v, from.chromaStride, half)
  }

  // MARK: Moving parts

  /// Draws a white disc with a dark bar through it, which moves by whole samples so that no floating point is needed.
  private func paintDisc(at number: Int64) -> Rectangle? {
    let space = (width: picture.width, height: Self.counterRows(picture.height).lowerBound & ~1)
    let diameter = min(space.width, space.height) / 3 & ~1
    guard diameter >= 4 else { return nil }
    let area = Rectangle(
      x: Self.swing(number &* Int64(max(2, picture.width / 160)), within: space.width - diameter) & ~1,
      y: Self.swing(number &* Int64(max(2, picture.height / 240)), within: space.height - diameter) & ~1,
      width: diameter, height: diameter)
    let radius = diameter / 2
    for row in 0..<diameter {
      let dy = 2 * row + 1 - diameter
      var half = 0
      while half < radius, (2 * half + 1) * (2 * half + 1) + dy * dy <= diameter * diameter { half += 1 }
      let y = area.y + row
      let isBar = abs(dy) < diameter / 6
      fill(picture.luma, picture.lumaStride, y, area.x + radius - half..<area.x + radius + half, isBar ? 60 : 235)
      if row % 2 == 0 {
        let columns = (area.x + radius - half) / 2..<(area.x + radius + half) / 2
        fill(picture.u, picture.chromaStride, y / 2, columns, 128)
        fill(picture.v, picture.chromaStride, y / 2, columns, 128)
      }
    }
    return area
  }

  /// Returns a position that moves back and forth between 0 and `limit`.
  private static func swing(_ position: Int64, within limit: Int) -> Int {
    guard limit > 0 else { return 0 }
    let period = Int64(2 * limit)
    let phase = Int(((position % period) + period) % period)
    return phase <= limit ? phase : 2 * limit - phase
  }

  /// Draws the counter: block i, from the left, is bit 15 - i, white for one and black for zero.
  private func paintCounter(_ value: UInt16) {
    for y in Self.counterRows(picture.height) {
      for block in 0..<16 {
        let columns = block * picture.width / 16..<(block + 1) * picture.width / 16
        fill(picture.luma, picture.lumaStride, y, columns, value >> UInt16(15 - block) & 1 == 1 ? 235 : 16)
      }
    }
  }

  /// Writes white text on black, centred in the ramp and scaled by a whole number.
  private func paintText(_ text: String) {
    let top = Self.counterRows(picture.height).upperBound
    let length = max(text.count, Self.reservedCharacters)
    let scale = min(
      picture.width / ((length + 2) * (Glyph.columns + 1)), (picture.height - top) / (Glyph.rows + 4))
    guard scale > 0 else { return }
    let advance = (Glyph.columns + 1) * scale
    let left = (picture.width - (length + 1) * advance) / 2
    let firstRow = top + (picture.height - top - (Glyph.rows + 2) * scale) / 2
    let box = left..<left + (length + 1) * advance
    for y in firstRow..<firstRow + (Glyph.rows + 2) * scale {
      fill(picture.luma, picture.lumaStride, y, box, 16)
    }
    picture.write(text, left: left + advance / 2, top: firstRow + scale, scale: scale, value: 235)
  }

  /// The characters for which the box has room, as in `00:00:00.000 #1234567`. Its size is constant for the first days,
  /// so that no frame leaves remains of another.
  private static let reservedCharacters = 21

  private func fill(
    _ plane: UnsafeMutableBufferPointer<UInt8>, _ stride: Int, _ row: Int, _ columns: Range<Int>, _ value: UInt8
  ) {
    (plane.baseAddress! + row * stride + columns.lowerBound).update(repeating: value, count: columns.count)
  }
}
