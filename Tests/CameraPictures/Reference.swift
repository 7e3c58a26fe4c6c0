import CYUV
import Glibc
import Video

/// What a picture has to look like, in BT.601 of limited range, as VP8 has it.
struct Reference {
  private let width: Int
  private let height: Int
  private var luma: [UInt8] = []
  private var u: [UInt8] = []
  private var v: [UInt8] = []
  /// In formats without colours, for which vivid weighs red, green and blue after BT.709.
  private var grey: [UInt8] = []

  /// - Parameter path: a file of red, green and blue, a byte each.
  init?(path: String, width: Int, height: Int) {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 3 * width * height)
    guard fread(&bytes, 1, bytes.count, file) == bytes.count, getc(file) == EOF else { return nil }
    self.width = width
    self.height = height
    func colour(_ x: Int, _ y: Int) -> (red: Double, green: Double, blue: Double) {
      let start = 3 * (y * width + x)
      return (Double(bytes[start]), Double(bytes[start + 1]), Double(bytes[start + 2]))
    }
    func byte(_ value: Double) -> UInt8 { UInt8(value.rounded()) }
    for y in 0..<height {
      for x in 0..<width {
        let (red, green, blue) = colour(x, y)
        luma.append(byte(16 + (0.299 * red + 0.587 * green + 0.114 * blue) * 219 / 255))
        grey.append(byte(16 + (0.2126 * red + 0.7152 * green + 0.0722 * blue) * 219 / 255))
      }
    }
    for y in 0..<height / 2 {
      for x in 0..<width / 2 {
        var sum = (u: 0.0, v: 0.0)
        for (row, column) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
          let (red, green, blue) = colour(2 * x + column, 2 * y + row)
          let luma = 0.299 * red + 0.587 * green + 0.114 * blue
          sum = (sum.u + (blue - luma) / 1.772, sum.v + (red - luma) / 1.402)
        }
        u.append(byte(128 + sum.u / 4 * 224 / 255))
        v.append(byte(128 + sum.v / 4 * 224 / 255))
      }
    }
  }

  /// Of a picture of the same size.
  func distance(of frame: borrowing VideoFrame) -> Distance {
    let (width, height) = (Int32(width / 2), Int32(height / 2))
    var (seenU, seenV) = ([UInt8](repeating: 0, count: u.count), [UInt8](repeating: 0, count: v.count))
    switch frame.chroma {
    case .i420(let u, let v):
      CopyPlane(u.base, Int32(u.stride), &seenU, width, width, height)
      CopyPlane(v.base, Int32(v.stride), &seenV, width, width, height)
    case .nv12(let uv):
      SplitUVPlane(uv.base, Int32(uv.stride), &seenU, width, &seenV, width, width, height)
    }
    let isGrey = (seenU + seenV).allSatisfy { $0 == 128 }
    return Distance(
      luma: CalcFramePsnr(
        frame.luma.base, Int32(frame.luma.stride), isGrey ? grey : luma, 2 * width, 2 * width, 2 * height),
      chroma: isGrey ? nil : CalcFramePsnr(seenU + seenV, width, u + v, width, width, 2 * height))
  }
}
