import CV4L2
import Video

/// A pixel format by its four characters (videodev2.h, V4L2_PIX_FMT_…), and the way from it to the 4:2:0 of VP8.
struct PixelFormat: Hashable, Sendable {
  /// Ways in the order of what they cost.
  enum Way: Equatable, Sendable {
    /// libvpx reads it where it lies.
    case inPlace(Planar)
    /// libyuv turns it into I420 (0.1 ms at 1280x720).
    case packed(PackedLayout)
    /// libjpeg-turbo decodes it (1.6 ms).
    case jpeg
    /// libv4lconvert knows how.
    case library
  }

  enum Planar: Sendable {
    /// Luma, then U and V in turns.
    case nv12
    /// Luma, U, V.
    case i420
    /// Luma, V, U.
    case yv12
  }

  let code: UInt32

  init(code: UInt32) {
    self.code = code
  }

  /// - `name`: four characters, as the kernel's documentation writes them.
  init(_ name: StaticString) {
    precondition(name.utf8CodeUnitCount == 4, "four characters")
    code = (0..<4).reduce(0) { $0 | UInt32(name.utf8Start[$1]) << UInt32(8 * $1) }
  }

  /// `nil` where there is none: compressed video, raw sensor data, depth, planes in memory of their own.
  var way: Way? {
    switch self {
    case "NV12": .inPlace(.nv12)
    case "YU12": .inPlace(.i420)
    case "YV12": .inPlace(.yv12)
    case "YUYV": .packed(.yuyv)
    case "YVYU": .packed(.yvyu)
    case "UYVY": .packed(.uyvy)
    case "NV21": .packed(.nv21)
    case "RGB3": .packed(.rgb)
    case "BGR3": .packed(.bgr)
    case "GREY": .packed(.grey)
    case "MJPG", "JPEG": .jpeg
    case _ where Self.libraryFormats.contains(self): .library
    default: nil
    }
  }

  /// What libv4lconvert 1.22 reads besides, without what only a raw sensor gives.
  private static let libraryFormats: Set<PixelFormat> = [
    "RGBP", "BGR4", "RGB4", "AR24", "XR24", "BA24", "BX24", "NV16", "NV61", "M420", "HM12", "Y04 ", "Y06 ", "Y10 ",
    "Y10B", "Y16 ", "HSV3", "HSV4", "S501", "S505", "S508", "S561", "S910", "S920", "S401", "SONX", "CITV", "KONI",
    "CPIA", "O511", "O518", "P207", "M310", "JL20", "905C", "PJPG", "JPGL",
  ]

  /// Raw data of a sensor (V4L2_PIX_FMT_SRGGB8 and its relatives): what a camera without an image processor gives.
  var isBayer: Bool {
    let name = name
    return ["BA81", "GBRG", "GRBG", "RGGB", "BYR2", "BD10"].contains(name)
      // pBAA, aGA8, bRA8, …: packed or compressed.
      || "abp".contains(name.first!) && "BGgR".contains(name.dropFirst().first!)
      // BG10, RG12, GR16, …: a word a sample.
      || ["BG", "GB", "BA", "RG", "GR"].contains(name.prefix(2)) && ["10", "12", "14", "16"].contains(name.suffix(2))
      // PC1B, …: compressed for the image processor of a Raspberry Pi 5.
      || name.hasPrefix("PC")
  }

  /// As people know it.
  var name: String {
    String(
      String.UnicodeScalarView(
        (0..<4).map { index in
          // The top bit of the last one says "big-endian".
          let scalar = Unicode.Scalar(UInt8(truncatingIfNeeded: code >> UInt32(8 * index)) & 0x7f)
          return scalar.value < 0x20 ? "?" : scalar
        }))
  }
}

extension PixelFormat: ExpressibleByStringLiteral {
  init(stringLiteral value: StaticString) {
    self.init(value)
  }
}

extension PixelFormat.Way {
  var cost: Int {
    switch self {
    case .inPlace: 0
    case .packed: 1
    case .jpeg: 2
    case .library: 3
    }
  }
}
