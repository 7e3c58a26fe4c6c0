import Capture
import NIOCore
import Testing
import Video

@Suite struct Y4MSourceTests {
  /// Pictures that differ in every sample's surroundings, by number.
  private static func picture(_ number: Int, width: Int, height: Int) -> [UInt8] {
    let size = width * height + 2 * ((width + 1) / 2) * ((height + 1) / 2)
    return (0..<size).map { UInt8(truncatingIfNeeded: 31 * $0 + 7 * number + $0 / width) }
  }

  private static func film(
    _ tags: String = "F25:1 C420jpeg", width: Int = 16, height: Int = 8, frames: Int = 3, line: String = "FRAME\n"
  ) -> [UInt8] {
    Array("YUV4MPEG2 W\(width) H\(height) \(tags)\n".utf8)
      + (0..<frames).flatMap { Array(line.utf8) + picture($0, width: width, height: height) }
  }

  /// Milliseconds of all frames, or of the first `limit`.
  private static func times(_ source: some VideoSource, limit: Int = 1_000) throws -> [Int] {
    var times: [Int] = []
    while times.count < limit,
      let time = try source.nextFrame({ Int($0.captureTime.uptimeNanoseconds / 1_000_000) })
    {
      times.append(time)
    }
    return times
  }

  private static func times(_ bytes: [UInt8], loops: Bool = false, limit: Int = 1_000) throws -> [Int] {
    let clip = try Clip()
    let path = try clip.write(bytes, to: "film.y4m")
    return try times(try #require(try Y4MSource(path: path, options: .init(loops: loops))), limit: limit)
  }

  private static func error(_ bytes: [UInt8]) throws -> CaptureError? {
    let clip = try Clip()
    let path = try clip.write(bytes, to: "film.y4m")
    do throws(CaptureError) {
      _ = try Y4MSource(path: path)
      return nil
    } catch {
      return error
    }
  }

  @Test("slides with long pauses are repeated in between")
  func slides() throws {
    #expect(try Self.times(Self.film("F1:1 C420jpeg", frames: 2)) == [0, 400, 800, 1_000, 1_400, 1_800])
    #expect(try Self.times(Self.film("F5:1 C420jpeg")) == [0, 200, 400])
  }

  @Test("at less than one picture per second each is shown for as long as the rate requires")
  func slow() throws {
    let times = try Self.times(Self.film("F1:2 C420jpeg", frames: 2))
    #expect(times == [0, 400, 800, 1_200, 1_600, 2_000, 2_400, 2_800, 3_200, 3_600])
  }

  // MARK: What comes out

  @Test("samples are lent as they are stored", arguments: [(16, 8), (2, 2), (64, 48), (34, 2)])
  func samples(width: Int, height: Int) throws {
    let clip = try Clip()
    let path = try clip.write(Self.film(width: width, height: height), to: "film.y4m")
    let source = try #require(try Y4MSource(path: path))
    #expect(source.format == VideoFormat(width: width, height: height, frameRate: FrameRate(25)))
    #expect(source.timeline == .media)
    for number in 0..<3 {
      let samples = try #require(try source.nextFrame { Samples(copying: $0) })
      #expect(samples.luma + samples.u + samples.v == Self.picture(number, width: width, height: height))
      #expect(samples.captureTime == .uptimeNanoseconds(UInt64(number) * 40_000_000))
    }
    #expect(try source.nextFrame { _ in } == nil)
    #expect(try source.nextFrame { _ in } == nil)
  }

  @Test(
    "FFmpeg reads the same pictures from the same file",
    .enabled(if: Clip.isPossible),
    arguments: [
      ("64x48", "", FileSource.Options()), ("65x49", "", .init()), ("63x48", "-color_range pc", .init()),
      ("64x48", "-color_range pc", .init()), ("160x90", "", .init(size: PictureSize(width: 64, height: 64))),
      ("64x48", "-chroma_sample_location left", .init()), ("64x48", "", .init(maximumFrameRate: FrameRate(7))),
      ("64x48", "", .init(maximumFrameRate: FrameRate(7), loops: true)),
    ])
  func equality(size: String, options: String, settings: FileSource.Options) throws {
    let clip = try Clip()
    let path = try clip.make(
      "film.y4m", "-f lavfi -i testsrc2=size=\(size):rate=25 -frames:v 12 -pix_fmt yuv420p \(options)")
    let own = try #require(try Y4MSource(path: path, options: settings))
    let ffmpeg = try FileSource(path: path, options: settings)
    #expect(own.format == ffmpeg.format)
    for _ in 0..<30 {
      let frame = try own.nextFrame { Samples(copying: $0) }
      #expect(try frame == ffmpeg.nextFrame { Samples(copying: $0) })
    }
  }

  @Test("parameters before a picture are skipped", arguments: ["FRAME Ippp\n", "FRAME \n", "FRAME Xa Xb\n"])
  func parameters(line: String) throws {
    #expect(try Self.times(Self.film(line: line)) == [0, 40, 80])
  }

  @Test("a loop continues without a gap in time, even in a truncated file", arguments: [0, 1, 100])
  func loop(cut: Int) throws {
    let whole = try Self.times(Array(Self.film(frames: 4).dropLast(cut)), loops: true, limit: 10)
    #expect(whole == (0..<10).map { 40 * $0 })
  }

  @Test("a file without a complete picture ends, even in a loop", arguments: [0, 1])
  func empty(frames: Int) throws {
    #expect(try Self.times(Array(Self.film(frames: frames).dropLast(frames)), loops: true).isEmpty)
  }

  @Test("a late reader skips pictures, also into the next round and beyond the end", arguments: [true, false])
  func late(loops: Bool) throws {
    let clip = try Clip()
    let path = try clip.write(Self.film(frames: 10), to: "film.y4m")
    let source = try #require(try Y4MSource(path: path, options: .init(loops: loops)))
    func next(notBefore milliseconds: UInt64) throws -> Samples? {
      try source.nextFrame(notBefore: .uptimeNanoseconds(milliseconds * 1_000_000)) { Samples(copying: $0) }
    }
    let seventh = try #require(try next(notBefore: 245))
    #expect(seventh.captureTime == .uptimeNanoseconds(280_000_000))
    #expect(seventh.luma == Array(Self.picture(7, width: 16, height: 8).prefix(16 * 8)))
    let later = try next(notBefore: 920)
    #expect(later?.captureTime == (loops ? .uptimeNanoseconds(920_000_000) : nil))
    #expect(later?.luma == (loops ? Array(Self.picture(3, width: 16, height: 8).prefix(16 * 8)) : nil))
  }

  @Test("an error of the reader is rethrown, and the following picture is the next")
  func readerThrows() throws {
    struct Failure: Error {}
    let clip = try Clip()
    let source = try #require(try Y4MSource(path: try clip.write(Self.film(), to: "film.y4m")))
    #expect(throws: Failure.self) { try source.nextFrame { _ in throw Failure() } }
    #expect(try source.nextFrame { $0.captureTime } == .uptimeNanoseconds(40_000_000))
  }

  // MARK: What is cut or damaged

  @Test("a truncated film ends with its last complete picture", arguments: [1, 191, 192, 193, 194, 198])
  func truncated(cut: Int) throws {
    // A picture is 192 bytes and the line before it six.
    #expect(try Self.times(Array(Self.film().dropLast(cut))) == [0, 40])
  }

  @Test("an incomplete last picture is skipped too when a late reader passes the end of a round")
  func truncatedWhileLate() throws {
    let clip = try Clip()
    let path = try clip.write(Self.film(frames: 4).dropLast(), to: "film.y4m")
    let source = try #require(try Y4MSource(path: path, options: .init(loops: true)))
    // The fourth is not whole, so that the sixth is the third of the second round.
    let sixth = try source.nextFrame(notBefore: .uptimeNanoseconds(200_000_000)) { Samples(copying: $0).luma }
    #expect(sixth == Array(Self.picture(2, width: 16, height: 8).prefix(16 * 8)))
  }

  @Test(
    "an invalid line before a picture ends the film",
    arguments: [
      "FRAMED\n", "frame\n", "FRAM\n", "\n", "FRAME", "FRAME\t\n", "FRAME " + String(repeating: "x", count: 250) + "\n",
    ])
  func frameHeader(line: String) throws {
    let good = Self.film(frames: 2)
    let bad = Array(line.utf8) + Self.picture(9, width: 16, height: 8)
    #expect(try Self.times(good + bad + good.dropFirst(34)) == [0, 40])
  }

  @Test("a line before a picture may be as long as the longest header")
  func longestFrameHeader() throws {
    let line = "FRAME " + String(repeating: "x", count: 249) + "\n"
    #expect(line.utf8.count == 256)
    #expect(try Self.times(Self.film(line: line)) == [0, 40, 80])
  }

  @Test("an endless or malformed header is refused as no video")
  func malformedHeader() throws {
    for (header, reason) in [
      ("YUV4MPEG2", "ends within its header"), ("YUV4MPEG2 W16 H8", "ends within its header"),
      ("YUV4MPEG2 W16 H8 X" + String(repeating: "x", count: 238) + "\n", "longer than 256 bytes"),
      ("YUV4MPEG2 Wx H8\n", "the W in its header is malformed"), ("YUV4MPEG2 H8\n", "no size"),
      ("YUV4MPEG2\n", "no size"),
    ] {
      guard case .notVideo(_, let text) = try Self.error(Array(header.utf8)) else {
        Issue.record("\(header) was taken")
        continue
      }
      #expect(text.contains(reason))
    }
    #expect(try Self.error(Array(("YUV4MPEG2 W16 H8 X" + String(repeating: "x", count: 237) + "\n").utf8)) == nil)
  }

  @Test("pictures larger than 8K or too long for libyuv are refused")
  func tooLarge() throws {
    for size in ["W40000 H2", "W2 H40000", "W8192 H4321", "W2147483647 H2147483647"] {
      guard case .unsupported = try Self.error(Array("YUV4MPEG2 \(size)\n".utf8)) else {
        Issue.record("\(size) was taken")
        continue
      }
    }
  }

  @Test("the largest and the smallest sides are scaled", arguments: [(32_768, 2), (2, 32_768), (1, 1), (1, 9)])
  func extremeSides(width: Int, height: Int) throws {
    #expect(try Self.times(Self.film(width: width, height: height, frames: 1)) == [0])
  }

  @Test("a film with any wrong bytes ends and never crashes")
  func mutated() throws {
    let bytes = Self.film("F25:1 Ip A1:1 C420jpeg XCOLORRANGE=FULL", frames: 6)
    let clip = try Clip()
    var state: UInt64 = 42
    func random(below limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    for _ in 0..<500 {
      var mutated = bytes
      // Where it matters: in the first line, and in one of those before the pictures.
      for _ in 0..<(1 + random(below: 3)) { mutated[random(below: 70)] = UInt8(random(below: 256)) }
      mutated[66 + 198 * random(below: 6) + random(below: 6)] ^= UInt8(random(below: 4))
      let path = try clip.write(mutated, to: "mutated.y4m")
      do throws(CaptureError) {
        guard
          let source = try Y4MSource(path: path, options: .init(size: PictureSize(width: 32, height: 24), loops: true))
        else {
          continue
        }
        _ = try? Self.times(source, limit: 20)
      } catch {}
    }
  }

  // MARK: What is for FFmpeg

  @Test("other files and pictures that need a conversion are left to FFmpeg")
  func others() throws {
    let clip = try Clip()
    for (name, bytes) in [
      ("empty", []), ("short", Array("YUV4".utf8)), ("text", Array("Dear diary,\n".utf8)),
      ("older", Array("YUV4MPEG W16 H8\n".utf8)), ("422", Self.film("C422")), ("interlaced", Self.film("It")),
      ("anamorphic", Self.film("A16:15")), ("deep", Self.film("C420p10")),
    ] {
      #expect(try Y4MSource(path: try clip.write(bytes, to: name)) == nil, "\(name)")
    }
    #expect(try Y4MSource(path: clip.path("")) == nil)
    #expect(try Y4MSource(path: "/dev/null") == nil)
  }

  @Test("a missing file is reported at once")
  func missing() throws {
    let clip = try Clip()
    let path = clip.path("none.y4m")
    #expect(throws: CaptureError.noSuchFile(path: path, reason: "No such file or directory")) {
      try Y4MSource(path: path)
    }
  }
}
