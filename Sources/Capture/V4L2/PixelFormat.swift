import CV4L2
import Video

/// A pixel format, identified by four characters (videodev2.h, V4L2_PIX_FMT_…), and its conversion to the 4:2:0 of VP8.
struct PixelFormat: Hashable, Sendable {
  /// The conversions, in the order of their cost.
  enum Way: Equatable, Sendable {
    /// libvpx reads it in place, or libyuv converts it.
    case planar(PlanarLayout)
    /// libyuv converts it to I420 (0.1 ms at 1280x720).
    case packed(PackedLayout)
    /// libjpeg-turbo decodes it (1.6 ms).
    case jpeg
    /// libv4lconvert converts it.
    case library
    /// FFmpeg decodes it, which takes most of the time of a small computer (5 ms and more).
    case video(VideoCodec)
  }

  let code: UInt32

  init(code: UInt32) {
    self.code = code
  }

  /// - Parameter name: four characters, as the kernel's documentation writes them.
  init(_ name: StaticString) {
    precondition(name.utf8CodeUnitCount == 4, "four characters")
    code = (0..<4).reduce(0) { $0 | UInt32(name.utf8Start[$1]) << UInt32(8 * $1) }
  }

  /// The conversion; nil if there is none: for other compressed video, raw sensor data, depth, and what no camera
  /// offers.
  var way: Way? { Self.ways[self] ?? (Self.libraryFormats[self] == nil ? nil : .library) }

  /// The formats with an M in their name, except M420, may have a memory for each plane.
  private static let ways: [PixelFormat: Way] = [
    "NV12": .planar(.init(.uvPairs, columns: 2, rows: 2)), "NM12": .planar(.init(.uvPairs, columns: 2, rows: 2)),
    "NV21": .planar(.init(.vuPairs, columns: 2, rows: 2)), "NM21": .planar(.init(.vuPairs, columns: 2, rows: 2)),
    "NV16": .planar(.init(.uvPairs, columns: 2, rows: 1)), "NM16": .planar(.init(.uvPairs, columns: 2, rows: 1)),
    "NV61": .planar(.init(.vuPairs, columns: 2, rows: 1)), "NM61": .planar(.init(.vuPairs, columns: 2, rows: 1)),
    "NV24": .planar(.init(.uvPairs, columns: 1, rows: 1)), "NV42": .planar(.init(.vuPairs, columns: 1, rows: 1)),
    "YU12": .planar(.init(.uThenV, columns: 2, rows: 2)), "YM12": .planar(.init(.uThenV, columns: 2, rows: 2)),
    "YV12": .planar(.init(.vThenU, columns: 2, rows: 2)), "YM21": .planar(.init(.vThenU, columns: 2, rows: 2)),
    "422P": .planar(.init(.uThenV, columns: 2, rows: 1)), "YM16": .planar(.init(.uThenV, columns: 2, rows: 1)),
    "YM61": .planar(.init(.vThenU, columns: 2, rows: 1)), "YM24": .planar(.init(.uThenV, columns: 1, rows: 1)),
    "YM42": .planar(.init(.vThenU, columns: 1, rows: 1)), "411P": .planar(.init(.uThenV, columns: 4, rows: 1)),
    "YUV9": .planar(.init(.uThenV, columns: 4, rows: 4)), "YVU9": .planar(.init(.vThenU, columns: 4, rows: 4)),
    "YUYV": .packed(.yuyv), "YVYU": .packed(.yvyu), "UYVY": .packed(.uyvy), "VYUY": .packed(.vyuy),
    "RGB3": .packed(.rgb), "BGR3": .packed(.bgr),
    "AB24": .packed(.rgbx), "XB24": .packed(.rgbx),
    "BGR4": .packed(.bgrx), "AR24": .packed(.bgrx), "XR24": .packed(.bgrx),
    "RGB4": .packed(.xrgb), "BA24": .packed(.xrgb), "BX24": .packed(.xrgb),
    "RA24": .packed(.xbgr), "RX24": .packed(.xbgr),
    "RGBP": .packed(.rgb565), "RGBO": .packed(.rgb555), "AR15": .packed(.rgb555), "XR15": .packed(.rgb555),
    "R444": .packed(.rgb444), "AR12": .packed(.rgb444), "XR12": .packed(.rgb444),
    "GREY": .packed(.grey), "Y10 ": .packed(.deepGrey(bits: 10)), "Y12 ": .packed(.deepGrey(bits: 12)),
    "Y14 ": .packed(.deepGrey(bits: 14)), "Y16 ": .packed(.deepGrey(bits: 16)),
    "MJPG": .jpeg, "JPEG": .jpeg,
    "H264": .video(.h264), "HEVC": .video(.h265),
  ]

  /// The other formats that libv4lconvert 1.22 reads, with the bits of a pixel, or 0 if the length of pictures varies.
  /// Formats that only raw sensors offer are left out, and so is HSV, for which it writes beyond its buffer.
  private static let libraryFormats: [PixelFormat: Int] = [
    "M420": 12, "Y10B": 10, "S501": 12, "S505": 12, "S508": 12, "S920": 12, "CITV": 12, "KONI": 12, "HM12": 0,
    "S561": 0, "S910": 0, "S401": 0, "SONX": 0, "CPIA": 0, "O511": 0, "O518": 0, "P207": 0, "M310": 0, "JL20": 0,
    "905C": 0, "PJPG": 0, "JPGL": 0,
  ]

  /// The minimum length of a picture in bytes. libv4lconvert does not check it and would read beyond the end of a
  /// shorter one.
  func libraryLength(of size: PictureSize) -> Int {
    size.width * size.height * (Self.libraryFormats[self] ?? 0) / 8
  }

  /// Whether the format is raw sensor data (V4L2_PIX_FMT_SRGGB8 and related formats), as a camera without an image
  /// processor provides it.
  var isBayer: Bool {
    let name = name
    return ["BA81", "GBRG", "GRBG", "RGGB", "BYR2", "BD10"].contains(name)
      // pBAA, aGA8, bRA8 and others are packed or compressed.
      || "abp".contains(name.first!) && "BGgR".contains(name.dropFirst().first!)
      // BG10, RG12, GR16 and others have a word for each sample.
      || ["BG", "GB", "BA", "RG", "GR"].contains(name.prefix(2)) && ["10", "12", "14", "16"].contains(name.suffix(2))
      // PC1B and others are compressed for the image processor of a Raspberry Pi 5.
      || name.hasPrefix("PC")
  }

  /// The name as users know it; a big-endian format is named as v4l2-ctl does.
  var name: String {
    characters + (code >> 31 == 1 ? "-BE" : "")
  }

  private var characters: String {
    String(
      String.UnicodeScalarView(
        (0..<4).map { index in
          // The top bit of the last character means "big-endian".
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
  /// The rank by which a format is chosen; lower ones are preferred.
  var cost: Int {
    switch self {
    case .planar(let layout): layout.isInPlace ? 0 : 1
    // A format with few colours is cheap but looks poor.
    case .packed(let layout): layout.hasFewColours ? 3 : 1
    case .jpeg: 2
    case .library: 4
    case .video: 5
    }
  }

  var isVideo: Bool { if case .video = self { true } else { false } }

  var isGrey: Bool { if case .packed(let layout) = self { layout.isGrey } else { false } }
}
