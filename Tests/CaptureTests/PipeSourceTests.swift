import Glibc
import NIOCore
import Testing
import Video

@testable import Capture

@Suite("Pictures from standard input") struct PipeSourceTests {
  private static let (width, height) = (32, 16)
  private static let pictureSize = width * height * 3 / 2

  /// The writing end of a pipe whose other end is a source.
  private final class Writer {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close() }

    /// `luma` is the value of all samples of a picture.
    func write(luma: UInt8, header: Bool) {
      if header { write(Array("FRAME\n".utf8)) }
      write([UInt8](repeating: luma, count: PipeSourceTests.pictureSize))
    }

    func write(_ bytes: [UInt8]) {
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0 { break }
        rest = rest.dropFirst(count)
      }
    }

    private var isClosed = false
    func close() {
      if !isClosed { Glibc.close(descriptor) }
      isClosed = true
    }
  }

  private static func make(
    _ options: PipeSource.Options, beginning: (Writer) -> Void
  ) throws -> (any VideoSource, Writer) {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let writer = Writer(ends[1])
    beginning(writer)
    return (try PipeSource.open(InputFile(descriptor: ends[0]), name: "standard input", options), writer)
  }

  private static let header = Array("YUV4MPEG2 W\(width) H\(height) F25:1 Ip A1:1 C420jpeg\n".utf8)
  private static let raw = PipeSource.Options(size: PictureSize(width: width, height: height), frameRate: FrameRate(25))

  private static func luma(of source: any VideoSource) throws -> UInt8? {
    try source.nextFrame { $0.luma.base[0] }
  }

  @Test("the last picture is repeated while the writer pauses, even one from before the first viewer")
  func still() throws {
    let (source, writer) = try Self.make(.init()) {
      $0.write(Self.header)
      $0.write(luma: 50, header: true)
    }
    // It has come.
    #expect(try Self.luma(of: source) == 50)
    let look = NIODeadline.now()
    for _ in 0..<3 {
      let seen = try source.nextFrame(notBefore: look) { (luma: $0.luma.base[0], time: $0.captureTime) }
      #expect(try #require(seen).luma == 50 && #require(seen).time >= look)
    }
    #expect(source.counters.framesRepeated == 3)
    writer.write(luma: 90, header: true)
    var luma = try Self.luma(of: source)
    while luma == 50 { luma = try Self.luma(of: source) }
    #expect(luma == 90)
    writer.close()
    while try Self.luma(of: source) != nil {}
  }

  @Test("a single picture that arrived before the first viewer is shown")
  func stillBefore() throws {
    let (source, writer) = try Self.make(.init()) {
      $0.write(Self.header)
      $0.write(luma: 50, header: true)
    }
    let later = NIODeadline.now() + .milliseconds(100)
    let seen = try source.nextFrame(notBefore: later) { (luma: $0.luma.base[0], time: $0.captureTime) }
    #expect(try #require(seen).luma == 50 && #require(seen).time >= later)
    writer.close()
  }

  @Test("YUV4MPEG2 states its size and rate and ends with its input")
  func y4m() throws {
    let (source, writer) = try Self.make(.init()) { $0.write(Self.header) }
    #expect(source.format == VideoFormat(width: Self.width, height: Self.height, frameRate: FrameRate(25)))
    #expect(source.timeline == .live)
    writer.write(luma: 50, header: true)
    #expect(try Self.luma(of: source) == 50)
    writer.write(luma: 51, header: true)
    #expect(try Self.luma(of: source) == 51)
    writer.close()
    #expect(try Self.luma(of: source) == nil)
    #expect(try Self.luma(of: source) == nil)
  }

  @Test("raw pictures are complete from their first byte on")
  func rawPictures() throws {
    let (source, writer) = try Self.make(Self.raw) { $0.write(luma: 77, header: false) }
    let isEven = try source.nextFrame { frame in
      (0..<Self.height).allSatisfy { row in
        (0..<Self.width).allSatisfy { frame.luma.base[row * frame.luma.stride + $0] == 77 }
      }
    }
    #expect(isEven == true)
    writer.close()
    #expect(try Self.luma(of: source) == nil)
  }

  @Test("the newest picture is shown, and the others are counted")
  func newestWins() throws {
    let (source, writer) = try Self.make(Self.raw) { $0.write(luma: 1, header: false) }
    for luma in 2...50 as ClosedRange<UInt8> { writer.write(luma: luma, header: false) }
    writer.close()
    var seen: [UInt8] = []
    while let luma = try Self.luma(of: source) { seen.append(luma) }
    #expect(seen == seen.sorted())
    #expect(seen.last == 50)
    #expect(seen.count + source.counters.framesSkipped == 50)
  }

  @Test("pictures from before the first viewer are left out")
  func stale() throws {
    let (source, writer) = try Self.make(Self.raw) { $0.write(luma: 1, header: false) }
    writer.close()
    #expect(try source.nextFrame(notBefore: .now() + .hours(1)) { _ in true } == nil)
    #expect(source.counters.framesSkipped == 1)
  }

  @Test("a truncated picture is left out")
  func cutShort() throws {
    let (source, writer) = try Self.make(Self.raw) { $0.write([UInt8](repeating: 9, count: Self.pictureSize - 1)) }
    writer.close()
    #expect(try Self.luma(of: source) == nil)
  }

  @Test("a picture is turned as requested")
  func turned() throws {
    var options = Self.raw
    options.orientation = Orientation(turn: .quarter)
    let (source, writer) = try Self.make(options) { $0.write(luma: 90, header: false) }
    #expect(source.format.width == Self.height && source.format.height == Self.width)
    #expect(try source.nextFrame { $0.width } == Self.height)
    writer.close()
  }

  @Test(
    "unusable input is refused with a one-line reason",
    arguments: [
      ("", "ended"), ("raw pictures of some size", "--size and --fps"),
      ("YUV4MPEG2 W32 H16 F25:1 C444\nFRAME\n", "standard input"), ("YUV4MPEG2 F25:1\n", "size"),
      ("YUV4MPEG2 W100000 H100000 F25:1\n", "too large"),
    ] as [(String, String)])
  func refused(_ text: String, _ reason: String) throws {
    let error = #expect(throws: CaptureError.self) {
      _ = try Self.make(.init()) { writer in
        writer.write(Array(text.utf8))
        writer.close()
      }
    }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }
}
