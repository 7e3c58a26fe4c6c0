/// Converts a picture from one colour space to another without leaving YCbCr: red, green and blue are linear in Y, Cb
/// and Cr, so that both matrices and both ranges combine to one (ITU-R BT.601, BT.709, BT.2020; H.273 section 8.3).
///
/// A conversion to RGB and back would cost several times as much and blur the chroma twice.
struct ColourTransform {
  /// The fractional bits of the fixed-point coefficients, with which the error is below a thousandth of a level in 8
  /// bits.
  private static let fraction: Int32 = 14
  private static let half: Int32 = 1 << (fraction - 1)

  /// The coefficients of luma from luma, and from the distance of each chroma sample to grey.
  private let yFromY: Int32
  private let yFromU: Int32
  private let yFromV: Int32
  private let yOffset: Int32
  /// The coefficients of chroma, which does not depend on luma: grey stays grey.
  private let uFromU: Int32
  private let uFromV: Int32
  private let vFromU: Int32
  private let vFromV: Int32

  init(from source: ColourSpace, to targetSpace: ColourSpace = .vp8) {
    let (sourceScale, targetScale) = (source.range.scale, targetSpace.range.scale)
    let (red, green, blue) = source.matrix.lumaWeights
    let target = targetSpace.matrix.lumaWeights

    func converted(y: Double, cb: Double, cr: Double) -> (y: Double, cb: Double, cr: Double) {
      let r = y + 2 * (1 - red) * cr
      let b = y + 2 * (1 - blue) * cb
      let g = (y - red * r - blue * b) / green
      let luma = target.red * r + target.green * g + target.blue * b
      return (luma, (b - luma) / (2 * (1 - target.blue)), (r - luma) / (2 * (1 - target.red)))
    }
    func fixed(_ value: Double) -> Int32 {
      Int32((value * Double(1 << Self.fraction)).rounded())
    }
    let fromY = converted(y: 1 / sourceScale.luma, cb: 0, cr: 0)
    let fromU = converted(y: 0, cb: 1 / sourceScale.chroma, cr: 0)
    let fromV = converted(y: 0, cb: 0, cr: 1 / sourceScale.chroma)
    yFromY = fixed(targetScale.luma * fromY.y)
    yFromU = fixed(targetScale.luma * fromU.y)
    yFromV = fixed(targetScale.luma * fromV.y)
    yOffset = fixed(targetScale.black - targetScale.luma * fromY.y * sourceScale.black) + Self.half
    uFromU = fixed(targetScale.chroma * fromU.cb)
    uFromV = fixed(targetScale.chroma * fromV.cb)
    vFromU = fixed(targetScale.chroma * fromU.cr)
    vFromV = fixed(targetScale.chroma * fromV.cr)
  }

  /// Converts `frame`, which must be I420 and of the size of `target`, and may share its memory.
  func apply(_ frame: borrowing VideoFrame, to target: borrowing PictureBuffer) {
    guard case .i420(let u, let v) = frame.chroma, frame.width == target.width, frame.height == target.height else {
      preconditionFailure("planar, and of the same size")
    }
    let (width, chromaWidth) = (frame.width, frame.chromaWidth)
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * chromaWidth) { shifts in
      let shift = shifts.baseAddress!
      for row in 0..<frame.chromaHeight {
        let start = row * target.chromaStride
        chromaRow(
          u.base + row * u.stride, v.base + row * v.stride, target.u.baseAddress! + start,
          target.v.baseAddress! + start, shift, chromaWidth)
        for y in 2 * row..<min(2 * row + 2, frame.height) {
          lumaRow(
            frame.luma.base + y * frame.luma.stride, target.luma.baseAddress! + y * target.lumaStride, shift, width)
        }
      }
    }
  }

  /// Converts a row of chroma, and stores in `shift`, for each luma column, what chroma adds to luma.
  @inline(__always)
  private func chromaRow(
    _ u: UnsafePointer<UInt8>, _ v: UnsafePointer<UInt8>, _ toU: UnsafeMutablePointer<UInt8>,
    _ toV: UnsafeMutablePointer<UInt8>, _ shift: UnsafeMutablePointer<Int32>, _ count: Int
  ) {
    for x in 0..<count {
      let cb = Int32(u[x]) &- 128
      let cr = Int32(v[x]) &- 128
      let luma = yFromU &* cb &+ yFromV &* cr &+ yOffset
      shift[2 &* x] = luma
      shift[2 &* x &+ 1] = luma
      toU[x] = Self.level((uFromU &* cb &+ uFromV &* cr &+ Self.half) >> Self.fraction &+ 128)
      toV[x] = Self.level((vFromU &* cb &+ vFromV &* cr &+ Self.half) >> Self.fraction &+ 128)
    }
  }

  @inline(__always)
  private func lumaRow(
    _ y: UnsafePointer<UInt8>, _ toY: UnsafeMutablePointer<UInt8>, _ shift: UnsafePointer<Int32>, _ count: Int
  ) {
    for x in 0..<count {
      toY[x] = Self.level((yFromY &* Int32(y[x]) &+ shift[x]) >> Self.fraction)
    }
  }

  @inline(__always)
  private static func level(_ value: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: max(0, min(value, 255)))
  }
}

extension ColourSpace.Matrix {
  /// The weights of red, green and blue in luma (H.273 table 4).
  fileprivate var lumaWeights: (red: Double, green: Double, blue: Double) {
    let (red, blue) =
      switch self {
      case .bt601: (0.299, 0.114)
      case .bt709: (0.2126, 0.0722)
      case .smpte240: (0.212, 0.087)
      case .bt2020: (0.2627, 0.0593)
      }
    return (red, 1 - red - blue, blue)
  }
}

extension ColourSpace.Range {
  /// The level of black, and the number of levels of luma and chroma (H.273 section 8.3).
  fileprivate var scale: (black: Double, luma: Double, chroma: Double) {
    switch self {
    case .limited: (16, 219, 224)
    case .full: (0, 255, 255)
    case .limitedTwice: (16 + 16.0 * 219 / 255, 219.0 * 219 / 255, 224.0 * 219 / 255)
    }
  }
}
