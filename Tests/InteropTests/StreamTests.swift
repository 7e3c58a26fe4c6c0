import Foundation
import Testing
import Video

/// The program as its user runs it, against Prosody, coturn and a WebRTC stack of another make.
@Suite(
  "jinglecam stream against real servers and an independent viewer",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct StreamTests {
  private static let format = VideoFormat(width: 640, height: 480, frameRate: FrameRate(25))

  /// How viewers differ: WebRTC's family bundles and trickles, Dino does neither.
  enum Kind: String, CaseIterable {
    case bundled, separate, withoutRTX, odd, oddlySeparate

    var options: [String] {
      switch self {
      case .bundled: ["--trickle"]
      case .separate: ["--no-bundle"]
      case .withoutRTX: ["--no-rtx"]
      case .odd: ["--odd"]
      case .oddlySeparate: ["--odd", "--no-bundle"]
      }
    }
  }

  @Test("the pattern arrives frame by frame at 30 dB or better", arguments: Kind.allCases)
  func pattern(_ kind: Kind) async throws {
    let seconds = 6
    let clip = try Clip(Self.format, frames: (seconds + 2) * 25)
    let call = try Call()
    let viewer = try await call.viewer(["--reference", clip.path] + kind.options)
    let stream = try call.stream(
      "pattern:640x480@25", changes: ["--bitrate": "1500k", "--duration": "\(seconds)"])
    #expect(try await stream.success().messages == [])
    let seen = try await viewer.end()
    #expect(seen.outcome == "terminated" && seen.detail == "success")
    #expect(seen.frameWidth == 640 && seen.frameHeight == 480)
    // A machine that is busy leaves some out.
    #expect(seen.framesDistinct >= seconds * 25 * 8 / 10)
    #expect(seen.framesNumbered == seen.framesDecoded)
    #expect(seen.isCompared, "\(seen)")
    #expect(try #require(seen.psnrMedian) >= 30)
    #expect(try #require(seen.bitrate) < 1_800_000)
  }

  @Test("a file arrives whole and ends with a normal hang-up")
  func file() async throws {
    let clip = try Clip(Self.format, frames: 75)
    let call = try Call()
    let viewer = try await call.viewer(["--reference", clip.path])
    let stream = try call.stream(clip.path)
    try await stream.success()
    let seen = try await viewer.end()
    #expect(seen.outcome == "terminated" && seen.detail == "success")
    #expect(seen.framesDistinct >= 70)
    #expect(seen.isCompared, "\(seen)")
    #expect(try #require(seen.psnrMedian) >= 30)
  }

  @Test("--loop begins the file anew until --duration ends the call")
  func loop() async throws {
    let clip = try Clip(Self.format, frames: 25)
    let call = try Call()
    let viewer = try await call.viewer(["--reference", clip.path])
    let stream = try call.stream(clip.path, changes: ["--duration": "4"], ["--loop"])
    try await stream.success()
    let seen = try await viewer.end()
    #expect(seen.framesDecoded >= 80)
    #expect(seen.framesDistinct <= 25)
    #expect(seen.isCompared, "\(seen)")
  }

  @Test("pictures that another program writes into standard input arrive, and their end ends the call")
  func standardInput() async throws {
    let clip = try Clip(Self.format, frames: 100)
    let call = try Call()
    let viewer = try await call.viewer(["--reference", clip.path])
    let stream = try call.stream(
      "-", changes: ["--size": "640x480", "--fps": "25"],
      producer: "ffmpeg -v error -stream_loop 4 -re -i \(clip.path) -pix_fmt yuv420p -f rawvideo -")
    try await viewer.wait(for: "first-frame")
    try await stream.success()
    let seen = try await viewer.end()
    #expect(seen.outcome == "terminated" && seen.detail == "success")
    #expect(seen.framesDecoded >= 100)
    #expect(seen.isCompared, "\(seen)")
    #expect(try #require(seen.psnrMedian) >= 30)
  }

  @Test("--ice-policy relay sends through the TURN server that XEP-0215 names")
  func relay() async throws {
    let call = try Call()
    let viewer = try await call.viewer(["--count-frames", "25"])
    let stream = try call.stream("pattern", changes: ["--ice-policy": "relay"])
    try await stream.success()
    let seen = try await viewer.end()
    #expect(seen.path == .init(local: "host", remote: "relay"))
  }

  @Test("a viewer behind a relay is reached")
  func viewerBehindRelay() async throws {
    let call = try Call()
    let viewer = try await call.viewer(["--relay-only", "--count-frames", "25"])
    let stream = try call.stream("pattern")
    try await stream.success()
    let seen = try await viewer.end()
    #expect(seen.path?.local == "relay")
  }

  @Test("when the viewer hangs up the program ends, and does not wait for consent to expire")
  func hangUp() async throws {
    let call = try Call()
    let viewer = try await call.viewer(["--hang-up-after", "1"])
    let stream = try call.stream("pattern")
    let hungUp = try await viewer.wait(for: "hung-up")
    let end = try await stream.success()
    // Consent lasts for 30 s (RFC 7675 section 5.1). The server's goodbye is waited for, for 2 s where it is busy.
    #expect(ContinuousClock.now - hungUp < .seconds(15))
    #expect(end.lines.last?.contains(#""outcome":"hung-up""#) == true)
    _ = try await viewer.end()
  }

  @Test("Ctrl-C in a call hangs up")
  func interruptCall() async throws {
    let call = try Call()
    let viewer = try await call.viewer()
    let stream = try call.stream("pattern")
    try await viewer.wait(for: "first-frame")
    stream.interrupt()
    try await stream.success()
    let seen = try await viewer.end()
    #expect(seen.outcome == "terminated" && seen.detail == "success")
  }

  @Test("an answer that wants a port of its own for RTCP ends the call, and a line says why")
  func withoutMux() async throws {
    let call = try Call()
    let viewer = try await call.viewer(["--no-rtcp-mux"])
    let end = try await call.stream("pattern").end()
    try #require(end.code == 76)
    #expect(end.lines.last?.contains("incompatible-parameters (answer has a content without rtcp-mux)") == true)
    let seen = try await viewer.end()
    #expect(seen.outcome == "terminated" && seen.detail == "incompatible-parameters")
  }

  @Test("a certificate that is not the announced one ends the call with security-error")
  func wrongFingerprint() async throws {
    let call = try Call()
    let viewer = try await call.viewer(["--wrong-fingerprint"])
    let stream = try call.stream("pattern")
    let end = try await stream.end()
    try #require(end.code == 76)
    #expect(end.lines.last?.contains("security-error") == true)
    let seen = try await viewer.end()
    #expect(seen.outcome == "terminated" && seen.detail == "security-error")
    #expect(seen.framesDecoded == 0)
  }
}
