import Video

extension ColourSpace {
  /// Luma and chroma of a colour by the book (ITU-R BT.601 to BT.2020), independent of the code's own way.
  func samples(of rgb: (Double, Double, Double)) -> [UInt8] {
    let (kr, kb) =
      switch matrix {
      case .bt601: (0.299, 0.114)
      case .bt709: (0.2126, 0.0722)
      case .smpte240: (0.212, 0.087)
      case .bt2020: (0.2627, 0.0593)
      }
    let y = kr * rgb.0 + (1 - kr - kb) * rgb.1 + kb * rgb.2
    let (cb, cr) = ((rgb.2 - y) / (2 - 2 * kb), (rgb.0 - y) / (2 - 2 * kr))
    let values =
      range == .limited
      ? [16 + 219 * y, 128 + 224 * cb, 128 + 224 * cr] : [255 * y, 128 + 255 * cb, 128 + 255 * cr]
    return values.map { UInt8(max(0, min(255, $0.rounded()))) }
  }
}
