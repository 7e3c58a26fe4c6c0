import Foundation
import TestSupport
import Testing

/// The sound of a camera that one can call, with a made-up microphone.
@Suite(
  "jinglecam serve with sound, called by an independent viewer",
  .serialized, .timeLimit(.minutes(2)), .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct ServeSoundTests {
  /// A card whose buffer holds four seconds, so that no sound is lost where a busy machine lets its reader wait.
  static func makeMicrophone() throws -> MicrophoneStandIn {
    var description = MicrophoneStandIn.Description()
    description.leastPeriod = 24_000
    return try MicrophoneStandIn(
      description,
      path: FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)").path)
  }

  static func environment(of microphone: MicrophoneStandIn) -> [String: String] {
    microphone.environment(library: Call.products.appending(path: "libMicrophoneStandIn.so").path)
  }

  @Test(
    "who calls hears the microphone, which is open while somebody watches",
    arguments: [ServeTests.Kind.bundled, .separate])
  func microphone(_ kind: ServeTests.Kind) async throws {
    let microphone = try Self.makeMicrophone()
    let path = "/tmp/jinglecam-\(UUID().uuidString).sock"
    let camera = try await ServedCamera(
      "pattern:320x240@25", options: ["--microphone", microphone.id, "--metrics", "unix:\(path)"],
      environment: Self.environment(of: microphone))
    for number in 1...2 {
      #expect(microphone.openCount == 0)
      let viewer = try await camera.caller(nil, ["--listen-for", "5"] + kind.options)
      let seen = try await viewer.end()
      #expect(try #require(seen.soundSeconds) >= 4.5, "call \(number)")
      #expect(abs(try #require(seen.soundFrequency) - 997) < 1)
      #expect(abs(try #require(seen.soundLevel) + 11.5) < 1.5)
      #expect(seen.soundGaps == 0, "\(seen)")
      try await camera.callEnded("hung-up")
      while microphone.openCount > 0 { await Task.yield() }
    }
    let metrics = try await Metrics(path)
    #expect(metrics["jinglecam_audio_seconds_total"] >= 9 && metrics["jinglecam_audio_level"] == 0)
    #expect(metrics["jinglecam_audio_sent_packets_total"] >= 450)
    #expect(metrics["jinglecam_microphone_losses_total"] == 0)
    try await camera.stop()
  }

  @Test("who calls hears the sound of a film, and nothing where none is wanted", arguments: [[], ["--no-audio"]])
  func film(_ option: [String]) async throws {
    let film = try await FileTests.make(
      "film.mkv",
      "-f lavfi -i testsrc=size=320x240:rate=25:duration=2 -f lavfi -i sine=frequency=440:duration=2 "
        + "-c:v libx264 -c:a aac")
    defer { try? FileManager.default.removeItem(atPath: film) }
    let camera = try await ServedCamera(film, options: ["--loop"] + option)
    let viewer = try await camera.caller(
      nil, option.isEmpty ? ["--listen-for", "5"] : ["--listen", "--count-frames", "50"])
    let seen = try await viewer.end()
    if option.isEmpty {
      #expect(try #require(seen.soundSeconds) >= 4.5)
      #expect(abs(try #require(seen.soundFrequency) - 440) < 1)
      #expect(seen.soundGaps == 0)
    } else {
      #expect(seen.soundSeconds == 0)
    }
    try await camera.stop()
  }

  @Test("a microphone that is lost and comes back costs a line each in the log, and no picture")
  func unplugged() async throws {
    let microphone = try Self.makeMicrophone()
    let camera = try await ServedCamera(
      "pattern:320x240@25", options: ["--microphone", microphone.id],
      environment: Self.environment(of: microphone))
    let viewer = try await camera.caller(nil, ["--listen", "--part", "25"])
    try await viewer.wait(for: "part")
    microphone.unplug()
    let lost = try await camera.program.line(containing: "microphone")
    #expect(lost.contains("warning") && lost.contains("is lost"), "\(lost)")
    try await viewer.wait(for: "part")
    try await viewer.wait(for: "part")
    microphone.replug()
    try await camera.program.line(containing: "the sound is back")
    try await viewer.wait(for: "part")
    try await viewer.wait(for: "part")
    viewer.interrupt()
    let seen = try await viewer.summary()
    #expect(seen.framesDistinct >= 100)
    #expect(try #require(seen.soundGaps) >= 1, "there was silence meanwhile")
    #expect(abs(try #require(seen.soundFrequency) - 997) < 1)
    try await camera.stop()
  }

  @Test("a microphone that is not there, or in use, is no reason to show no picture, and is told once")
  func missing() async throws {
    let microphone = try Self.makeMicrophone()
    microphone.set(.openError, EBUSY)
    let path = "/tmp/jinglecam-\(UUID().uuidString).sock"
    let camera = try await ServedCamera(
      "pattern:320x240@25", options: ["--microphone", microphone.id, "--metrics", "unix:\(path)"],
      environment: Self.environment(of: microphone))
    let viewer = try await camera.caller(nil, ["--listen", "--part", "50"])
    try await viewer.wait(for: "part")
    let told = try await camera.program.line(containing: "microphone")
    #expect(told.contains("in use"), "\(told)")
    #expect(try await Metrics(path)["jinglecam_microphone_present"] == 0)
    microphone.set(.openError, 0)
    // The very next line: it was asked for several times meanwhile.
    let back = try #require(await camera.program.line())
    #expect(back.contains("notice") && back.contains("the sound is back"), "\(back)")
    #expect(try await Metrics(path)["jinglecam_microphone_present"] == 1)
    try await viewer.wait(for: "part")
    viewer.interrupt()
    let seen = try await viewer.summary()
    #expect(seen.framesDistinct >= 75)
    // Of two seconds, in which a busy machine may have lost some.
    #expect(abs(try #require(seen.soundFrequency) - 997) < 20, "\(seen)")
    try await camera.stop()
  }

  @Test("a call for sound alone, as a phone makes, is answered with sound alone; without a microphone it is refused")
  func alone() async throws {
    let microphone = try Self.makeMicrophone()
    let camera = try await ServedCamera(
      "pattern:320x240@25", options: ["--microphone", microphone.id],
      environment: Self.environment(of: microphone))
    let viewer = try await camera.caller(nil, ["--sound-alone", "5"])
    let accepted = try await viewer.line(of: "accepted")
    #expect(accepted.contains(#""senders": {"0": "responder"}"#), "\(accepted)")
    let seen = try await viewer.end()
    #expect(try #require(seen.soundSeconds) >= 4.5)
    #expect(abs(try #require(seen.soundFrequency) - 997) < 1)
    #expect(seen.soundGaps == 0 && seen.framesDecoded == 0)
    let audit = try await camera.callEnded("hung-up")
    #expect(audit.contains("path=direct"), "\(audit)")
    try await camera.stop()

    let silent = try await ServedCamera("pattern:320x240@25")
    let refused = try await silent.caller(nil, ["--sound-alone", "5"])
    let summary = try await refused.summary()
    #expect(summary.outcome == "rejected" && summary.detail == "unsupported-applications", "\(summary)")
    try await silent.stop()
  }
}
