import Foundation
import Glibc
import TestSupport
import Testing

/// What an independent viewer says is played by a made-up sound card, if the viewer may speak.
@Suite(
  "jinglecam with a loudspeaker",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct TalkBackTests {
  /// What is there of a tone, between its first and its last block of 20 ms that is not silent. A busy machine lets the
  /// viewer, or the thread that plays, be late: the best quarter does not mind. That nothing is left out is tested in
  /// virtual time.
  private struct Heard {
    let seconds: Double
    let amplitude: Double
    let signalToNoise: Double
    /// The greatest amplitude of 100 ms.
    let loudest: Double

    init(_ samples: some Collection<Float>, frequency: Double) {
      let samples = Array(samples)
      let size = 960
      let loud = (0..<samples.count / size).map { block in
        samples[block * size..<(block + 1) * size].contains { abs($0) > 0.05 }
      }
      guard let first = loud.firstIndex(of: true), let last = loud.lastIndex(of: true) else {
        (seconds, amplitude, signalToNoise, loudest) = (0, 0, 0, 0)
        return
      }
      seconds = Double(last + 1 - first) * 0.02
      // In pieces: where the delay changes the phase does.
      let pieces = stride(from: first + 5, to: last - 5, by: 10).map { block in
        SineFit(samples[block * size..<(block + 5) * size], frequency: frequency)
      }
      .sorted { $0.signalToNoise > $1.signalToNoise }
      loudest = pieces.map(\.amplitude).max() ?? 0
      amplitude = pieces.isEmpty ? 0 : pieces[pieces.count / 4].amplitude
      signalToNoise = pieces.isEmpty ? 0 : pieces[pieces.count / 4].signalToNoise
    }
  }

  @Test("what the called person says is heard after a chime, clearly and at its level")
  func called() async throws {
    let card = try PlayingCard()
    let call = try Call()
    let viewer = try await call.viewer(["--speak", "440", "--count-frames", "200"])
    let stream = try call.stream(
      "pattern:320x240@25", ["--speaker", "auto"], environment: card.environment)
    let end = try await stream.success()
    _ = try await viewer.end()
    let played = try card.played()
    let chime = Heard(Array(played.prefix(48_000)), frequency: 659.26)
    #expect(chime.loudest > 0.02)
    let voice = Heard(Array(played.dropFirst(60_000)), frequency: 440)
    #expect(voice.seconds > 4, "\(voice)")
    #expect(abs(voice.amplitude - 0.5) < 0.1, "\(voice)")
    #expect(voice.signalToNoise > 15, "\(voice)")
    let summary = try #require(end.lines.last { $0.contains(#""type":"summary""#) })
    for name in ["inbound-rtp-audio", "packetsReceived", "jitter", "concealedSamples", "media-playout", "underruns"] {
      #expect(summary.contains("\"\(name)\":"), "\(name): \(summary)")
    }
  }

  @Test("a viewer is not heard by serve, whatever is sent, unless viewers may talk", arguments: [false, true])
  func served(talk: Bool) async throws {
    let card = try PlayingCard()
    let path = "/tmp/jinglecam-\(UUID().uuidString).sock"
    let camera = try await ServedCamera(
      "pattern:320x240@25",
      options: ["--speaker", card.standIn.id, "--no-chime", "--metrics", "unix:\(path)"] + (talk ? ["--talk"] : []),
      environment: card.environment)
    while try await Metrics(path)["jinglecam_speaker_present"] != 1 { await Task.yield() }
    let viewer = try await camera.caller(nil, ["--speak", "440", "--insist", "--count-frames", "100"])
    _ = try await viewer.end()
    try await camera.callEnded("hung-up")
    let metrics = try await Metrics(path)
    #expect(metrics["jinglecam_speaker_present"] == 1)
    #expect((metrics["jinglecam_audio_received_packets_total"] > 100) == talk)
    try await camera.stop()
    guard talk else {
      #expect(try card.played().allSatisfy { $0 == 0 })
      return
    }
    let voice = Heard(try card.played(), frequency: 440)
    #expect(voice.seconds > 2, "\(voice)")
    #expect(abs(voice.amplitude - 0.5) < 0.1, "\(voice)")
  }

  @Test("a loudspeaker that is in use, or unplugged, costs a line each in the log, and no picture")
  func troubles() async throws {
    let card = try PlayingCard()
    card.standIn.set(.openError, EBUSY)
    let world = try World.current()
    let pair = try world.pair()
    // It may look for its loudspeaker before it is online, and after.
    let camera = try ServedCamera.start(
      "pattern:320x240@25", pair, in: world,
      ["--allow", pair.viewer, "--speaker", card.standIn.id, "--no-chime", "--talk"], environment: card.environment)
    try await camera.line(containing: "the loudspeaker of sound card \(card.standIn.id) is in use")
    card.standIn.set(.openError, 0)
    try await camera.line(containing: "the loudspeaker is ready")
    let viewer = try await Viewer(
      pair.viewer, in: world, ["--call", pair.camera, "--speak", "440", "--part", "25"])
    try await viewer.wait(for: "part")
    card.standIn.unplug()
    try await camera.line(containing: "is lost")
    try await viewer.wait(for: "part")
    try await viewer.wait(for: "part")
    card.standIn.replug()
    try await camera.line(containing: "the loudspeaker is back")
    let enough = card.playedSeconds + 2
    while card.playedSeconds < enough { try await viewer.wait(for: "part") }
    viewer.interrupt()
    let seen = try await viewer.summary()
    #expect(seen.framesDistinct >= 100)
    camera.interrupt()
    try await camera.success()
    let played = try card.played()
    let voice = Heard(played.suffix(96_000), frequency: 440)
    #expect(abs(voice.amplitude - 0.5) < 0.1, "\(voice)")
  }

  @Test("an admin is heard as loud as the chat says, and not while it is muted")
  func volume() async throws {
    let card = try PlayingCard()
    let camera = try await AskedCamera(
      settings: "speaker: \(card.standIn.id)\nno-chime: true", environment: card.environment)
    let viewer = try await camera.call.viewer(["--speak", "440", "--part", "25"])
    /// Returns how many seconds were played when it was answered.
    func say(_ step: String) async throws -> Double {
      let lines = try await camera.ask(camera.admin, ["chat '\(step)'"])
      #expect(!lines.contains { $0.contains("admin") || $0.contains("no loudspeaker") }, "\(lines)")
      return card.playedSeconds
    }
    /// The amplitudes of the tone from that second on, in pieces of 100 ms. A block may have been on its way.
    func amplitudes(since second: Double) -> [Double] {
      let heard = card.heard(since: second + 0.1)
      return (0..<heard.count / 4_800).map { piece in
        SineFit(heard[piece * 4_800..<(piece + 1) * 4_800], frequency: 440).amplitude
      }
    }
    /// Reads on until the tone is heard so loud for a second: on a busy machine the viewer may pause. It is never louder.
    func hear(_ amplitude: ClosedRange<Double>, since second: Double) async throws {
      while amplitudes(since: second).count(where: amplitude.contains) < 10 { try await viewer.wait(for: "part") }
      let loudest = amplitudes(since: second).max() ?? 0
      #expect(loudest < amplitude.upperBound, "\(amplitude)")
    }
    try await hear(0.4...0.6, since: say("call me"))
    try await hear(0.2...0.3, since: say("volume 50"))
    let muted = try await say("mute")
    while card.playedSeconds < muted + 2 { try await viewer.wait(for: "part") }
    #expect(amplitudes(since: muted).allSatisfy { $0 < 0.02 })
    try await hear(0.2...0.3, since: say("unmute"))
    viewer.interrupt()
    _ = try await viewer.summary()
    _ = try card.played()
  }

  @Test("doctor plays a chime, and tells of a loudspeaker that is in use")
  func doctor() async throws {
    let card = try PlayingCard()
    let call = try Call()
    func finding() async throws -> String {
      let account = [
        "--jid", call.pair.camera, "--password-file", call.world.passwordFile, "--server", call.world.server,
        "--ca-file", call.world.caFile, "--allow", call.pair.viewer,
      ]
      let program = try Program(
        Call.jinglecam, ["doctor", "pattern:320x240@25", "--json", "--speaker", card.standIn.id] + account,
        environment: card.environment)
      return try #require(try await program.end().lines.first { $0.contains(#""subject":"speaker""#) })
    }
    let played = try await finding()
    #expect(played.contains("(card \(card.standIn.id)), 48000 Hz, stereo"), "\(played)")
    #expect(Heard(try card.played(), frequency: 659.26).loudest > 0.02)
    card.standIn.set(.openError, EBUSY)
    let busy = try await finding()
    #expect(busy.contains("in use by another program"), "\(busy)")
    card.standIn.set(.openError, 0)
    card.standIn.set(.stalled)
    let hung = try await finding()
    #expect(hung.contains("it is connected, but plays nothing"), "\(hung)")
  }

  @Test("a loudspeaker that is not there is said before anybody is called")
  func noSpeaker() async throws {
    let end = try await Call().stream("pattern:320x240@25", ["--speaker", "Nobody"]).end()
    #expect(end.code == 66 && end.lines.contains { $0.contains("there is no sound card Nobody") }, "\(end)")
  }
}
