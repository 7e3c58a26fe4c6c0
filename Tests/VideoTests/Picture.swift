import NIOCore
import Video

/// A picture that tests may keep: compact planes in memory of its own.
struct Picture: Equatable {
  var width: Int
  var height: Int
  var luma: [UInt8]
  var u: [UInt8]
  var v: [UInt8]

  init(width: Int, height: Int, luma: [UInt8], u: [UInt8], v: [UInt8]) {
    self.width = width
    self.height = height
    self.luma = luma
    self.u = u
    self.v = v
  }

  init(copying frame: borrowing VideoFrame) {
    func rows(_ plane: VideoFrame.Plane, _ width: Int, _ height: Int, step: Int = 1, from start: Int = 0) -> [UInt8] {
      (0..<height).flatMap { y in (0..<width).map { x in plane.base[y * plane.stride + x * step + start] } }
    }
    let (chromaWidth, chromaHeight) = (frame.chromaWidth, frame.chromaHeight)
    switch frame.chroma {
    case .i420(let u, let v):
      self.u = rows(u, chromaWidth, chromaHeight)
      self.v = rows(v, chromaWidth, chromaHeight)
    case .nv12(let uv):
      u = rows(uv, chromaWidth, chromaHeight, step: 2)
      v = rows(uv, chromaWidth, chromaHeight, step: 2, from: 1)
    }
    width = frame.width
    height = frame.height
    luma = rows(frame.luma, width, height)
  }

  /// Something with detail in all planes, which moves two samples a frame.
  init(width: Int, height: Int, texture number: Int) {
    func sample(_ x: Int, _ y: Int) -> UInt8 {
      var value = UInt32(x / 2) &* 73_856_093 ^ UInt32(y / 2) &* 19_349_663
      value = (value ^ value >> 13) &* 1_274_126_177
      return UInt8(60 + (value >> 16) % 128)
    }
    func plane(_ width: Int, _ height: Int, _ sample: (Int, Int) -> UInt8) -> [UInt8] {
      (0..<height).flatMap { y in (0..<width).map { x in sample(x, y) } }
    }
    let (chromaWidth, chromaHeight) = ((width + 1) / 2, (height + 1) / 2)
    self.init(
      width: width, height: height, luma: plane(width, height) { sample($0 + 2 * number, $1) },
      u: plane(chromaWidth, chromaHeight) { UInt8(64 + ($0 + number + $1) % 128) },
      v: plane(chromaWidth, chromaHeight) { UInt8(64 + ($0 + 2 * $1) % 128) })
  }

  /// Lends the picture with `padding` bytes behind each row, so that a mixed-up stride shows.
  func withFrame<R>(
    captureTime: NIODeadline = .uptimeNanoseconds(0), colourSpace: ColourSpace = .vp8, padding: Int = 0,
    asNV12: Bool = false, _ body: (borrowing VideoFrame) throws -> R
  ) rethrows -> R {
    func padded(_ plane: [UInt8], _ width: Int) -> [UInt8] {
      stride(from: 0, to: plane.count, by: width).flatMap {
        plane[$0..<$0 + width] + [UInt8](repeating: 0xaa, count: padding)
      }
    }
    let chromaWidth = (width + 1) / 2
    let interleaved = zip(u, v).flatMap { [$0, $1] }
    return try padded(luma, width).withUnsafeBufferPointer { luma in
      try padded(u, chromaWidth).withUnsafeBufferPointer { u in
        try padded(v, chromaWidth).withUnsafeBufferPointer { v in
          try padded(interleaved, 2 * chromaWidth).withUnsafeBufferPointer { uv in
            func plane(_ buffer: UnsafeBufferPointer<UInt8>, _ width: Int) -> VideoFrame.Plane {
              .init(base: buffer.baseAddress!, stride: width + padding)
            }
            return try body(
              VideoFrame(
                width: width, height: height, luma: plane(luma, width),
                chroma: asNV12
                  ? .nv12(plane(uv, 2 * chromaWidth)) : .i420(u: plane(u, chromaWidth), v: plane(v, chromaWidth)),
                colourSpace: colourSpace, captureTime: captureTime))
          }
        }
      }
    }
  }

  /// Mean squared error over all three planes; peak signal to noise ratio is `10 log10(255² / error)`.
  func meanSquaredError(to other: Picture) -> Double {
    let pairs = [(luma, other.luma), (u, other.u), (v, other.v)]
    var sum = 0
    for (mine, theirs) in pairs {
      for index in mine.indices {
        let difference = Int(mine[index]) - Int(theirs[index])
        sum += difference * difference
      }
    }
    return Double(sum) / Double(luma.count + u.count + v.count)
  }

  /// 255² / 10^(dB / 10), for the ratios that the tests ask for.
  static let errorAt30dB = 65.0
  static let errorAt35dB = 20.6
}
