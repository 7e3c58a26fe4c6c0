import Foundation
import Testing

/// With somebody who answers: an independent viewer.
@Suite("jinglecam check PEER", .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct CheckCallTests {
  private func check(_ call: Call, _ more: [String] = []) async throws -> CheckEvents {
    let arguments = [
      "check", call.pair.viewer, "--json", "--jid", call.pair.camera, "--password-file", call.world.passwordFile,
      "--server", call.world.server, "--ca-file", call.world.caFile,
    ]
    return try await CheckEvents(Program(Call.jinglecam, arguments + more))
  }

  @Test("a call that is accepted tells its pairs, its path and a verdict that is no prediction, and hangs up")
  func direct() async throws {
    let call = try Call()
    let viewer = try await call.viewer()
    let check = try await check(call)
    #expect(check.of("call").map(\.state) == ["calling", "ringing", "connecting", "streaming"])
    let selected = check.of("pair").filter { $0.isSelected == true }
    #expect(selected.count == 1 && selected.first?.state == "succeeded")
    #expect((check.of("path").first?.dtlsHandshakeTime ?? 0) > 0 && (check.of("path").first?.framesSent ?? 0) > 0)
    #expect(check.verdict?.verdict == "direct" && check.verdict?.isPrediction == false && check.end.code == 0)
    #expect(try await viewer.end().path == .init(local: "host", remote: "host"))
  }

  @Test("a viewer who can only be reached through a relay makes it 10, though a direct path was predicted")
  func relayed() async throws {
    let call = try Call()
    let viewer = try await call.viewer(["--relay-only"])
    let check = try await check(call)
    #expect(check.verdict?.verdict == "relay" && check.verdict?.isPrediction == false && check.end.code == 10)
    #expect(try await viewer.end().path?.local == "relay")
  }

  @Test("a viewer who declines leaves it at the prediction")
  func declined() async throws {
    let call = try Call()
    let viewer = try await call.viewer(["--decline"])
    let check = try await check(call)
    #expect(check.verdict?.isPrediction == true && check.end.code == 0 && check.of("path").isEmpty)
    _ = try await viewer.end()
  }

  @Test("whom to call without an account is a senseless command line")
  func withoutAccount() async throws {
    let program = try Program(Call.jinglecam, ["check", "ann@example.net", "--stun", "stun:127.0.0.1:9", "--json"])
    let check = try await CheckEvents(program)
    #expect(check.end.code == 64 && check.end.messages.count == 1)
  }
}
