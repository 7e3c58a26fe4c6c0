import Capture
import NIOCore
import Testing
import Video

/// What a VP8 player shows of a file must be what the file's maker saw.
@Suite(.enabled(if: Clip.isPossible)) struct FileColourTests {
  /// The colours at the quarters' centres, from the top left, row by row.
  private static func check(
    _ path: String, options: FileSource.Options = .init(), order: [Int] = [0, 1, 2, 3], size: (Int, Int) = (64, 48),
    tolerance: Double = 4, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let source = try FileSource(path: path, options: options)
    #expect((source.format.width, source.format.height) == size, sourceLocation: sourceLocation)
    let picture = try #require(try source.nextFrame { Samples(copying: $0) })
    #expect((picture.width, picture.height) == size, sourceLocation: sourceLocation)
    for (position, colour) in order.enumerated() {
      let x = picture.width * (position % 2 == 0 ? 1 : 3) / 4
      let y = picture.height * (position < 2 ? 1 : 3) / 4
      let distance = zip(picture.rgb(x, y), Clip.colours[colour]).map { abs($0 - Double($1)) }.max()!
      #expect(distance <= tolerance, "quarter \(position): \(picture.rgb(x, y))", sourceLocation: sourceLocation)
    }
  }

  @Test(
    "matrix and range are those that the file states",
    arguments: [
      ("bt601:out_range=tv", "smpte170m", "tv", "yuv420p"), ("bt601:out_range=pc", "smpte170m", "pc", "yuv420p"),
      ("bt709:out_range=tv", "bt709", "tv", "yuv420p"), ("bt709:out_range=pc", "bt709", "pc", "yuv420p"),
      ("bt2020:out_range=tv", "bt2020nc", "tv", "yuv420p10le"),
      ("smpte240m:out_range=tv", "smpte240m", "tv", "yuv420p"),
      ("bt709:out_range=tv", "bt709", "tv", "yuv444p"), ("bt709:out_range=pc", "bt709", "pc", "yuv422p"),
    ])
  func matrices(scale: String, tag: String, range: String, format: String) throws {
    let clip = try Clip()
    let path = try clip.make(
      "clip.mp4",
      try clip.makeQuarters()
        + " -vf scale=out_color_matrix=\(scale) -pix_fmt \(format) -colorspace \(tag) -color_range \(range)"
        + " -c:v libx264 -qp 2")
    try Self.check(path)
  }

  @Test(
    "a file without colour information is read as limited-range BT.601 at every size",
    arguments: [(64, 48), (1280, 720)])
  func untagged(width: Int, height: Int) throws {
    let clip = try Clip()
    let path = try clip.make(
      "clip.mkv", try clip.makeQuarters(width: width, height: height, frames: 1) + " -pix_fmt yuv420p -c:v ffv1")
    try Self.check(path, size: (width, height))
  }

  @Test(
    "all sample layouts are read",
    arguments: [
      ("nut", "rawvideo", "nv12"), ("nut", "rawvideo", "nv21"), ("nut", "rawvideo", "yuyv422"),
      ("nut", "rawvideo", "uyvy422"), ("mkv", "ffv1", "yuv422p"), ("mkv", "ffv1", "yuv444p"),
      ("mkv", "ffv1", "yuv411p"), ("mkv", "ffv1", "yuv410p"), ("mkv", "ffv1", "yuv440p"),
      ("mkv", "ffv1", "yuv420p10le"), ("mkv", "ffv1", "yuv444p16le"), ("mkv", "ffv1", "yuva420p"),
      ("mkv", "ffv1", "bgra"), ("mkv", "ffv1", "gbrp10le"), ("nut", "rawvideo", "rgb24"), ("nut", "rawvideo", "bgr0"),
      ("avi", "rawvideo", "bgr24"), ("avi", "mjpeg -q:v 1", "yuvj420p"), ("avi", "mjpeg -q:v 1", "yuvj422p"),
      ("avi", "mjpeg -q:v 1", "yuvj444p"), ("mov", "qtrle", "rgb24"), ("y4m", "wrapped_avframe", "yuv420p"),
    ])
  func layouts(container: String, codec: String, format: String) throws {
    let clip = try Clip()
    let path = try clip.make(
      "clip.\(container)", try clip.makeQuarters() + " -pix_fmt \(format) -c:v \(codec)")
    try Self.check(path, tolerance: 6)
  }

  @Test("pictures with a palette are read")
  func palette() throws {
    let clip = try Clip()
    let path = try clip.make(
      "clip.gif", try clip.makeQuarters() + " -vf split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=none")
    try Self.check(path, tolerance: 8)
  }

  @Test("grey pictures are read as grey")
  func grey() throws {
    let clip = try Clip()
    let path = try clip.make("clip.mkv", try clip.makeQuarters() + " -pix_fmt gray -c:v ffv1")
    let picture = try #require(try FileSource(path: path).nextFrame { Samples(copying: $0) })
    #expect((picture.u + picture.v).allSatisfy { $0 == 128 })
    // FFmpeg's grey is full range: 200, 40, 40 weighs 88.
    #expect(abs(picture.rgb(16, 12)[0] - 88) < 4)
  }

  @Test(
    "the display matrix turns and mirrors the picture",
    arguments: [
      ([0, 1, -1, 0], [2, 0, 3, 1], (48, 64)), ([-1, 0, 0, -1], [3, 2, 1, 0], (64, 48)),
      ([0, -1, 1, 0], [1, 3, 0, 2], (48, 64)), ([-1, 0, 0, 1], [1, 0, 3, 2], (64, 48)),
      ([1, 0, 0, -1], [2, 3, 0, 1], (64, 48)),
    ])
  func displayMatrix(matrix: [Int32], order: [Int], size: (Int, Int)) throws {
    let clip = try Clip()
    _ = try clip.make("plain.mp4", try clip.makeQuarters() + " -pix_fmt yuv420p -c:v libx264 -qp 2")
    var bytes = try clip.read("plain.mp4")
    // ISO/IEC 14496-12 section 8.3.2: in version 0 the matrix lies 44 bytes behind the box's type.
    let type = try #require(bytes.firstRange(of: Array("tkhd".utf8)))
    for (value, column) in zip(matrix, [0, 1, 3, 4]) {
      let start = type.lowerBound + 44 + 4 * column
      bytes.replaceSubrange(start..<start + 4, with: withUnsafeBytes(of: (value << 16).bigEndian, Array.init))
    }
    try Self.check(try clip.write(bytes, to: "turned.mp4"), order: order, size: size)
  }

  @Test("samples are made square", arguments: [("2/1", 128), ("4/3", 86), ("1/2", 32)])
  func sampleAspect(aspect: String, width: Int) throws {
    let clip = try Clip()
    let path = try clip.make(
      "clip.mp4", try clip.makeQuarters() + " -vf setsar=\(aspect) -pix_fmt yuv420p -c:v libx264 -qp 2")
    try Self.check(path, size: (width, 48))
  }

  @Test(
    "the requested size is respected",
    arguments: [((32, 24), (32, 24)), ((32, 100), (32, 24)), ((640, 96), (128, 96))])
  func size(bounds: (Int, Int), size: (Int, Int)) throws {
    let clip = try Clip()
    let path = try clip.make("clip.mkv", try clip.makeQuarters() + " -pix_fmt yuv444p -c:v ffv1")
    try Self.check(path, options: .init(size: PictureSize(width: bounds.0, height: bounds.1)), size: size)
  }

  @Test("odd sizes become even", arguments: ["yuv420p", "yuv444p", "bgr0"])
  func oddSize(format: String) throws {
    let clip = try Clip()
    let path = try clip.make(
      "clip.mkv", try clip.makeQuarters(width: 63, height: 47) + " -pix_fmt \(format) -c:v ffv1")
    try Self.check(path, size: (64, 48))
  }

  @Test("turning, aspect ratio, BT.709 full range, 4:4:4 and scaling are combined")
  func together() throws {
    let clip = try Clip()
    _ = try clip.make(
      "plain.mp4",
      try clip.makeQuarters()
        + " -vf scale=out_color_matrix=bt709:out_range=pc,setsar=2/1 -pix_fmt yuv444p -colorspace bt709 -color_range pc"
        + " -c:v libx264 -qp 2")
    var bytes = try clip.read("plain.mp4")
    let type = try #require(bytes.firstRange(of: Array("tkhd".utf8)))
    for (value, column) in zip([0, 1, -1, 0] as [Int32], [0, 1, 3, 4]) {
      let start = type.lowerBound + 44 + 4 * column
      bytes.replaceSubrange(start..<start + 4, with: withUnsafeBytes(of: (value << 16).bigEndian, Array.init))
    }
    try Self.check(
      try clip.write(bytes, to: "turned.mp4"), options: .init(size: PictureSize(width: 96, height: 96)),
      order: [2, 0, 3, 1],
      size: (36, 96))
  }

  // MARK: More than 8 bit 4:2:0 can say

  /// The shade in the middle of the picture, 0 black to 1 white.
  private static func shade(_ path: String) throws -> [Double] {
    let picture = try #require(try FileSource(path: path).nextFrame { Samples(copying: $0) })
    return picture.rgb(picture.width / 2, picture.height / 2).map { $0 / 255 }
  }

  @Test(
    "white of a high dynamic range is shown as white, and half the luminance as half",
    arguments: [
      ("smpte2084", 148, 0.9...1.01), ("smpte2084", 255, 0.97...1.01), ("smpte2084", 90, 0.35...0.6),
      ("arib-std-b67", 191, 0.9...1.01), ("arib-std-b67", 255, 0.97...1.01), ("arib-std-b67", 96, 0.4...0.7),
      ("smpte2084", 0, -0.01...0.02), ("bt709", 148, 0.56...0.6),
    ])
  func highDynamicRange(transfer: String, signal: Int, expected: ClosedRange<Double>) throws {
    let clip = try Clip()
    let shade = (signal < 16 ? "0" : "") + String(signal, radix: 16)
    let path = try clip.make(
      "clip.mkv",
      "-f lavfi -i color=0x\(shade)\(shade)\(shade):size=64x48:rate=25 -frames:v 1"
        // FFmpeg 7 believes the pictures, and FFmpeg 5 the option.
        + " -vf scale=out_color_matrix=bt2020:out_range=tv,setparams=color_trc=\(transfer) -pix_fmt yuv420p10le"
        + " -c:v ffv1 -color_trc \(transfer) -colorspace bt2020nc -color_range tv")
    let picture = try Self.shade(path)
    #expect(picture.allSatisfy(expected.contains), "\(picture)")
  }

  @Test(
    "transparent parts are shown on black",
    arguments: [
      ("mov", "qtrle", "argb"), ("mkv", "ffv1", "yuva420p"), ("mov", "prores_ks -profile:v 4444", "yuva444p10le"),
      ("webm", "libvpx-vp9", "yuva420p"), ("apng", "apng", "rgba"),
    ])
  func alpha(container: String, codec: String, format: String) throws {
    let clip = try Clip()
    for (alpha, expected) in [(1.0, 1.0), (0.5, 0.5), (0, 0)] {
      let path = try clip.make(
        "clip.\(container)",
        "-f lavfi -i color=white:size=64x48:rate=25 -frames:v 5 -vf format=rgba,colorchannelmixer=aa=\(alpha)"
          + " -pix_fmt \(format) -c:v \(codec)")
      let picture = try Self.shade(path)
      #expect(picture.allSatisfy { abs($0 - expected) < 0.04 }, "\(alpha): \(picture)")
    }
  }

  @Test(
    "the two fields of an interlaced film are not combined into a comb",
    arguments: [
      ("ts", "mpeg2video -flags +ilme+ildct -q:v 2", "yuv420p"),
      ("ts", "mpeg2video -flags +ilme+ildct -q:v 2", "yuv422p"),
      ("mp4", "libx264 -flags +ilme+ildct -qp 10", "yuv420p"), ("dv", "dvvideo", "yuv420p"),
    ])
  func interlaced(container: String, codec: String, format: String) throws {
    let clip = try Clip()
    // Every other field is white, so that both in one picture are stripes.
    let path = try clip.make(
      "clip.\(container)",
      "-f lavfi -i color=black:size=720x576:rate=50 -frames:v 5 -vf geq=lum='if(mod(N\\,2)\\,235\\,16)':cb=128:cr=128,interlace=lowpass=0"
        + " -pix_fmt \(format) -c:v \(codec)")
    let picture = try #require(try FileSource(path: path).nextFrame { Samples(copying: $0) })
    let column = (0..<picture.height).map { Int(picture.luma[$0 * picture.width + picture.width / 2]) }
    let comb = zip(column, column.dropFirst()).map { abs($0 - $1) }.max()!
    #expect(comb < 30)
    #expect(picture.height == 576)
  }
}
