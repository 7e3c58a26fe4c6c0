import Foundation
import Testing

@Suite(
  "jinglecam serve at SIGHUP",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct ServeReloadTests {
  @Test("who watches goes on, at the new bitrate; who was struck off is a stranger, who was added is let in")
  func change() async throws {
    let world = try World.current()
    let (struckOff, added) = (try world.pair().viewer, try world.pair().viewer)
    let camera = try await ConfiguredCamera(allowing: [struckOff])
    let watching = try await camera.caller(camera.pair.viewer)
    try await watching.wait(for: "first-frame")
    // A call begins with less.
    while try await camera.metrics["jinglecam_target_bitrate_bits_per_second"] < 500_000 {}

    try camera.write(allowing: [added], "bitrate: 300k\nviewers: 2\n")
    try camera.program.hangUp()
    try await camera.program.line(containing: "settings read again")
    let framesAtReload = try await camera.metrics["jinglecam_frames_captured_total"]
    while try await camera.metrics["jinglecam_target_bitrate_bits_per_second"] > 300_000 {}
    let knocking = try await Viewer(struckOff, in: world, ["--knock", camera.device])
    #expect(try await knocking.end().detail == nil)
    try await camera.program.line(containing: "reason=stranger")
    let second = try await camera.caller(added, ["--count-frames", "5"])
    #expect(try await second.end().outcome == "hung-up")

    #expect(try await camera.metrics["jinglecam_viewers"] >= 1)
    watching.interrupt()
    let lastNumber = try #require(try await watching.summary().lastNumber)
    #expect(Double(lastNumber) > framesAtReload, "it went on after")
    try await camera.stop()
  }

  @Test("a microphone that is struck out is closed at once, and the picture goes on", .timeLimit(.minutes(1)))
  func microphone() async throws {
    let microphone = try ServeSoundTests.makeMicrophone()
    let camera = try await ConfiguredCamera(
      allowing: [], "microphone: \(microphone.id)\n", environment: ServeSoundTests.environment(of: microphone))
    let viewer = try await camera.caller(camera.pair.viewer, ["--listen", "--part", "25"])
    try await viewer.wait(for: "part")
    #expect(microphone.openCount == 1)
    try camera.write(allowing: [])
    try camera.program.hangUp()
    try await camera.program.line(containing: "settings read again")
    while microphone.openCount > 0 { await Task.yield() }
    try await viewer.wait(for: "part")
    try await viewer.wait(for: "part")
    viewer.interrupt()
    let seen = try await viewer.summary()
    #expect(seen.framesDistinct >= 60 && seen.soundSeconds ?? 0 > 0.3)
    try await camera.stop()
  }

  @Test("who may not talk any more is not heard from then on, and goes on watching", .timeLimit(.minutes(1)))
  func talk() async throws {
    let card = try PlayingCard()
    let speaker = "speaker: \(card.standIn.id)\nno-chime: true\n"
    let camera = try await ConfiguredCamera(allowing: [], speaker + "talk: true\n", environment: card.environment)
    while try await camera.metrics["jinglecam_speaker_present"] != 1 { await Task.yield() }
    let viewer = try await camera.caller(camera.pair.viewer, ["--speak", "440", "--part", "25"])
    try await viewer.wait(for: "part")
    func reload(_ rest: String) async throws {
      try camera.write(allowing: [], rest)
      try camera.program.hangUp()
      try await camera.program.line(containing: "settings read again")
    }
    // Who still may is heard on.
    try await reload(speaker + "talk: true\nviewers: 2\n")
    let enough = card.playedSeconds + 2
    while card.playedSeconds < enough { try await viewer.wait(for: "part") }
    try await reload(speaker)
    // The figures are a second old at most.
    var (heard, before) = (try await Heard(card, camera), Heard?.none)
    while heard != before {
      before = heard
      for _ in 0..<3 { try await viewer.wait(for: "part") }
      heard = try await Heard(card, camera)
    }
    #expect(heard.packets > 50)
    viewer.interrupt()
    #expect(try await viewer.summary().framesDistinct >= 100)
    try? FileManager.default.removeItem(at: card.file)
    try await camera.stop()
  }

  /// What of a viewer has arrived until now, and what was played.
  private struct Heard: Equatable {
    let packets: Double
    let seconds: Double

    init(_ card: PlayingCard, _ camera: ConfiguredCamera) async throws {
      packets = try await camera.metrics["jinglecam_audio_received_packets_total"]
      seconds = card.playedSeconds
    }
  }

  @Test("who calls after the pattern was replaced by a film hears the film", .timeLimit(.minutes(1)))
  func film() async throws {
    let film = try await FileTests.make(
      "film.mkv",
      "-f lavfi -i testsrc=size=320x240:rate=25:duration=2 -f lavfi -i sine=frequency=440:duration=2 "
        + "-c:v libx264 -c:a aac")
    defer { try? FileManager.default.removeItem(atPath: film) }
    let camera = try await ConfiguredCamera(allowing: [])
    let viewer = try await camera.caller(camera.pair.viewer, ["--listen", "--part", "25"])
    try await viewer.wait(for: "part")
    try camera.write(allowing: [], source: film, "loop: true\n")
    try camera.program.hangUp()
    try await camera.program.line(containing: "settings read again")
    try await viewer.wait(for: "part")
    viewer.interrupt()
    let seen = try await viewer.summary()
    #expect(seen.soundSeconds == 0)
    while try await camera.metrics["jinglecam_viewers"] > 0 {}
    let second = try await camera.caller(camera.pair.viewer, ["--listen", "--count-frames", "75"])
    let heard = try await second.end()
    #expect(abs(try #require(heard.soundFrequency) - 440) < 1)
    try await camera.stop()
  }

  @Test("a call for sound alone ends when the microphone is struck out", .timeLimit(.minutes(1)))
  func soundAlone() async throws {
    let microphone = try ServeSoundTests.makeMicrophone()
    let camera = try await ConfiguredCamera(
      allowing: [], "microphone: \(microphone.id)\n", environment: ServeSoundTests.environment(of: microphone))
    let viewer = try await camera.caller(camera.pair.viewer, ["--sound-alone", "60"])
    try await viewer.wait(for: "accepted")
    while microphone.openCount == 0 { await Task.yield() }
    try camera.write(allowing: [])
    try camera.program.hangUp()
    // It hangs up by itself when the end of the sound (RTCP BYE) comes before that of the call.
    let seen = try await viewer.summary()
    #expect(["terminated", "hung-up"].contains(seen.outcome), "\(seen)")
    try await camera.stop()
  }

  @Test("who is struck off while he watches is hung up on")
  func struckOff() async throws {
    let camera = try await ConfiguredCamera(allowing: [])
    let viewer = try await camera.caller(camera.pair.viewer)
    try await viewer.wait(for: "first-frame")
    try camera.write(allowing: [try World.current().pair().viewer], keepingViewer: false)
    try camera.program.hangUp()
    let seen = try await viewer.end()
    #expect(seen.outcome == "terminated" && seen.detail == "success")
    try await camera.stop()
  }

  @Test("who is struck off is told that the camera's presence is no longer for him", .timeLimit(.minutes(1)))
  func presence() async throws {
    let camera = try await ConfiguredCamera(allowing: [])
    let struckOff = try await camera.world.client(camera.pair.viewer)
    try await camera.program.line(containing: "contacts compared with")
    try camera.write(allowing: [try World.current().pair().viewer], keepingViewer: false)
    try camera.program.hangUp()
    let told = await struckOff.stanzas.first { $0.name == "presence" && $0["type"] == "unsubscribed" }
    #expect(told?.from?.description == camera.pair.camera)
    await struckOff.close()
    try await camera.stop()
  }

  @Test("a file that is wrong changes nothing, and costs one line that says where")
  func broken() async throws {
    let camera = try await ConfiguredCamera(allowing: [])
    try camera.write(allowing: [], "viewers: none\n")
    try camera.program.hangUp()
    let line = try await camera.program.line(containing: "the new settings are wrong")
    #expect(line.contains("\(camera.file.path):8: viewers 'none' is not a whole number"), "\(line)")
    let viewer = try await camera.caller(camera.pair.viewer, ["--count-frames", "5"])
    #expect(try await viewer.end().outcome == "hung-up")
    let end = try await camera.stop()
    let told = end.lines.filter { line in
      [" info ", "call started", "notice stopped"].allSatisfy { !line.contains($0) }
    }
    #expect(told.allSatisfy { $0.contains("outcome=hung-up") }, "\(told)")
  }
}

/// A camera that has its settings in a file.
private struct ConfiguredCamera {
  let world: World
  let pair: World.Pair
  let program: Program
  let device: String
  let file: URL
  private let socket: String
  static let pattern = "pattern:320x240@25"

  /// - Parameters:
  ///   - allowing: who may call besides the viewer of its pair.
  ///   - rest: the end of its file.
  init(allowing others: [String], _ rest: String = "", environment: [String: String] = [:]) async throws {
    world = try World.current()
    pair = try world.pair()
    let name = "jinglecam-\(UUID().uuidString)"
    file = FileManager.default.temporaryDirectory.appending(path: "\(name).yaml")
    socket = "/tmp/\(name).sock"
    try Self.write(pair, in: world, to: file, allowing: [pair.viewer] + others, rest)
    program = try Program(
      Call.jinglecam, ["serve", "--config", file.path, "--metrics", "unix:\(socket)", "--log-level", "info"],
      environment: environment)
    let online = try await program.line(containing: "online")
    device = try #require(online.firstMatch(of: #/jid=(\S+)/#).map { String($0.1) })
  }

  /// The file anew, with `rest` at its end.
  func write(
    allowing others: [String], keepingViewer: Bool = true, source: String = pattern, _ rest: String = ""
  ) throws {
    try Self.write(
      pair, in: world, to: file, allowing: (keepingViewer ? [pair.viewer] : []) + others, source: source, rest)
  }

  private static func write(
    _ pair: World.Pair, in world: World, to file: URL, allowing: [String], source: String = pattern, _ rest: String
  ) throws {
    let allow = allowing.map { "  - jid: \($0)\n" }.joined()
    try """
    jid: \(pair.camera)
    source: \(source)
    server: \(world.server)
    ca-file: \(world.caFile)
    password-file: \(world.passwordFile)
    allow:
    \(allow)\(rest)
    """.write(to: file, atomically: true, encoding: .utf8)
  }

  func caller(_ account: String, _ options: [String] = []) async throws -> Viewer {
    try await Viewer(account, in: world, ["--call", pair.camera] + options)
  }

  var metrics: Metrics {
    get async throws { try await Metrics(socket) }
  }

  @discardableResult
  func stop() async throws -> Program.End {
    try FileManager.default.removeItem(at: file)
    program.interrupt()
    return try await program.success()
  }
}
