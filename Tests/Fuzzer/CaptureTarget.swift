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

  /// One for each way to read samples, most of which may also have memories of their own, and some that are read as a whole.
  private static let formats: [PixelFormat] = [
    "NV12", "NM21", "NV16", "NM61", "NV24", "NV42", "YU12", "YM21", "422P", "YM61", "YM24", "411P", "YUV9", "YVU9",
    "YUYV", "YVYU", "UYVY", "VYUY", "RGB3", "BGR3", "AB24", "BGR4", "RGB4", "RA24", "RGBP", "RGBO", "R444", "GREY",
    "Y10 ", "Y16 ", "MJPG", "H264", "M420",
  ]
  /// Of a picture that is unpacked; larger ones only cost time.
  private static let largestPicture = 1 << 20

  /// VIDIOC_S_FMT, and memories of the driver's that hold just what the answer says.
  private static func checkLayout(_ input: inout FuzzInput) {
    let isMultiPlanar = input.flag()
    let answer = isMultiPlanar ? multiPlanarAnswer(&input) : answer(&input)
    guard let layout = FrameLayout(answer, isMultiPlanar: isMultiPlanar) else { return }
    require(layout.stride >= 0)
    let sizes = (0..<layout.memoryCount).map { memory in
      layout.planes.filter { $0.memory == memory }.map(\.end).max() ?? 0
    }
    guard let first = layout.planes.first, sizes.allSatisfy({ $0 <= largestPicture }) else { return }
    let memories = sizes.map { size in
      let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
      memory.initialize(repeating: 128, count: size)
      return memory
    }
    defer { for memory in memories { memory.deallocate() } }
    let planes = layout.planes.map {
      VideoFrame.Plane(base: UnsafePointer(memories[$0.memory]) + $0.offset, stride: $0.stride)
    }
    let picture = PictureBuffer(width: layout.size.width, height: first.rows)
    switch layout.way {
    case .planar(let planar): picture.fill(from: planes, layout: planar)
    case .packed(let packed): picture.fill(from: planes[0], layout: packed)
    case .jpeg, .library, .video: break
    }
  }

  private static func answer(_ input: inout FuzzInput) -> v4l2_format {
    var answer = v4l2_format()
    answer.fmt.pix.pixelformat = input.choice(of: formats).code
    answer.fmt.pix.width = number(&input)
    answer.fmt.pix.height = number(&input)
    answer.fmt.pix.bytesperline = number(&input)
    answer.fmt.pix.field = UInt32(input.integer(UInt8.self) & 15)
    answer.fmt.pix.colorspace = input.integer()
    answer.fmt.pix.ycbcr_enc = input.integer()
    answer.fmt.pix.quantization = input.integer()
    return answer
  }

  private static func multiPlanarAnswer(_ input: inout FuzzInput) -> v4l2_format {
    var answer = v4l2_format()
    answer.fmt.pix_mp.pixelformat = input.choice(of: formats).code
    answer.fmt.pix_mp.width = number(&input)
    answer.fmt.pix_mp.height = number(&input)
    answer.fmt.pix_mp.field = UInt32(input.integer(UInt8.self) & 15)
    answer.fmt.pix_mp.num_planes = input.integer()
    withUnsafeMutableBytes(of: &answer.fmt.pix_mp.plane_fmt) { bytes in
      let planes = bytes.bindMemory(to: v4l2_plane_pix_format.self)
      for index in planes.indices { planes[index].bytesperline = number(&input) }
    }
    return answer
  }

  /// Small as a rule.
  private static func number(_ input: inout FuzzInput) -> UInt32 {
    input.flag() ? input.integer() : UInt32(input.integer(UInt8.self))
  }

  private static func checkFile(_ input: inout FuzzInput) {
    let (width, height) = (Int(input.integer(Int32.self)), Int(input.integer(Int32.self)))
    guard width > 0, height > 0, DisplayGeometry.isPlayable(width: width, height: height) else { return }
    let geometry = DisplayGeometry(
      width: width, height: height,
      sampleAspect: (Int(input.integer(Int32.self)), Int(input.integer(Int32.self))),
      orientation: Orientation(
        isMirrored: input.flag(), turn: input.choice(of: [Orientation.Turn.none, .quarter, .half, .threeQuarters])),
      bounds: input.flag()
        ? PictureSize(width: Int(input.integer(UInt16.self)) + 1, height: Int(input.integer(UInt16.self)) + 1) : nil)
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
    let size: [UInt8] = [0, 64, 0, 48]
    let layouts = formats.indices.flatMap { format -> [[UInt8]] in
      let single = [1, 0, UInt8(format)] + size + [0, 128, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]
      return [single] + (1...3).map { [1, 1, UInt8(format)] + size + [1, $0, 0, 128, 0, 64, 0, 64] }
    }
    let file: [UInt8] = [0, 0, 0, 2, 128, 0, 0, 1, 224, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 25, 0, 0, 0, 1]
    return layouts + [file + [UInt8](repeating: 1, count: 80)]
  }
}
