import Dispatch
import Foundation
import Glibc
import NIOCore
import Synchronization
import Testing
import Video

@testable import Capture

/// What programs write into a pipe besides raw pictures, and how long they take to begin.
@Suite(.serialized, .enabled(if: Clip.isPossible)) struct CodedPipeTests {
  /// A source that reads from a pipe into which a thread writes `bytes`.
  private static func open(_ bytes: [UInt8], _ options: PipeSource.Options = .init()) throws -> any VideoSource {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    write(bytes, to: ends[1])
    return try PipeSource.open(InputFile(descriptor: ends[0]), name: "standard input", options)
  }

  @discardableResult
  private static func write(
    _ bytes: some Collection<UInt8>, to descriptor: Int32, closing: Bool = true
  ) -> DispatchSemaphore {
    let written = DispatchSemaphore(value: 0)
    let bytes = Array(bytes)
    Thread.detachNewThread {
      defer { written.signal() }
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { break }
        rest = rest.dropFirst(count)
      }
      if closing { close(descriptor) }
    }
    return written
  }

  private static func check(_ source: any VideoSource, size: (Int, Int)) throws {
    #expect(source.timeline == .live)
    #expect((source.format.width, source.format.height) == size)
    let picture = try #require(try source.nextFrame { Samples(copying: $0) })
    #expect((picture.width, picture.height) == size)
    for position in 0..<4 {
      let (x, y) = (picture.width * (position % 2 == 0 ? 1 : 3) / 4, picture.height * (position < 2 ? 1 : 3) / 4)
      let distance = zip(picture.rgb(x, y), Clip.colours[position]).map { abs($0 - Double($1)) }.max()!
      #expect(distance <= 8, "quarter \(position): \(picture.rgb(x, y))")
    }
    while try source.nextFrame({ _ in }) != nil {}
  }

  @Test(
    "coded video is known by how it begins, and decoded",
    arguments: [
      ("h264", "-c:v libx264 -qp 2"), ("mjpeg", "-c:v mjpeg -q:v 1"), ("mpegts", "-c:v libx264 -qp 2"),
      ("matroska", "-c:v libx264 -qp 2"), ("mp4", "-c:v libx264 -qp 2 -movflags frag_keyframe+empty_moov"),
    ])
  func coded(format: String, codec: String) throws {
    let clip = try Clip()
    _ = try clip.make("film", try clip.makeQuarters(frames: 30) + " -pix_fmt yuv420p \(codec) -f \(format)")
    try Self.check(try Self.open(try clip.read("film")), size: (64, 48))
  }

  @Test(
    "Y4M of whatever kind is shown as a file of the same is",
    arguments: [
      ("yuv422p", "setsar=1", 64), ("yuv444p", "setsar=1", 64), ("yuv411p", "setsar=1", 64),
      ("yuv420p10le", "setsar=1", 64),
      ("yuv420p", "setsar=2/1", 128), ("yuv422p10le", "setsar=4/3", 86), ("yuv420p", "setfield=tff", 64),
    ])
  func y4m(format: String, filter: String, width: Int) throws {
    let clip = try Clip()
    _ = try clip.make(
      "film", try clip.makeQuarters(frames: 10) + " -vf \(filter) -pix_fmt \(format) -strict -1 -f yuv4mpegpipe")
    try Self.check(try Self.open(try clip.read("film")), size: (width, 48))
  }

  @Test("raw pictures whose rows are padded are read with their stride")
  func stride() throws {
    let clip = try Clip()
    _ = try clip.make("film", try clip.makeQuarters(width: 96) + " -pix_fmt yuv420p -c:v rawvideo -f rawvideo")
    var padded: [UInt8] = []
    var rest = try clip.read("film")[...]
    while !rest.isEmpty {
      for (width, stride, rows) in [(96, 128, 48), (48, 64, 24), (48, 64, 24)] {
        for _ in 0..<rows {
          padded += rest.prefix(width) + [UInt8](repeating: 77, count: stride - width)
          rest = rest.dropFirst(width)
        }
      }
    }
    let options = PipeSource.Options(size: PictureSize(width: 96, height: 48), frameRate: FrameRate(25), stride: 128)
    try Self.check(try Self.open(padded, options), size: (96, 48))
  }

  private final class Words: Sendable {
    let list = Mutex<[String]>([])
  }

  @Test("a named pipe into which nobody writes is waited for, with a word")
  func waiting() throws {
    let clip = try Clip()
    _ = try clip.make("film", try clip.makeQuarters(frames: 30) + " -pix_fmt yuv420p -c:v libx264 -qp 2 -f h264")
    let (path, bytes) = (clip.path("fifo"), try clip.read("film"))
    try #require(mkfifo(path, 0o600) == 0)
    #expect(PipeSource.isNamedPipe(path) && !PipeSource.isNamedPipe(clip.path("film")))
    let words = Words()
    let source = try PipeSource.open(path: path) { word in
      words.list.withLock { $0.append(word) }
      Self.write(bytes, to: Glibc.open(path, O_WRONLY))
    }
    #expect(words.list.withLock { $0 } == ["waiting for a program to write video to \(path)"])
    try Self.check(source, size: (64, 48))
  }

  @Test("the wait for a writer is limited if nobody can be told of it")
  func limitedWait() throws {
    let clip = try Clip()
    let path = clip.path("fifo")
    try #require(mkfifo(path, 0o600) == 0)
    let input = InputFile(descriptor: Glibc.open(path, O_RDONLY | O_NONBLOCK))
    let isSilent = !input.awaitInput(limit: .milliseconds(50), onPause: nil)
    Self.write([0], to: Glibc.open(path, O_WRONLY))
    let isHeard = input.awaitInput(onPause: nil)
    #expect(isSilent && isHeard)
  }

  @Test(
    "a writer that pauses before the first picture is given up if nobody can be told of it",
    arguments: ["YUV", "YUV4MPEG2 W64", "\u{0}\u{0}\u{0}\u{1}\u{9}\u{10}\u{0}\u{0}\u{0}\u{1}g", "JFIF JFIF "])
  func pausing(_ beginning: String) throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let (input, output) = (ends[0], ends[1])
    defer { close(output) }
    Self.write(ArraySlice(beginning.utf8), to: output, closing: false).wait()
    var file = InputFile(descriptor: input)
    file.deadline = .now() + .milliseconds(50)
    do {
      _ = try PipeSource.open(file, name: "standard input", .init())
      Issue.record("it has no picture")
    } catch {
      #expect("\(error)".contains("standard input") || "\(error)".contains("it end"), "\(error)")
    }
  }

  @Test("standard input stays open, so that no other descriptor gets its number")
  func standardInput() {
    let wasOpen = fcntl(STDIN_FILENO, F_GETFD) >= 0
    // Whatever it is here: the result does not matter.
    _ = try? PipeSource.open()
    #expect((fcntl(STDIN_FILENO, F_GETFD) >= 0) == wasOpen)
  }

  private static func watch(
    _ source: any VideoSource, atMost count: Int, until condition: () -> Bool
  ) throws {
    for _ in 0..<count where !condition() { #expect(try source.nextFrame { $0.width } == 320) }
  }

  @Test("pictures of a pipe that cannot be decoded are told of, until there is one that can")
  func damaged() throws {
    let clip = try Clip()
    _ = try clip.make(
      "film",
      try clip.makeQuarters(width: 320, height: 240, frames: 200) + " -pix_fmt yuvj420p -c:v mjpeg -q:v 1 -f mjpeg")
    let film = try clip.read("film")
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let (input, output) = (ends[0], ends[1])
    let damaged: [UInt8] = [0xff, 0xd8, 0xff, 0xc4, 0x00, 0x02, 0xff, 0xd9]
    let writer = Self.write(film + (0..<100).flatMap { _ in damaged } + film.prefix(2), to: output, closing: false)
    let source = try PipeSource.open(InputFile(descriptor: input), name: "standard input", .init())
    // The film, and what is repeated every 200 ms until the two seconds are over.
    try Self.watch(source, atMost: 400) { source.trouble != nil }
    #expect(source.trouble == .damaged)
    #expect(source.counters.framesCorrupt > 0)
    writer.wait()
    Self.write(film.dropFirst(2) + film, to: output)
    try Self.watch(source, atMost: 400) { source.trouble == nil }
    #expect(source.trouble == nil)
    while try source.nextFrame({ _ in }) != nil {}
  }

  @Test("raw pictures are told from coded ones by more than one byte")
  func formats() {
    func format(_ bytes: [UInt8]) -> PipedFormat {
      PipedFormat(beginning: Array((bytes + [UInt8](repeating: 16, count: 9)).prefix(PipedFormat.length)))
    }
    #expect(format([0, 0, 0, 1, 0x67]) == .coded)
    #expect(format([0, 0, 1, 0x09]) == .coded)
    #expect(format([0xff, 0xd8, 0xff, 0xe0]) == .coded)
    #expect(format(Array("YUV4MPEG2".utf8)) == .y4m)
    #expect(format([0x47, 0x40, 0x11, 0x10]) == .coded)
    for raw in [
      [], [0x47, 0x40], [0x47, 0x40, 0x3e, 0x3b], [0, 0, 0, 0, 0], [0, 1], [0xff, 0xd8, 0xd8], [0xff, 0xff, 0xff],
      [235, 235],
    ] as [[UInt8]] {
      #expect(format(raw) == .raw)
    }
  }
}
