import Video

/// A small picture made of half blocks (U+2580): each character cell shows two pixels, one above the other.
package struct TerminalPicture: Equatable, Sendable {
  struct Pixel: Equatable, Sendable {
    var red: UInt8
    var green: UInt8
    var blue: UInt8
  }

  let width: Int
  /// Even.
  let height: Int
  private(set) var pixels: [Pixel]

  /// The most columns: more make a picture that does not fit the lines of a terminal.
  private static let maximumColumns = 64

  /// Samples a frame; the colours are good enough to recognize what the camera sees, whatever its colour space.
  ///
  /// - Parameter columns: of the terminal.
  package init(_ frame: borrowing VideoFrame, columns: Int) {
    width = max(2, min(Self.maximumColumns, columns, frame.width))
    height = max(2, (frame.height * width / frame.width + 1) / 2 * 2)
    pixels = []
    pixels.reserveCapacity(width * height)
    for row in 0..<height {
      for column in 0..<width {
        pixels.append(
          Self.mean(
            of: frame, columns: Self.span(column, of: width, in: frame.width),
            rows: Self.span(row, of: height, in: frame.height)))
      }
    }
  }

  private static func span(_ index: Int, of count: Int, in length: Int) -> Range<Int> {
    let start = min(index * length / count, length - 1)
    return start..<max(start + 1, min((index + 1) * length / count, length))
  }

  /// The mean colour of a rectangle.
  private static func mean(of frame: borrowing VideoFrame, columns: Range<Int>, rows: Range<Int>) -> Pixel {
    var (y, u, v) = (0, 0, 0)
    for row in rows {
      for column in columns {
        y += Int(frame.luma.base[row * frame.luma.stride + column])
        switch frame.chroma {
        case .i420(let uPlane, let vPlane):
          u += Int(uPlane.base[row / 2 * uPlane.stride + column / 2])
          v += Int(vPlane.base[row / 2 * vPlane.stride + column / 2])
        case .nv12(let plane):
          u += Int(plane.base[row / 2 * plane.stride + column / 2 * 2])
          v += Int(plane.base[row / 2 * plane.stride + column / 2 * 2 + 1])
        }
      }
    }
    let count = Double(columns.count * rows.count)
    return pixel(y: Double(y) / count, u: Double(u) / count - 128, v: Double(v) / count - 128, frame.colourSpace)
  }

  /// ITU-R BT.601, or BT.709 for what is not of it.
  private static func pixel(y: Double, u: Double, v: Double, _ space: ColourSpace) -> Pixel {
    let isFull = space.range == .full
    let luma = isFull ? y : (y - 16) * 255 / 219
    let scale = isFull ? 1 : 255.0 / 224
    let (kr, kb) = space.matrix == .bt601 ? (0.299, 0.114) : (0.2126, 0.0722)
    let red = luma + 2 * (1 - kr) * v * scale
    let blue = luma + 2 * (1 - kb) * u * scale
    let green = (luma - kr * red - kb * blue) / (1 - kr - kb)
    func byte(_ value: Double) -> UInt8 { UInt8(max(0, min(255, value.rounded()))) }
    return Pixel(red: byte(red), green: byte(green), blue: byte(blue))
  }

  /// The lines to print; none for a terminal without colours.
  package func lines(_ colours: TerminalStyle.Colours) -> [String] {
    guard colours != .none else { return [] }
    return stride(from: 0, to: height, by: 2).map { row in
      var line = ""
      var last: (Pixel, Pixel)?
      for column in 0..<width {
        let (upper, lower) = (pixels[row * width + column], pixels[(row + 1) * width + column])
        if last.map({ $0 != (upper, lower) }) ?? true {
          line += "\u{1b}[38;\(Self.code(upper, colours));48;\(Self.code(lower, colours))m"
        }
        last = (upper, lower)
        line += "\u{2580}"
      }
      return line + "\u{1b}[0m"
    }
  }

  /// The parameters of Select Graphic Rendition (ECMA-48 section 8.3.117, ITU-T T.416).
  private static func code(_ pixel: Pixel, _ colours: TerminalStyle.Colours) -> String {
    if colours == .direct { return "2;\(pixel.red);\(pixel.green);\(pixel.blue)" }
    // The cube of six steps a colour that begins at 16.
    func step(_ value: UInt8) -> Int { value < 48 ? 0 : value < 115 ? 1 : (Int(value) - 35) / 40 }
    return "5;\(16 + 36 * step(pixel.red) + 6 * step(pixel.green) + step(pixel.blue))"
  }
}
