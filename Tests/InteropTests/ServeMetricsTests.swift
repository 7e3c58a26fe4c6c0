import Foundation
import Testing

@Suite(
  "jinglecam serve --metrics",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct ServeMetricsTests {
  @Test("tells of a call under way, then of it as ended, and of nobody's name")
  func call() async throws {
    let path = "/tmp/jinglecam-\(UUID().uuidString).sock"
    let camera = try await ServedCamera(options: ["--metrics", "unix:\(path)"])
    let before = try await Metrics(path)
    #expect(before["jinglecam_xmpp_connected"] == 1 && before["jinglecam_xmpp_reconnects_total"] == 0)
    #expect(before["jinglecam_calls"] == 0 && before["jinglecam_frames_encoded_total"] == 0)
    #expect(before[#"jinglecam_calls_total{outcome="hung-up"}"#] == 0)

    let viewer = try await camera.caller(nil, [])
    try await viewer.wait(for: "first-frame")
    // What was sent is counted once a second, and a round trip is known from the viewer's first report on.
    var during = try await Metrics(path)
    while !(during["jinglecam_sent_packets_total"] > 0
      && during[#"jinglecam_viewer_round_trip_seconds{viewer="1"}"#] >= 0
      && during[#"jinglecam_viewer_frame_width_pixels{viewer="1"}"#] > 0)
    { during = try await Metrics(path) }
    // On a busy machine it need not grow to the highest.
    #expect((1...2_500_000).contains(during["jinglecam_target_bitrate_bits_per_second"]))
    #expect(during["jinglecam_calls"] == 1 && during["jinglecam_viewers"] == 1)

    viewer.interrupt()
    let seen = try await viewer.summary()
    try await camera.callEnded("hung-up")
    let after = try await Metrics(path)
    #expect(after["jinglecam_calls"] == 0 && after["jinglecam_viewers"] == 0)
    #expect(after[#"jinglecam_calls_total{outcome="hung-up"}"#] == 1)
    #expect(after["jinglecam_frames_encoded_total"] >= Double(seen.framesDecoded))
    #expect(after["jinglecam_sent_packets_total"] >= during["jinglecam_sent_packets_total"])
    #expect(after["jinglecam_sent_bytes_total"] > 10_000 && after["jinglecam_encode_seconds_total"] > 0)
    for text in [before.text, during.text, after.text] {
      #expect(!text.contains("@") && !text.contains(camera.world.domain))
    }
    try await camera.stop()
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("counts who was not let in")
  func refused() async throws {
    let path = "/tmp/jinglecam-\(UUID().uuidString).sock"
    let camera = try await ServedCamera(options: ["--metrics", "unix:\(path)"])
    let stranger = try camera.world.pair().viewer
    _ = try await Viewer(stranger, in: camera.world, ["--knock", camera.device]).end()
    try await camera.program.line(containing: "reason=stranger")
    #expect(try await Metrics(path)[#"jinglecam_calls_refused_total{reason="stranger"}"#] > 0)
    try await camera.stop()
  }

  @Test("an address that others could reach is a senseless command line")
  func reachable() async throws {
    let world = try World.current()
    let pair = try world.pair()
    let end = try await ServedCamera.start(
      "pattern", pair, in: world, ["--allow", pair.viewer, "--metrics", "0.0.0.0:9464"]
    ).end()
    #expect(end.code == 64)
    #expect(end.lines.count == 1 && end.lines.last?.contains("not loopback") == true, "\(end.lines)")
  }
}
