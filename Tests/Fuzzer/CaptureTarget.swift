import CV4L2
import NIOCore
import Video

@testable import Capture

extension FuzzTarget {
  /// What a driver or the header of a file says of pictures: sizes, strides, rates and times.
  static let capture = FuzzTarget("capture", seeds: seeds) { bytes in
    var input = FuzzInput(bytes)
    if input.flag() { checkLayout(&input) } else { checkFile(&input) }
  }

  private static let formats: [PixelFormat] = [
    "YUYV", "YVYU", "UYVY", "NV12", "NV21", "YU12", "YV12", "RGB3", "BGR3", "GREY", "MJPG", "H264",
  ]
  /// Of a picture that is unpacked; larger ones only cost time.
  private static let largestPicture = 1 << 20

  /// VIDIOC_S_FMT, and a buffer of the driver's that holds just what the answer says.
  private static func checkLayout(_ input: inout FuzzInput) {
    var answer = v4l2_format()
    answer.fmt.pix.pixelformat = input.choice(of: formats).code
    answer.fmt.pix.width = input.flag() ? input.integer() : UInt32(input.integer(UInt8.self))
    answer.fmt.pix.height = input.flag() ? input.integer() : UInt32(input.integer(UInt8.self))
    answer.fmt.pix.bytesperline = input.flag() ? input.integer() : UInt32(input.integer(UInt16.self))
    answer.fmt.pix.field = UInt32(input.integer(UInt8.self) & 15)
    answer.fmt.pix.colorspace = input.integer()
    answer.fmt.pix.ycbcr_enc = input.integer()
    answer.fmt.pix.quantization = input.integer()
    guard let layout = FrameLayout(answer, isMultiPlanar: false) else { return }
    require(layout.stride >= 0)
    let size = layout.planes.map(\.end).max() ?? 0
    guard layout.memoryCount == 1, (1...largestPicture).contains(size) else { return }
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
    bytes.initialize(repeating: 128, count: size)
    defer { bytes.deallocate() }
    let planes = layout.planes.map { VideoFrame.Plane(base: UnsafePointer(bytes) + $0.offset, stride: $0.stride) }
    let picture = PictureBuffer(width: layout.size.width, height: layout.planes[0].rows)
    switch layout.way {
    case .planar(let planar): picture.fill(from: planes, layout: planar)
    case .packed(let packed): picture.fill(from: planes[0], layout: packed)
    case .jpeg, .library: break
    }
  }

  private static func checkFile(_ input: inout FuzzInput) {
    let (width, height) = (Int(input.integer(Int32.self)), Int(input.integer(Int32.self)))
    guard width > 0, height > 0, DisplayGeometry.isPlayable(width: width, height: height) else { return }
    let geometry = DisplayGeometry(
      width: width, height: height,
      sampleAspect: (Int(input.integer(Int32.self)), Int(input.integer(Int32.self))),
      orientation: Orientation(
        isMirrored: input.flag(), turn: input.choice(of: [Orientation.Turn.none, .quarter, .half, .threeQuarters])),
      bounds: input.flag() ? (Int(input.integer(UInt16.self)) + 1, Int(input.integer(UInt16.self)) + 1) : nil)
    require((2...16_382).contains(geometry.width) && (2...16_382).contains(geometry.height), "\(geometry)")
    let rate = FrameRate(claimed: input.integer(), per: input.integer())
    var times = FrameTimeline(interval: rate.interval)
    var limiter = FrameRateLimiter(maximum: FrameRate(25))
    var last = NIODeadline.uptimeNanoseconds(0)
    while !input.isAtEnd {
      if input.integer(UInt8.self) == 0 { times.restart() }
      let time = times.captureTime(
        timestamp: input.flag() ? input.integer() : nil, duration: input.flag() ? input.integer() : nil)
      require(time >= last, "time runs backwards")
      _ = limiter.admits(time)
      last = time
    }
  }

  private static func seeds() -> [[UInt8]] {
    let layouts = formats.indices.map { [1, UInt8($0), 0, 64, 0, 48, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1] }
    let file: [UInt8] = [0, 0, 0, 2, 128, 0, 0, 1, 224, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 25, 0, 0, 0, 1]
    return layouts + [file + [UInt8](repeating: 1, count: 80)]
  }
}
