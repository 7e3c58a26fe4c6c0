@testable import Capture

/// A picture as a camera lays it out, made sample by sample after the kernel's documentation of its format.
struct LaidOutPicture {
  typealias Colour = (y: UInt8, u: UInt8, v: UInt8)

  let format: PixelFormat
  let width: Int
  let height: Int
  /// Behind each row of the first plane, and of the others in proportion.
  var padding = 0
  let colour: (Int, Int) -> Colour

  /// Plane behind plane.
  var bytes: [UInt8] { planes.joined().flatMap(\.self) }

  /// The rows of both fields in turns, in each plane.
  var inTurns: [UInt8] {
    zip(field(0).planes, field(1).planes).flatMap { first, second in zip(first, second).flatMap { $0 + $1 } }
  }

  /// The rows of the first field, and behind them those of the second, in each plane.
  var inSequence: [UInt8] {
    zip(field(0).planes, field(1).planes).flatMap { ($0 + $1).flatMap(\.self) }
  }

  /// One field, in a buffer of its own.
  func field(_ parity: Int) -> LaidOutPicture {
    LaidOutPicture(format: format, width: width, height: height / 2, padding: padding) { colour($0, 2 * $1 + parity) }
  }

  /// The rows of each.
  private var planes: [[[UInt8]]] {
    if let packed {
      return [
        (0..<height).map { y in
          let row = packed(y)
          return pad(row, to: row.count + padding)
        }
      ]
    }
    guard let chroma else { return [] }
    let luma = (0..<height).map { y in pad((0..<width).map { colour($0, y).y }, to: width + padding) }
    let chromaHeight = (height + chroma.rows - 1) / chroma.rows
    return [luma]
      + chroma.planes.map { part in
        (0..<chromaHeight).map { y in
          let row = (0..<(width + chroma.columns - 1) / chroma.columns).flatMap { x in
            part(colour(x * chroma.columns, y * chroma.rows))
          }
          return pad(row, to: row.count * (width + padding) / width)
        }
      }
  }

  private func pad(_ row: [UInt8], to length: Int) -> [UInt8] {
    row + [UInt8](repeating: 0xaa, count: max(0, length - row.count))
  }

  // MARK: Formats

  private struct Chroma {
    var columns: Int
    var rows: Int
    var planes: [(Colour) -> [UInt8]]
  }

  private var chroma: Chroma? {
    let (u, v): ((Colour) -> [UInt8], (Colour) -> [UInt8]) = ({ [$0.u] }, { [$0.v] })
    let (uv, vu): ((Colour) -> [UInt8], (Colour) -> [UInt8]) = ({ [$0.u, $0.v] }, { [$0.v, $0.u] })
    switch format {
    case "NV12", "NM12": return Chroma(columns: 2, rows: 2, planes: [uv])
    case "NV21", "NM21": return Chroma(columns: 2, rows: 2, planes: [vu])
    case "NV16", "NM16": return Chroma(columns: 2, rows: 1, planes: [uv])
    case "NV61", "NM61": return Chroma(columns: 2, rows: 1, planes: [vu])
    case "NV24": return Chroma(columns: 1, rows: 1, planes: [uv])
    case "NV42": return Chroma(columns: 1, rows: 1, planes: [vu])
    case "YU12", "YM12": return Chroma(columns: 2, rows: 2, planes: [u, v])
    case "YV12", "YM21": return Chroma(columns: 2, rows: 2, planes: [v, u])
    case "422P", "YM16": return Chroma(columns: 2, rows: 1, planes: [u, v])
    case "YM61": return Chroma(columns: 2, rows: 1, planes: [v, u])
    case "YM24": return Chroma(columns: 1, rows: 1, planes: [u, v])
    case "YM42": return Chroma(columns: 1, rows: 1, planes: [v, u])
    case "411P": return Chroma(columns: 4, rows: 1, planes: [u, v])
    case "YUV9": return Chroma(columns: 4, rows: 4, planes: [u, v])
    case "YVU9": return Chroma(columns: 4, rows: 4, planes: [v, u])
    default: return nil
    }
  }

