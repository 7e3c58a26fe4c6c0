import Video

/// The format that an open camera provides, and how it is converted for VP8.
package struct CameraMode: Equatable, Sendable {
  package enum Cost: Sendable {
    /// The encoder reads it in place.
    case none
    case conversion
    case jpeg
    /// It is converted by libv4lconvert, which is slow.
    case library
    /// It is decoded by FFmpeg from everything since a key frame.
    case video

    var isSlow: Bool { self == .library || self == .video }
  }

  package let path: String
  /// The link under `/dev/v4l` by which the camera is found again after it was unplugged.
  package let stablePath: String?
  package let card: String
  /// The four characters that identify the format.
  package let format: String
  package let width: Int
  package let height: Int
  /// The rate in frames per second; nil if the driver does not state it.
  package let rate: Double?
  package let cost: Cost

  package init(
    path: String, stablePath: String?, card: String, format: String, width: Int, height: Int, rate: Double?, cost: Cost
  ) {
    self.path = path
    self.stablePath = stablePath
    self.card = card
    self.format = format
    self.width = width
    self.height = height
    self.rate = rate
    self.cost = cost
  }
}

extension CameraMode {
  init(
    path: String, stablePath: String?, card: String, format: PixelFormat, size: PictureSize, rate: FrameRate?
  ) {
    self.init(
      path: path, stablePath: stablePath, card: card, format: format.name, width: size.width, height: size.height,
      rate: rate?.framesPerSecond, cost: format.way?.modeCost ?? .library)
  }
}

extension PixelFormat.Way {
  var modeCost: CameraMode.Cost {
    switch self {
    case .planar(let layout): layout.isInPlace ? .none : .conversion
    case .packed: .conversion
    case .jpeg: .jpeg
    case .library: .library
    case .video: .video
    }
  }
}

extension CameraMode.Cost: CustomStringConvertible {
  package var description: String {
    switch self {
    case .none: "encoded as it comes"
    case .conversion: "cheaply converted"
    case .jpeg: "each picture a JPEG that is decoded"
    case .library: "converted by libv4lconvert, which is slow"
    case .video: "decoded in software, which is slow"
    }
  }
}
