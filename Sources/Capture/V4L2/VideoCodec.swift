/// A codec by which a camera compresses its pictures with reference to each other (V4L2, "Compressed Formats").
enum VideoCodec: Equatable, Sendable {
  case h264, h265

  var name: String {
    switch self {
    case .h264: "H.264"
    case .h265: "H.265"
    }
  }

  /// Whether a decoder can begin with an access unit: it contains a picture without references, or the parameter sets
  /// before one (ITU-T H.264 table 7-1; H.265 table 7-1). The units have start codes (annex B), as cameras send them.
  func canBegin(with unit: UnsafeRawBufferPointer) -> Bool {
    var zeros = 0
    for (index, byte) in unit.enumerated() {
      if byte == 1, zeros >= 2, index + 1 < unit.count, isBeginning(unit[index + 1]) { return true }
      zeros = byte == 0 ? zeros + 1 : 0
    }
    return false
  }

  /// - Parameter header: the first byte of a NAL unit.
  private func isBeginning(_ header: UInt8) -> Bool {
    switch self {
    // These are a coded slice of an IDR picture and a sequence parameter set.
    case .h264: [5, 7].contains(header & 0x1f)
    // These are the pictures of a random access point, and a video or sequence parameter set.
    case .h265: (16...23).contains(header >> 1 & 0x3f) || [32, 33].contains(header >> 1 & 0x3f)
    }
  }
}