  /// A row of a format of one plane.
  private var packed: ((Int) -> [UInt8])? {
    func pairs(_ part: @escaping (Colour, Colour) -> [UInt8]) -> (Int) -> [UInt8] {
      { y in stride(from: 0, to: width, by: 2).flatMap { part(colour($0, y), colour($0 + 1, y)) } }
    }
    func pixels(_ part: @escaping ((r: Int, g: Int, b: Int)) -> [UInt8]) -> (Int) -> [UInt8] {
      { y in (0..<width).flatMap { part(Self.rgb(colour($0, y))) } }
    }
    func words(_ red: Int, _ green: Int, _ blue: Int) -> (Int) -> [UInt8] {
      pixels { pixel in
        let (r, g, b) = (pixel.r >> (8 - red), pixel.g >> (8 - green), pixel.b >> (8 - blue))
        let word = (r << (green + blue)) | (g << blue) | b
        return [UInt8(word & 0xff), UInt8(word >> 8)]
      }
    }
    func grey(_ part: @escaping (Int) -> [UInt8]) -> (Int) -> [UInt8] {
      { y in (0..<width).flatMap { part(Self.fullLuma(colour($0, y))) } }
    }
    func byte(_ value: Int) -> UInt8 { UInt8(value) }
    switch format {
    case "YUYV": return pairs { [$0.y, $0.u, $1.y, $0.v] }
    case "YVYU": return pairs { [$0.y, $0.v, $1.y, $0.u] }
    case "UYVY": return pairs { [$0.u, $0.y, $0.v, $1.y] }
    case "VYUY": return pairs { [$0.v, $0.y, $0.u, $1.y] }
    case "RGB3": return pixels { [byte($0.r), byte($0.g), byte($0.b)] }
    case "BGR3": return pixels { [byte($0.b), byte($0.g), byte($0.r)] }
    case "AB24", "XB24": return pixels { [byte($0.r), byte($0.g), byte($0.b), 9] }
    case "BGR4", "AR24", "XR24": return pixels { [byte($0.b), byte($0.g), byte($0.r), 9] }
    case "RGB4", "BA24", "BX24": return pixels { [9, byte($0.r), byte($0.g), byte($0.b)] }
    case "RA24", "RX24": return pixels { [9, byte($0.b), byte($0.g), byte($0.r)] }
    case "RGBP": return words(5, 6, 5)
    case "RGBO", "XR15": return words(5, 5, 5)
    case "R444", "XR12": return words(4, 4, 4)
    case "GREY": return grey { [byte($0)] }
    case "Y10 ": return grey { [byte(($0 << 2) & 0xff), byte($0 >> 6)] }
    case "Y12 ": return grey { [byte(($0 << 4) & 0xff), byte($0 >> 4)] }
    case "Y16 ": return grey { [0x55, byte($0)] }
    // Two rows of luma, and one of chroma for both.
    case "M420": return { y in m420(y) }
    default: return nil
    }
  }

  /// Of 12 bits a pixel, so that three rows of it make two of the picture.
  private func m420(_ y: Int) -> [UInt8] {
    let pair = y / 2 * 2
    let lines = [pair, pair + 1].flatMap { y in (0..<width).map { colour($0, y).y } }
    let chroma = stride(from: 0, to: width, by: 2).flatMap { [colour($0, pair).u, colour($0, pair).v] }
    let half = width * 3 / 2
    return Array((lines + chroma)[(y % 2 * half)..<((y % 2 + 1) * half)])
  }

  /// With all 256 levels.
  private static func fullLuma(_ colour: Colour) -> Int {
    Int((255 / 219 * (Double(colour.y) - 16)).rounded())
  }

  /// BT.601, limited range.
  static func rgb(_ colour: Colour) -> (r: Int, g: Int, b: Int) {
    let y = 255 / 219 * (Double(colour.y) - 16)
    let (cb, cr) = (255 / 224 * (Double(colour.u) - 128), 255 / 224 * (Double(colour.v) - 128))
    func level(_ value: Double) -> Int { Int(max(0, min(255, value.rounded()))) }
    return (level(y + 1.402 * cr), level(y - 0.344 * cb - 0.714 * cr), level(y + 1.772 * cb))
  }
}
