import CV4L2
import NIOCore
import TestSupport
import Testing
import Video

@testable import Capture

@Suite("The layout of a camera's pictures in memory") struct CameraLayoutTests {
  private typealias FourCC = CameraStandInDescription.FourCC
  private static let (width, height) = (64, 48)

  /// Luma that tells rows and columns apart, and chroma that tells U and V, right and left.
  private static func colour(_ x: Int, _ y: Int) -> LaidOutPicture.Colour {
    (UInt8(70 + x + y), UInt8(100 + x / 4), UInt8(150 - y / 4))
  }

  /// What the first field shows, where the second shows what would be seen at once.
  private static func comb(_ x: Int, _ y: Int) -> LaidOutPicture.Colour {
    y % 2 == 0 ? colour(x, y) : (235, 240, 16)
  }

  private static func expectPicture(
    of source: CameraSource, isGrey: Bool = false, within tolerance: Int = 3, _ comment: Comment
  ) throws {
    let seen = try source.nextFrame { Samples(copying: $0) }!
    #expect(source.hasSignal && seen.width == width && seen.height == height, comment)
    var worst = (y: 0, chroma: 0)
    for y in 0..<height {
      for x in 0..<width {
        let wanted = colour(x, y)
        worst.y = max(worst.y, abs(Int(seen.luma[y * width + x]) - Int(wanted.y)))
        let chroma = seen.chroma(x, y)
        worst.chroma = max(worst.chroma, abs(Int(chroma[0]) - (isGrey ? 128 : Int(wanted.u))))
        worst.chroma = max(worst.chroma, abs(Int(chroma[1]) - (isGrey ? 128 : Int(wanted.v))))
      }
    }
    #expect(worst.y <= tolerance && worst.chroma <= tolerance, "\(comment): off by \(worst)")
  }

  private static func show(
    _ picture: LaidOutPicture, frame: [UInt8]? = nil, kind: CameraStandInDescription.Kind = .capture,
    isGrey: Bool = false, within tolerance: Int = 3, _ comment: Comment = "",
    _ adjust: (CameraStandIn) -> Void = { _ in }
  ) throws {
    let fourCC = FourCC(rawValue: picture.format.code)
    let camera = try TestCamera(fourCC, width, height, frame: frame ?? picture.bytes, kind: kind)
    adjust(camera.standIn)
    let source = try camera.open()
    try camera.standIn.deliver()
    try expectPicture(
      of: source, isGrey: isGrey, within: tolerance, "\(picture.format.name) \(comment)")
  }

  private static func picture(_ format: PixelFormat, padding: Int = 0, fields: Bool = false) -> LaidOutPicture {
    let content: (Int, Int) -> LaidOutPicture.Colour = fields ? { comb($0, $1) } : { colour($0, $1) }
    return LaidOutPicture(format: format, width: width, height: height, padding: padding, colour: content)
  }

  // MARK: Formats and strides

  @Test(
    "every supported format is shown in its colours, with any stride and without final padding",
    arguments: [
      "YUYV", "YVYU", "UYVY", "VYUY", "NV12", "NV21", "NV16", "NV61", "NV24", "NV42", "YU12", "YV12", "422P", "411P",
      "YUV9", "YVU9", "RGB3", "BGR3", "AB24", "XB24", "BGR4", "AR24", "XR24", "RGB4", "BA24", "BX24", "RA24", "RX24",
    ] as [PixelFormat])
  func formats(_ format: PixelFormat) throws {
    try Self.show(Self.picture(format))
    let padded = Self.picture(format, padding: 16)
    try Self.show(padded, "padded") { $0.padding = 16 }
    let last = 16 * padded.lastPlaneShare.0 / padded.lastPlaneShare.1
    try Self.show(padded, frame: padded.bytes.dropLast(last), "without the last padding") { $0.padding = 16 }
  }

