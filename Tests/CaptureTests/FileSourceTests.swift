import Capture
import NIOCore
import Testing
import Video

@Suite(.enabled(if: Clip.isPossible)) struct FileSourceTests {
  private static let counting = "-f lavfi -i testsrc=size=64x48:rate=25"

  /// Milliseconds of all frames, or of the first `limit`.
  private static func times(_ source: FileSource, limit: Int = 10_000) throws -> [Int] {
    var times: [Int] = []
    while times.count < limit,
      let time = try source.nextFrame({ Int($0.captureTime.uptimeNanoseconds / 1_000_000) })
    {
      times.append(time)
    }
    return times
  }

  @Test(
    "every frame is shown once at its time, followed by the end",
    arguments: [
      ("mp4", "-c:v libx264 -bf 2"), ("mkv", "-c:v libx264 -bf 2"), ("webm", "-c:v libvpx -deadline realtime"),
      ("webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8"), ("avi", "-c:v mpeg4 -bf 2"),
      ("y4m", "-pix_fmt yuv420p"),
      ("ts", "-c:v mpeg2video -bf 2"), ("mov", "-c:v mjpeg"), ("264", "-c:v libx264"),
    ])
  func frames(container: String, codec: String) throws {
    let clip = try Clip()
    let source = try FileSource(path: try clip.make("clip.\(container)", "\(Self.counting) -frames:v 30 \(codec)"))
    #expect(source.format == VideoFormat(width: 64, height: 48, frameRate: FrameRate(25)))
    #expect(source.timeline == .media)
    #expect(try Self.times(source) == (0..<30).map { 40 * $0 })
    #expect(try source.nextFrame { _ in } == nil)
    #expect(source.counters.framesCorrupt == 0)
  }

  @Test("audio and cover pictures are ignored")
  func sound() throws {
    let clip = try Clip()
    let path = try clip.make(
      "clip.mp4", "-f lavfi -i sine=duration=2 \(Self.counting) -t 1 -c:v libx264 -c:a aac -map 0 -map 1")
    #expect(try Self.times(try FileSource(path: path)).count == 25)
  }

  @Test("frames of a variable rate keep their times")
  func variableRate() throws {
    let clip = try Clip()
    let path = try clip.make(
      "clip.mkv", "\(Self.counting) -vf select=not(mod(n\\,3))+eq(n\\,4) -vsync vfr -frames:v 5 -c:v libx264")
    #expect(try Self.times(try FileSource(path: path)) == [0, 120, 160, 240, 360])
  }

  @Test("slides with long pauses are repeated unchanged in between")
  func slides() throws {
    let clip = try Clip()
    let path = try clip.make("clip.mkv", "-f lavfi -i testsrc=size=64x48:rate=1 -frames:v 3 -c:v ffv1")
    let source = try FileSource(path: path)
    var seen: [(second: Int, samples: Samples)] = []
    while var samples = try source.nextFrame({ Samples(copying: $0) }) {
      let second = Int(samples.captureTime.uptimeNanoseconds / 1_000_000_000)
      samples.captureTime = .uptimeNanoseconds(0)
      seen.append((second, samples))
    }
    #expect(seen.map(\.second) == [0, 0, 0, 1, 1, 1, 2])
    #expect(source.counters.framesRepeated == 4)
    for (one, another) in zip(seen, seen.dropFirst()) {
      #expect((one.samples == another.samples) == (one.second == another.second))
    }
  }

  @Test("a loop continues without a gap in time", arguments: ["mp4", "mkv", "y4m", "264", "gif"])
  func loop(container: String) throws {
    let clip = try Clip()
    let path = try clip.make(
      "clip.\(container)", "\(Self.counting) -frames:v 10 -pix_fmt " + (container == "gif" ? "rgb8" : "yuv420p"))
    let source = try FileSource(path: path, options: .init(loops: true))
    var first: [Samples] = []
    for round in 0..<3 {
      for number in 0..<10 {
        var picture = try #require(try source.nextFrame { Samples(copying: $0) })
        let expected = NIODeadline.uptimeNanoseconds(UInt64(round * 10 + number) * 40_000_000)
        #expect(picture.captureTime == expected)
        picture.captureTime = .uptimeNanoseconds(0)
        if round == 0 { first.append(picture) } else { #expect(picture == first[number]) }
      }
    }
  }

  @Test("a lower frame rate drops frames evenly and counts them")
  func frameRate() throws {
    let clip = try Clip()
    let path = try clip.make("clip.mp4", "\(Self.counting) -frames:v 50")
    let source = try FileSource(path: path, options: .init(maximumFrameRate: FrameRate(5)))
    #expect(source.format.frameRate == FrameRate(5))
    #expect(try Self.times(source) == (0..<10).map { 200 * $0 })
    let unchanged = try FileSource(path: path, options: .init(maximumFrameRate: FrameRate(60)))
    #expect(unchanged.format.frameRate == FrameRate(25))
    #expect(try Self.times(unchanged).count == 50)
  }

  @Test("a late reader skips frames")
  func late() throws {
    let clip = try Clip()
    let source = try FileSource(path: try clip.make("clip.mp4", "\(Self.counting) -frames:v 30"))
    let time = try source.nextFrame(notBefore: .uptimeNanoseconds(405_000_000)) { $0.captureTime }
    #expect(time == .uptimeNanoseconds(440_000_000))
    #expect(try source.nextFrame { $0.captureTime } == .uptimeNanoseconds(480_000_000))
  }

  @Test("an error of the reader is rethrown, and the following frame is the next")
  func readerThrows() throws {
    struct Failure: Error {}
    let clip = try Clip()
    let source = try FileSource(path: try clip.make("clip.mp4", "\(Self.counting) -frames:v 3"))
    #expect(throws: Failure.self) { try source.nextFrame { _ in throw Failure() } }
    #expect(try source.nextFrame { $0.captureTime } == .uptimeNanoseconds(40_000_000))
  }

  /// The sizes that came, one after the other, each for several pictures.
  private static func changes(_ source: FileSource) throws -> [[Int]] {
    var sizes: [[Int]] = []
    var count = 0
    while let size = try source.nextFrame({ [$0.width, $0.height] }) {
      #expect(size == [source.format.width, source.format.height])
      if size != sizes.last { sizes.append(size) }
      count += 1
    }
    #expect(count >= 9)
    return sizes
  }

  private static func joined(
    _ clip: Clip, _ container: String, _ first: String, _ second: String
  ) throws -> String {
    for (name, arguments) in [("a", first), ("b", second)] {
      _ = try clip.make("\(name).\(container)", "\(arguments) -frames:v 5 -pix_fmt yuv420p")
    }
    return try clip.write(
      try clip.read("a.\(container)") + clip.read("b.\(container)"), to: "both.\(container)")
  }

  @Test("a change of the size within a film is followed", arguments: ["264", "ts", "mjpeg"])
  func sizeChange(container: String) throws {
    let clip = try Clip()
    let path = try Self.joined(clip, container, Self.counting, "-f lavfi -i testsrc=size=128x64:rate=25")
    #expect(try Self.changes(try FileSource(path: path)) == [[64, 48], [128, 64]])
    let fitted = try FileSource(path: path, options: .init(size: PictureSize(width: 32, height: 32)))
    #expect(try Self.changes(fitted) == [[32, 24], [32, 16]])
  }

  @Test("a change of the aspect ratio within a film is followed")
  func aspectChange() throws {
    let clip = try Clip()
    let path = try Self.joined(
      clip, "ts", "\(Self.counting) -c:v mpeg2video -aspect 4:3", "\(Self.counting) -c:v mpeg2video -aspect 16:9")
    #expect(try Self.changes(try FileSource(path: path)) == [[64, 48], [86, 48]])
  }

  @Test("a picture that is too long for libyuv within a film is skipped and counted")
  func sizeChangeBeyond() throws {
    let clip = try Clip()
    _ = try clip.make("a.mjpeg", "\(Self.counting) -frames:v 3 -c:v mjpeg")
    _ = try clip.make("b.mjpeg", "-f lavfi -i color=size=40000x16:rate=25 -frames:v 1 -c:v mjpeg")
    let film = try clip.read("a.mjpeg")
    let source = try FileSource(path: try clip.write(film + clip.read("b.mjpeg") + film, to: "both.mjpeg"))
    #expect(try Self.times(source).count == 6)
    #expect(source.counters.framesCorrupt == 1)
  }

  // MARK: What is no film

  private static func error(opening path: String) -> CaptureError? {
    do throws(CaptureError) {
      _ = try FileSource(path: path)
      return nil
    } catch {
      return error
    }
  }

  private static func isNotVideo(_ path: String) -> Bool {
    if case .notVideo(path, _) = error(opening: path) { true } else { false }
  }

  @Test("a missing file or a directory is reported at once")
  func missing() throws {
    let clip = try Clip()
    #expect(
      Self.error(opening: clip.path("none.mp4"))
        == .noSuchFile(path: clip.path("none.mp4"), reason: "No such file or directory"))
    guard case .noSuchFile = Self.error(opening: clip.path("")) else {
      Issue.record("a directory")
      return
    }
  }

  @Test("text, noise, empty files, audio and still pictures are not video")
  func notVideo() throws {
    let clip = try Clip()
    #expect(Self.isNotVideo(try clip.write("Dear diary,\n".utf8, to: "diary.txt")))
    #expect(Self.isNotVideo(try clip.write([], to: "empty.mp4")))
    var generator = SystemRandomNumberGenerator()
    #expect(
      Self.isNotVideo(
        try clip.write((0..<10_000).map { _ in UInt8.random(in: 0...255, using: &generator) }, to: "noise.mp4")))
    #expect(Self.isNotVideo(try clip.make("tone.wav", "-f lavfi -i sine=duration=1")))
    #expect(Self.isNotVideo(try clip.make("still.png", "\(Self.counting) -frames:v 1")))
    #expect(Self.isNotVideo(try clip.make("still.jpg", "\(Self.counting) -frames:v 1")))
    _ = try clip.make("cover.png", "\(Self.counting) -frames:v 1")
    #expect(
      Self.isNotVideo(
        try clip.make(
          "song.mp3", "-f lavfi -i sine=duration=1 -i cover.png -map 0 -map 1 -c:v copy -disposition:v attached_pic")))
  }

  @Test("a playlist cannot lead to an address on the network")
  func playlist() throws {
    let clip = try Clip()
    let listener = try Listener()
    let list = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n\(listener.url)/a.ts\n#EXT-X-ENDLIST\n"
    #expect(Self.isNotVideo(try clip.write(list.utf8, to: "list.m3u8")))
    #expect(!listener.hasCaller)
  }

  @Test("pictures that are too large are refused before memory is allocated for them")
  func tooLarge() throws {
    let clip = try Clip()
    let header = "YUV4MPEG2 W16000 H16000 F25:1 Ip A1:1 C420jpeg\nFRAME\n"
    let path = try clip.write(header.utf8, to: "large.y4m")
    #expect(Self.error(opening: path) == .unsupported(path: path, reason: "16000x16000 is too large"))
  }

  @Test("names that FFmpeg would take for URLs are files")
  func address() throws {
    let listener = try Listener()
    let path = listener.url + "/clip.mp4"
    #expect(Self.error(opening: path) == .noSuchFile(path: path, reason: "No such file or directory"))
    #expect(!listener.hasCaller)
  }

  // MARK: Damage

  @Test(
    "a truncated file is played as far as possible",
    arguments: ["-movflags +faststart clip.mp4", "clip.mkv", "clip.ts"])
  func truncated(output: String) throws {
    let clip = try Clip()
    let name = String(output.split(separator: " ").last!)
    _ = try clip.make(name, "\(Self.counting) -frames:v 50 -g 10 " + output.dropLast(name.count))
    let bytes = try clip.read(name)
    let path = try clip.write(bytes.prefix(bytes.count * 6 / 10), to: "cut-" + name)
    let count = try Self.times(try FileSource(path: path)).count
    #expect((10..<50).contains(count), "\(count) frames")
  }

  /// A film of twenty JPEG pictures, some of them wiped; their chunks begin with `00dc` and a length.
  private static func damagedFilm(_ clip: Clip, wiping isWiped: (Int) -> Bool) throws -> String {
    _ = try clip.make("good.avi", "\(counting) -frames:v 20 -c:v mjpeg")
    var bytes = try clip.read("good.avi")
    let index = try #require(bytes.firstRange(of: Array("idx1".utf8))).lowerBound
    let movie = try #require(bytes.firstRange(of: Array("movi".utf8))).upperBound
    let chunks = bytes[movie..<index].indices.filter { bytes[$0...].starts(with: Array("00dc".utf8)) }
    try #require(chunks.count == 20)
    for (number, chunk) in chunks.enumerated() where isWiped(number) {
      let end = number + 1 < chunks.count ? chunks[number + 1] : index
      bytes.replaceSubrange(chunk + 8..<end, with: repeatElement(0, count: end - chunk - 8))
    }
    return try clip.write(bytes, to: "damaged.avi")
  }

  @Test("damaged frames are skipped and counted, and the following ones are shown")
  func damaged() throws {
    let clip = try Clip()
    let source = try FileSource(path: try Self.damagedFilm(clip) { $0 % 2 == 1 })
    #expect(try Self.times(source) == (0..<10).map { 80 * $0 })
    #expect(source.counters.framesCorrupt == 10)
  }

  @Test("a film without a single intact picture is refused before anybody is called")
  func hopeless() throws {
    let clip = try Clip()
    let path = try Self.damagedFilm(clip) { _ in true }
    #expect(Self.error(opening: path) == .unsupported(path: path, reason: "none of its pictures can be decoded"))
  }

  @Test("an encrypted film is refused as such, whether or not its audio is encrypted", arguments: ["cenc-aes-ctr"])
  func encrypted(scheme: String) throws {
    let clip = try Clip()
    let key = "-encryption_key 76a6c65c5ea762046bd749a2e632ccbb -encryption_kid a7e61c373e219033c21091fa607bf3b8"
    let path = try clip.make(
      "film.mp4", "\(Self.counting) -frames:v 10 -c:v libx264 -encryption_scheme \(scheme) \(key)")
    #expect(Self.error(opening: path) == .encrypted(path: path))
    // Without its sample entry's name, as other containers are: each packet says so.
    let bytes = try clip.read("film.mp4")
    let entry = try #require(bytes.firstRange(of: Array("encv".utf8)))
    var renamed = bytes
    renamed.replaceSubrange(entry, with: Array("avc1".utf8))
    let other = try clip.write(renamed, to: "renamed.mp4")
    #expect(Self.error(opening: other) == .encrypted(path: other))
  }

  @Test("a broadcast that is scrambled is refused as encrypted")
  func scrambled() throws {
    let clip = try Clip()
    _ = try clip.make("film.ts", "\(Self.counting) -frames:v 50 -c:v libx264")
    var bytes = try clip.read("film.ts")
    // Tables, which are on other PIDs, stay readable.
    for start in stride(from: 0, to: bytes.count, by: 188) where bytes[start + 1] & 0x1f == 1 {
      bytes[start + 3] |= 0x80
      for index in start + 4..<start + 188 { bytes[index] ^= 0xa5 }
    }
    let path = try clip.write(bytes, to: "scrambled.ts")
    #expect(Self.error(opening: path) == .encrypted(path: path))
  }

  @Test("a film with any wrong bytes ends and never crashes", arguments: ["mp4", "mkv", "ts", "avi", "y4m"])
  func mutated(container: String) throws {
    let clip = try Clip()
    _ = try clip.make("clip.\(container)", "\(Self.counting) -frames:v 10 -pix_fmt yuv420p")
    let bytes = try clip.read("clip.\(container)")
    var state: UInt64 = 42
    func random(below limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    for _ in 0..<60 {
      var mutated = bytes
      for _ in 0..<(1 + random(below: 20)) {
        mutated[random(below: mutated.count)] = UInt8(random(below: 256))
      }
      let path = try clip.write(mutated, to: "mutated.\(container)")
      do throws(CaptureError) {
        let source = try FileSource(path: path, options: .init(size: PictureSize(width: 32, height: 24)))
        let count = try? Self.times(source, limit: 1_000).count
        #expect(count ?? 0 < 1_000)
      } catch {}
    }
  }
}
