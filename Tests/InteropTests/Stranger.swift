import Foundation
import Testing

/// Somebody who sends a camera everything that `scripts/viewer/hostile_stanzas.py` has.
struct Stranger {
  struct Report {
    /// What harmed, a JSON object each.
    var faults: [String]
    let sent: Int
    /// What its server did not take.
    let refused: [String]
  }

  let world: World

  /// To a camera that is online, one by one; the viewer of its pair sees whether it stays.
  func send(to camera: ServedCamera, witness: World.Pair) async throws -> Report {
    try await report(["online", camera.device, "--witness", Self.user(witness.viewer), "--stranger", "stranger1"])
  }

  /// To a camera that is away, for its server to keep.
  func leave(_ names: [String], for camera: String) async throws -> Report {
    try await report(["store", camera] + names.flatMap { ["--only", $0] })
  }

  /// Of all that there is.
  static func names() async throws -> [String] {
    let lines = try await program(["names"]).success().lines
    return try JSONDecoder().decode([String].self, from: Data(lines.joined().utf8))
  }

  private func report(_ arguments: [String]) async throws -> Report {
    struct Last: Decodable {
      let sent: Int
      let refused: [String]
    }
    var lines = try await Self.program(
      arguments + [
        "--domain", world.domain, "--server", world.server, "--ca-file", world.caFile,
        "--password-file", world.passwordFile,
      ]
    ).success().lines.filter { $0.hasPrefix("{") }  // Python may remark on streams that it closes at its end.
    let last = try JSONDecoder().decode(Last.self, from: Data((lines.popLast() ?? "").utf8))
    return Report(faults: lines, sent: last.sent, refused: last.refused)
  }

  private static func program(_ arguments: [String]) throws -> Program {
    try Program(Call.scripts.appending(path: "viewer/hostile").path, arguments, limit: Program.longLimit)
  }

  private static func user(_ jid: String) -> String { String(jid.prefix { $0 != "@" }) }
}