  @Test(
    "formats with few bits are shown as accurately as possible",
    arguments: [("RGBP", 6), ("RGBO", 8), ("XR15", 8), ("R444", 18), ("XR12", 18)] as [(PixelFormat, Int)])
  func fewBits(_ format: PixelFormat, tolerance: Int) throws {
    try Self.show(Self.picture(format), within: tolerance)
    try Self.show(Self.picture(format, padding: 16), within: tolerance, "padded") { $0.padding = 16 }
  }

  @Test(
    "a picture with luma only is grey, of full range unless the driver states otherwise",
    arguments: ["GREY", "Y10 ", "Y12 ", "Y16 "] as [PixelFormat])
  func grey(_ format: PixelFormat) throws {
    try Self.show(Self.picture(format), isGrey: true)
    try Self.show(Self.picture(format, padding: 16), isGrey: true, "padded") { $0.padding = 16 }
    let limited = LaidOutPicture(format: format, width: Self.width, height: Self.height) { x, y in
      let level = Double(Self.colour(x, y).y)
      return (UInt8((16 + level * 219 / 255).rounded()), 128, 128)
    }
    try Self.show(limited, isGrey: true, "limited") { $0.quantization = V4L2_QUANTIZATION_LIM_RANGE.rawValue }
  }

  @Test("formats that only libv4lconvert reads are shown")
  func library() throws {
    try Self.show(Self.picture("M420"))
  }

  @Test(
    "a picture without the end of its last row is left out and counted",
    arguments: ["YUYV", "NV12", "YU12", "NV16", "RGB3", "M420"] as [PixelFormat])
  func short(_ format: PixelFormat) throws {
    let camera = try TestCamera(
      FourCC(rawValue: format.code), Self.width, Self.height, frame: Self.picture(format).bytes.dropLast(1),
      pace: .clock)
    let source = try camera.open()
    #expect(try !source.nextFrame { _ in source.hasSignal }!)
    guard case .undecodable(let reason)? = source.trouble else {
      Issue.record("\(String(describing: source.trouble))")
      return
    }
    #expect(reason.contains("bytes instead of"))
    #expect(source.counters.framesCorrupt > 0)
  }

  @Test(
    "limited-range RGB, as of HDMI, is expanded",
    arguments: ["RGB3", "BGR3", "XR24"] as [PixelFormat])
  func limitedRGB(_ format: PixelFormat) throws {
    let limited = LaidOutPicture(format: format, width: Self.width, height: Self.height) { x, y in
      let (r, g, b) = LaidOutPicture.rgb(Self.colour(x, y))
      func squeezed(_ level: Int) -> Double { 16 + Double(level) * 219 / 255 }
      // What a full range picture of the squeezed levels would have.
      let (red, green, blue) = (squeezed(r), squeezed(g), squeezed(b))
      let luma = 0.299 * red + 0.587 * green + 0.114 * blue
      return (
        UInt8((16 + luma * 219 / 255).rounded()), UInt8((128 + (blue - luma) / 1.772 * 224 / 255).rounded()),
        UInt8((128 + (red - luma) / 1.402 * 224 / 255).rounded())
      )
    }
    try Self.show(limited, within: 4) { $0.quantization = V4L2_QUANTIZATION_LIM_RANGE.rawValue }
  }

  @Test("a driver that wrote a smaller picture before writes a whole one")
  func composition() throws {
    try Self.show(Self.picture("YUYV")) { $0.composedRows = Self.height / 2 }
  }

  // MARK: The multi-planar API

  @Test(
    "planes in separate memories form a picture, wherever they begin",
    arguments: [
      "NM12", "NM21", "NM16", "NM61", "YM12", "YM21", "YM16", "YM61", "YM24", "YM42", "NV12", "YUYV", "RGB3",
    ] as [PixelFormat])
  func multiplanar(_ format: PixelFormat) throws {
    for offset in [0, 128] {
      for padding in [0, 32] {
        try Self.show(Self.picture(format, padding: padding), kind: .multiplanarCapture, "\(offset), \(padding)") {
          $0.dataOffset = offset
          $0.padding = padding
        }
      }
    }
  }

