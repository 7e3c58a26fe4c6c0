import Glibc

/// Converts pictures of a high dynamic range (ITU-R BT.2100) for players of VP8, which expect the standard range:
/// diffuse white becomes white, and brighter parts are compressed above it.
///
/// Luma is mapped by a table, and chroma is scaled by the change of luma, which preserves the hue.
package struct ToneMap {
  package enum Transfer: Sendable {
    case perceptualQuantizer
    case hybridLogGamma
  }

  package let transfer: Transfer
  package let range: ColourSpace.Range
  private var lumaTable: [UInt8] = []
  /// The factors of chroma in units of 1/256.
  private var gainTable: [Int32] = []

  /// The luminance of diffuse white (ITU-R BT.2408 table 1) in cd/m².
  private static let white = 203.0
  /// The share of white above which the luminance is compressed.
  private static let knee = 0.8

  package init(from transfer: Transfer, range: ColourSpace.Range) {
    self.transfer = transfer
    self.range = range
    let (black, span) = range == .full ? (0.0, 255.0) : (16.0, 219.0)
    for code in 0...255 {
      let signal = max(0, min(1, (Double(code) - black) / span))
      let mapped = Self.compressed(transfer.luminance(of: signal) / Self.white)
      // A display for BT.709 pictures has a gamma of 2.4 (ITU-R BT.1886).
      let shown = pow(mapped, 1 / 2.4)
      lumaTable.append(UInt8((black + span * shown).rounded()))
      gainTable.append(signal > 0 ? Int32(min(4, shown / signal) * 256) : 256)
    }
  }

  private static func compressed(_ light: Double) -> Double {
    guard light > knee else { return light }
    return knee + (1 - knee) * (1 - exp(-(light - knee) / (1 - knee)))
  }

  package func apply(to picture: borrowing PictureBuffer) {
    let (luma, lumaStride, chromaStride) = (picture.luma, picture.lumaStride, picture.chromaStride)
    lumaTable.withUnsafeBufferPointer { table in
      gainTable.withUnsafeBufferPointer { gains in
        for y in 0..<(picture.height + 1) / 2 {
          for x in 0..<(picture.width + 1) / 2 {
            let (gain, index) = (gains[Int(luma[2 * y * lumaStride + 2 * x])], y * chromaStride + x)
            picture.u[index] = UInt8(clamping: 128 + ((Int32(picture.u[index]) - 128) * gain) >> 8)
            picture.v[index] = UInt8(clamping: 128 + ((Int32(picture.v[index]) - 128) * gain) >> 8)
          }
        }
        for y in 0..<picture.height {
          for x in 0..<picture.width { luma[y * lumaStride + x] = table[Int(luma[y * lumaStride + x])] }
        }
      }
    }
  }
}

extension ToneMap.Transfer {
  /// The luminance of a display for `signal`, 0...1, in cd/m²; that for HLG has a peak of 1000.
  fileprivate func luminance(of signal: Double) -> Double {
    switch self {
    case .perceptualQuantizer:
      // The constants are those of ITU-R BT.2100 table 4.
      let (m1, m2) = (2_610.0 / 16_384, 2_523.0 / 32)
      let (c1, c2, c3) = (3_424.0 / 4_096, 2_413.0 / 128, 2_392.0 / 128)
      let power = pow(signal, 1 / m2)
      return 10_000 * pow(max(power - c1, 0) / (c2 - c3 * power), 1 / m1)
    case .hybridLogGamma:
      // The constants are those of ITU-R BT.2100 table 5.
      let (a, b, c) = (0.178_832_77, 0.284_668_92, 0.559_910_73)
      let scene = signal <= 0.5 ? signal * signal / 3 : (exp((signal - c) / a) + b) / 12
      return 1_000 * pow(scene, 1.2)
    }
  }
}
