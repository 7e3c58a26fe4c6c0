import Foundation
import Testing
import Video

/// The camera that one can call, against Prosody and an independent client that calls as phones do.
@Suite(
  "jinglecam serve, called by an independent viewer",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct ServeTests {
  private static let format = VideoFormat(width: 640, height: 480, frameRate: FrameRate(25))
  /// More than any of these calls lasts: the pattern's numbers begin at each opening of the source.
  private static let clipFrames = 500

  /// How callers differ: Conversations bundles, Dino does not.
  enum Kind: String, CaseIterable {
    case bundled, separate, odd

    var options: [String] {
      switch self {
      case .bundled: []
      case .separate: ["--no-bundle"]
      case .odd: ["--odd"]
      }
    }
  }

  @Test("who calls sees the picture at 30 dB or better, and hangs up", arguments: Kind.allCases)
  func picture(_ kind: Kind) async throws {
    let clip = try Clip(Self.format, frames: Self.clipFrames)
    let camera = try await ServedCamera()
    let viewer = try await camera.caller(nil, ["--reference", clip.path, "--count-frames", "75"] + kind.options)
    try await viewer.wait(for: "ringing")
    let seen = try await viewer.end()
    #expect(seen.outcome == "hung-up")
    #expect(seen.frameWidth == 640 && seen.frameHeight == 480)
    #expect(seen.framesDistinct >= 70)
    #expect(seen.isCompared, "\(seen)")
    #expect(try #require(seen.psnrMedian) >= 30)
    let audit = try await camera.callEnded("hung-up")
    #expect(audit.contains("jid=\(camera.pair.viewer)/") && audit.contains("path=direct"), "\(audit)")
    #expect(try #require(audit.firstMatch(of: #/bytes=(\d+)/#).flatMap { Int($0.1) }) > 10_000)
    try await camera.stop()
  }

  @Test("its answer is what Conversations needs: we take sound, they take the picture")
  func senders() async throws {
    let camera = try await ServedCamera()
    let viewer = try await camera.caller(nil, ["--count-frames", "5"])
    let accepted = try await viewer.line(of: "accepted")
    #expect(accepted.contains(#""senders": {"0": "initiator", "1": "responder"}"#), "\(accepted)")
    _ = try await viewer.end()
    try await camera.stop()
  }

  @Test("Movim, known by its presence, is answered with what it offers, or it would show nothing")
  func mirrored() async throws {
    let camera = try await ServedCamera()
    let viewer = try await camera.caller(nil, ["--caps-node", "https://movim.eu/", "--count-frames", "5"])
    let accepted = try await viewer.line(of: "accepted")
    #expect(accepted.contains(#""senders": {"0": "both", "1": "both"}"#), "\(accepted)")
    _ = try await viewer.end()
    try await camera.stop()
  }

  @Test("what the path of somebody took is known the next time they call, if they watched for a while")
  func remembered() async throws {
    let camera = try await ServedCamera(options: ["--log-level", "debug"])
    for (number, frames) in [10, 100, 10].enumerated() {
      let viewer = try await camera.caller(nil, ["--count-frames", "\(frames)"])
      _ = try await viewer.end()
      var line = ""
      repeat { line = try #require(await camera.program.line()) } while !line.contains(/known path|outcome=hung-up/)
      #expect(line.contains("known path") == (number == 2), "\(line)")
    }
    try await camera.stop()
  }

  @Test("two see it at once, and the second one's going leaves the first one's picture as it is")
  func two() async throws {
    // As long as a viewer is let run, so that all is compared however long the second one takes.
    let clip = try Clip(VideoFormat(width: 320, height: 240, frameRate: FrameRate(25)), frames: 1000)
    let other = try World.current().pair().viewer
    let camera = try await ServedCamera("pattern:320x240@25", allowing: [other])
    let first = try await camera.caller(nil, ["--reference", clip.path, "--part", "25"])
    try await first.wait(for: "first-frame")
    let second = try await camera.caller(other, ["--reference", clip.path, "--count-frames", "50"])
    let left = try await second.end()
    #expect(try #require(left.psnrMedian) >= 30)
    #expect(left.framesDistinct >= 45)
    let lastOfSecond = try #require(left.lastNumber)
    // It goes on after the second has gone.
    while try await first.lastNumber() ?? 0 <= lastOfSecond {}
    first.interrupt()
    let stayed = try await first.summary()
    #expect(stayed.framesDistinct * 100 >= stayed.framesDecoded * 95)
    #expect(stayed.isCompared, "\(stayed)")
    #expect(try #require(stayed.psnrMedian) >= 30)
    #expect(try #require(stayed.psnrMinimum) >= 25)
    try await camera.stop()
  }

  @Test("with --fixed, whose network takes much less is sent every other picture whole, beside one who sees all")
  func throttled() async throws {
    let clip = try Clip(VideoFormat(width: 320, height: 240, frameRate: FrameRate(25)), frames: 1000)
    let other = try World.current().pair().viewer
    let camera = try await ServedCamera("pattern:320x240@25", allowing: [other], options: ["--fixed"])
    let first = try await camera.caller(nil, [])
    try await first.wait(for: "first-frame")
    let slow = try await camera.caller(other, ["--reference", clip.path, "--part", "25", "--claim-bitrate", "50000"])
    // Until it is throttled, which takes some seconds, it sees all.
    var numbers = [try #require(try await slow.lastNumber())]
    while numbers.count < 2 || numbers[numbers.count - 1] - numbers[numbers.count - 2] < 50 {
      numbers.append(try #require(try await slow.lastNumber()))
    }
    #expect(numbers[numbers.count - 1] - numbers[numbers.count - 2] <= 52, "\(numbers)")
    slow.interrupt()
    let seen = try await slow.summary()
    #expect(seen.isCompared && seen.framesDistinct >= seen.framesDecoded - 2)
    #expect(try #require(seen.psnrMinimum) >= 25)
    first.interrupt()
    _ = try await first.summary()
    try await camera.stop()
  }

  @Test("whose network takes much less is shown a smaller picture, beside one who sees it all")
  func lanes() async throws {
    let other = try World.current().pair().viewer
    let camera = try await ServedCamera("pattern:640x480@25", allowing: [other], options: ["--bitrate", "1500k"])
    let first = try await camera.caller(nil, [])
    while try await !first.line(of: "size").contains(#""width": 640"#) {}
    let slow = try await camera.caller(other, ["--claim-bitrate", "100000"])
    while try await !slow.line(of: "size").contains(#""width": 320"#) {}
    slow.interrupt()
    first.interrupt()
    let (seen, beside) = try await (first.summary(), slow.summary())
    #expect(seen.frameWidth == 640 && beside.frameWidth == 320)
    try await camera.stop()
  }

  @Test("--ice-policy relay shows it through the TURN server that XEP-0215 names")
  func relay() async throws {
    let camera = try await ServedCamera(options: ["--ice-policy", "relay"])
    let viewer = try await camera.caller(nil, ["--count-frames", "25"])
    #expect(try await viewer.end().path == .init(local: "host", remote: "relay"))
    #expect(try await camera.callEnded("hung-up").contains("path=relay"))
    try await camera.stop()
  }

  @Test("a caller behind a relay sees it")
  func callerBehindRelay() async throws {
    let camera = try await ServedCamera()
    let viewer = try await camera.caller(nil, ["--relay-only", "--count-frames", "25"])
    #expect(try await viewer.end().path?.local == "relay")
    try await camera.stop()
  }

  @Test("Ctrl-C in a call hangs up and ends in order")
  func interrupt() async throws {
    let camera = try await ServedCamera()
    let viewer = try await camera.caller()
    try await viewer.wait(for: "first-frame")
    try await camera.stop()
    let seen = try await viewer.end()
    #expect(seen.outcome == "terminated" && seen.detail == "success")
  }

  @Test("a camera is open while somebody watches, and free again afterwards, time after time")
  func camera() async throws {
    let device = try StandInCamera()
    let camera = try await ServedCamera("camera", options: ["--fps", "25"], environment: device.environment)
    #expect(device.standIn.openDescriptors == 0, "nobody watches")
    for _ in 0..<2 {
      let viewer = try await camera.caller(nil, ["--reference", device.clip.path, "--count-frames", "50"])
      try await viewer.wait(for: "first-frame")
      #expect(device.standIn.isStreaming)
      let seen = try await viewer.end()
      #expect(try #require(seen.psnrMedian) >= 30)
      try await camera.callEnded("hung-up")
      try device.standIn.awaitStreaming(false)
    }
    try await camera.stop()
    #expect(device.standIn.openDescriptors == 0 && device.standIn.mappedBuffers == 0)
  }
}