  @Test("the memory of planes is released when the camera is gone")
  func multiplanarRelease() throws {
    let format = PixelFormat("YM12")
    let camera = try TestCamera(
      FourCC(rawValue: format.code), Self.width, Self.height, frame: Self.picture(format).bytes,
      kind: .multiplanarCapture)
    for _ in 0..<3 {
      let source = try camera.open()
      try camera.standIn.deliver()
      _ = try source.see()
    }
    #expect(camera.standIn.mappedBuffers == 0 && camera.standIn.allocatedBuffers == 0)
  }

  // MARK: Fields

  private static let everyLayout: [PixelFormat] = ["YUYV", "NV12", "YU12", "NV21", "422P", "RGB3", "GREY"]

  @Test(
    "one of two interlaced fields is shown without a comb",
    arguments: everyLayout, [V4L2_FIELD_INTERLACED, V4L2_FIELD_INTERLACED_TB, V4L2_FIELD_INTERLACED_BT])
  func interlaced(_ format: PixelFormat, _ field: v4l2_field) throws {
    let picture = Self.picture(format, padding: 16, fields: true)
    try Self.show(picture, frame: picture.inTurns, isGrey: format == "GREY", within: 4) {
      ($0.field, $0.padding) = (field.rawValue, 16)
    }
  }

  @Test(
    "the first of two sequential fields is shown in its height",
    arguments: everyLayout, [V4L2_FIELD_SEQ_TB, V4L2_FIELD_SEQ_BT])
  func sequential(_ format: PixelFormat, _ field: v4l2_field) throws {
    let picture = Self.picture(format, fields: true)
    try Self.show(picture, frame: picture.inSequence, isGrey: format == "GREY", within: 4) {
      $0.field = field.rawValue
    }
  }

  @Test("a single field is shown in the height of both", arguments: everyLayout, [V4L2_FIELD_TOP, V4L2_FIELD_BOTTOM])
  func alone(_ format: PixelFormat, _ field: v4l2_field) throws {
    try Self.show(
      Self.picture(format, fields: true), frame: Self.picture(format, fields: true).field(0).bytes,
      isGrey: format == "GREY", within: 4
    ) { $0.field = field.rawValue }
  }

  @Test("one field of each picture is shown if fields have separate buffers", arguments: everyLayout)
  func alternate(_ format: PixelFormat) throws {
    let picture = Self.picture(format, fields: true)
    let fourCC = FourCC(rawValue: format.code)
    let camera = try TestCamera(
      [.init(fourCC, sizes: [.init(Self.width, Self.height)])],
      frames: picture.field(0).bytes + picture.field(1).bytes)
    camera.standIn.field = V4L2_FIELD_ALTERNATE.rawValue
    let source = try camera.open()
    #expect(source.format.width == Self.width && source.format.height == Self.height)
    for _ in 0..<3 {
      try camera.standIn.deliver(2)
      try Self.expectPicture(of: source, isGrey: format == "GREY", within: 4, "\(format.name)")
    }
    #expect(source.counters == SourceCounters(), "the other field is no picture that was left out")
  }

  @Test("a driver that scales a field alone to the height of a picture is asked for half of that")
  func scaledFields() throws {
    for kind in [.capture, .multiplanarCapture] as [CameraStandInDescription.Kind] {
      let sizes = [CameraStandInDescription.Size(from: (64, 24), to: (64, 96), step: (2, 2))]
      let camera = try TestCamera([.init(.yuyv, sizes: sizes)], kind: kind)
      camera.standIn.field = V4L2_FIELD_ALTERNATE.rawValue
      camera.standIn.scalesFields = true
      let source = try camera.open(.init(size: PictureSize(width: 64, height: 48)))
      #expect(source.format.width == 64 && source.format.height == 48)
      #expect(camera.standIn.currentFormat.height == 24)
    }
  }
}

extension LaidOutPicture {
  /// How long the padding of a row of the last plane is to that of the first.
  fileprivate var lastPlaneShare: (Int, Int) {
    switch format {
    case "YU12", "YV12", "422P": (1, 2)
    case "411P", "YUV9", "YVU9": (1, 4)
    case "NV24", "NV42": (2, 1)
    default: (1, 1)
    }
  }
}
