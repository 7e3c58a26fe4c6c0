import Foundation
import Testing

/// What an independent viewer hears of a call, and when.
@Suite(
  "The sound of a call, as it is heard",
  .timeLimit(.minutes(3)), .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct SoundTests {
  /// A film with a tone that begins again every two seconds.
  private static func makeTone() async throws -> String {
    try await FileTests.make(
      "tone.mkv",
      "-f lavfi -i testsrc=size=320x240:rate=25:duration=2 -f lavfi -i sine=frequency=440:duration=2:sample_rate=48000 "
        + "-c:v libx264 -preset ultrafast -c:a flac")
  }

  @Test("a beep is heard with its flash, by the sender's reports, also where the film begins again")
  func lipSync() async throws {
    let film = try await FileTests.make(
      "flash.mkv",
      "-f lavfi -i color=black:size=320x240:rate=25:duration=3,drawbox=color=white:t=fill:enable='between(n,38,42)' "
        + "-f lavfi -i aevalsrc='0.5*sin(2*PI*1000*t)*between(t,1.52,1.72)':s=48000:d=3 "
        + "-c:v libx264 -preset ultrafast -c:a flac")
    defer { try? FileManager.default.removeItem(atPath: film) }
    let call = try Call()
    let viewer = try await call.viewer(["--lip-sync", "3"])
    try await call.stream(film, ["--loop"]).success()
    let offsets = try #require(try await viewer.end().soundOffsets)
    #expect(offsets.count >= 3 && offsets.allSatisfy { abs($0) <= 0.06 }, "\(offsets)")
  }

  @Test("half a minute of a film's tone has its frequency and its level, and no gap")
  func tone() async throws {
    let film = try await Self.makeTone()
    defer { try? FileManager.default.removeItem(atPath: film) }
    let call = try Call()
    let viewer = try await call.viewer(["--listen-for", "30", "--timeout", "80"])
    try await call.stream(film, ["--loop"]).success()
    let seen = try await viewer.end()
    #expect(try #require(seen.soundSeconds) >= 29)
    #expect(abs(try #require(seen.soundFrequency) - 440) < 0.5)
    // FFmpeg's sine has an eighth of the full scale.
    #expect(abs(try #require(seen.soundLevel) + 21) < 1)
    #expect(seen.soundGapShare == 0 && seen.soundGaps == 0, "\(seen)")
  }

  @Test("where one packet in twenty is lost, gaps take less than a hundredth of the time", arguments: [false, true])
  func loss(ofMicrophone: Bool) async throws {
    // The path takes the sound twice.
    let options = ["--simulate-loss", "0.05", "--claim-bitrate", "1000000", "--timeout", "80"]
    let seen: Viewer.Summary
    if ofMicrophone {
      let microphone = try ServeSoundTests.makeMicrophone()
      let camera = try await ServedCamera(
        "pattern:320x240@25", options: ["--microphone", microphone.id],
        environment: ServeSoundTests.environment(of: microphone))
      seen = try await camera.caller(nil, options + ["--sound-alone", "20"]).end()
      try await camera.stop()
    } else {
      let film = try await Self.makeTone()
      defer { try? FileManager.default.removeItem(atPath: film) }
      let call = try Call()
      let viewer = try await call.viewer(options + ["--listen-for", "20"])
      try await call.stream(film, ["--loop"]).success()
      seen = try await viewer.end()
    }
    #expect(try #require(seen.soundSeconds) >= 19)
    #expect(abs(try #require(seen.soundFrequency) - (ofMicrophone ? 997 : 440)) < 1)
    #expect(try #require(seen.soundGapShare) < 0.01, "\(seen)")
    // Of a film it leaves out what a busy machine is too late for.
    if ofMicrophone { #expect(seen.soundLeftOutShare == 0, "\(seen)") }
  }
}
