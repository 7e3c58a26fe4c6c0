import Foundation
import TestSupport
import Testing
import Video

/// Films as other programs make them, against real servers and an independent viewer.
@Suite(
  "jinglecam stream with a film",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct FileTests {
  private static let format = VideoFormat(width: 640, height: 480, frameRate: FrameRate(25))

  /// Runs `ffmpeg ARGUMENTS… NAME` and answers the path.
  static func make(_ name: String, _ arguments: String) async throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)-\(name)").path
    try await Program(
      "/usr/bin/ffmpeg", ["-nostdin", "-v", "error"] + arguments.split(separator: " ").map(String.init) + [path]
    ).success()
    return path
  }

  @Test("an interlaced film is seen without a comb")
  func interlaced() async throws {
    let clip = try Clip(Self.format, frames: 75)
    let film = try await Self.make(
      "film.ts", "-i \(clip.path) -vf setfield=tff -flags +ilme+ildct -c:v mpeg2video -q:v 2")
    defer { try? FileManager.default.removeItem(atPath: film) }
    let call = try Call()
    let viewer = try await call.viewer(["--reference", clip.path])
    try await call.stream(film).success()
    let seen = try await viewer.end()
    #expect(seen.frameWidth == 640 && seen.frameHeight == 480)
    #expect(seen.framesDistinct >= 65)
    #expect(try #require(seen.psnrMedian) >= 22)
  }

  @Test("a camera on the network is seen")
  func network() async throws {
    let clip = try Clip(Self.format, frames: 200)
    let film = try await Self.make("film.mp4", "-i \(clip.path) -c:v libx264 -qp 18 -g 25 -bf 0")
    defer { try? FileManager.default.removeItem(atPath: film) }
    let server = try MediaServer(directory: FileManager.default.temporaryDirectory.path)
    let call = try Call()
    let viewer = try await call.viewer(["--reference", clip.path, "--count-frames", "75"])
    try await call.stream("\(server.rtsp)/\(URL(filePath: film).lastPathComponent)").success()
    let seen = try await viewer.end()
    #expect(seen.frameWidth == 640 && seen.frameHeight == 480)
    #expect(seen.framesDistinct >= 60 && seen.framesCompared >= 70)
    #expect(try #require(seen.psnrMedian) >= 30)
  }

  @Test(
    "what is coded already is seen through a pipe", arguments: ["-c:v mjpeg -q:v 2 -f mjpeg", "-c:v libx264 -f h264"])
  func pipe(codec: String) async throws {
    let clip = try Clip(Self.format, frames: 200)
    let call = try Call()
    let viewer = try await call.viewer(["--reference", clip.path])
    let stream = try call.stream("-", producer: "ffmpeg -v error -re -i \(clip.path) -pix_fmt yuvj420p \(codec) -")
    try await viewer.wait(for: "first-frame")
    try await stream.success()
    let seen = try await viewer.end()
    #expect(seen.outcome == "terminated" && seen.detail == "success")
    #expect(seen.framesDistinct >= 60 && seen.isCompared, "\(seen)")
    #expect(try #require(seen.psnrMedian) >= 30)
  }

  @Test(
    "the sound of a film is heard without gaps, also where the film begins again, and not where none is wanted",
    arguments: [[], ["--no-bundle"], ["--no-audio"]])
  func sound(_ option: [String]) async throws {
    let clip = try Clip(Self.format, frames: 50)
    let film = try await Self.make(
      "film.mp4",
      "-i \(clip.path) -f lavfi -i sine=frequency=440:duration=2:sample_rate=44100 -c:v libx264 -qp 18 -bf 0 -c:a aac")
    defer { try? FileManager.default.removeItem(atPath: film) }
    let call = try Call()
    let isHeard = option != ["--no-audio"]
    let viewer = try await call.viewer(["--listen", "--count-frames", "150"] + (isHeard ? option : []))
    try await call.stream(film, ["--loop"] + (isHeard ? [] : option)).success()
    let seen = try await viewer.end()
    #expect(seen.framesDistinct >= 45)
    guard isHeard else { return #expect(seen.soundSeconds == 0) }
    #expect(try #require(seen.soundSeconds) >= 4.5)
    #expect(abs(try #require(seen.soundFrequency) - 440) < 1)
    // FFmpeg's sine has an eighth of the full scale.
    #expect(abs(try #require(seen.soundLevel) + 21) < 2)
    #expect(seen.soundGaps == 0)
  }

  @Test("a size that changes in mid-film is seen")
  func sizeChange() async throws {
    let clip = try Clip(Self.format, frames: 75)
    let small = try await Self.make("small.264", "-i \(clip.path) -frames:v 25 -s 320x240 -c:v libx264")
    let large = try await Self.make("large.264", "-i \(clip.path) -c:v libx264 -qp 18")
    let bytes = try [small, large].map { try Data(contentsOf: URL(filePath: $0)) }
    try (bytes[0] + bytes[1]).write(to: URL(filePath: small))
    defer { for path in [small, large] { try? FileManager.default.removeItem(atPath: path) } }
    let call = try Call()
    let viewer = try await call.viewer(["--reference", clip.path])
    try await call.stream(small).success()
    let seen = try await viewer.end()
    #expect(seen.frameWidth == 640 && seen.frameHeight == 480)
    #expect(seen.framesDecoded >= 90 && seen.framesCompared >= 65)
    #expect(try #require(seen.psnrMedian) >= 30)
  }

  @Test("an encrypted film is refused before anybody is called")
  func encrypted() async throws {
    let film = try await Self.make(
      "film.mp4",
      "-f lavfi -i testsrc -frames:v 10 -c:v libx264 -encryption_scheme cenc-aes-ctr"
        + " -encryption_key 76a6c65c5ea762046bd749a2e632ccbb -encryption_kid a7e61c373e219033c21091fa607bf3b8")
    defer { try? FileManager.default.removeItem(atPath: film) }
    let end = try await Call().stream(film, changes: ["--server": "127.0.0.1:9"]).end()
    #expect(end.code == 65 && end.messages.contains { $0.contains("it is encrypted") })
  }

  @Test("a name that is no UTF-8 is that of a file", arguments: ["y4m", "mp4"])
  func otherName(container: String) async throws {
    let film = try await Self.make("film.\(container)", "-f lavfi -i testsrc -frames:v 10 -pix_fmt yuv420p")
    defer { try? FileManager.default.removeItem(atPath: film) }
    let call = try Call()
    let end = try await Program(
      "/bin/sh",
      [
        "-c",
        #"name=$(printf '%s\377' "$1"); mv "$1" "$name"; "$0" stream "$name" "$2" --jid "$3" --password-file "$4" "#
          + #"--server 127.0.0.1:9; code=$?; rm "$name"; exit $code"#,
        Call.jinglecam, film, call.pair.viewer, call.pair.camera, call.world.passwordFile,
      ]
    ).end()
    #expect(end.messages.contains { $0.contains("cannot reach the XMPP server") }, "\(end.messages)")
  }

  @Test("a name that begins with a dash is refused as an option, and taken behind --")
  func dash() async throws {
    let end = try await Call().stream("-clash.mp4").end()
    #expect(end.code == 64 && end.messages.count == 1 && end.messages[0].contains("./NAME"))
    let call = try Call()
    let behind = try await Program(
      Call.jinglecam,
      [
        "stream", "--jid", call.pair.camera, "--password-file", call.world.passwordFile, "--", "-clash.mp4",
        "a@b.example",
      ]
    ).end()
    #expect(behind.code == 66 && behind.messages.contains { $0.contains("cannot open -clash.mp4") })
  }
}
