import Foundation
import Testing

/// Servers pass on what their own parsers take, from anybody to everybody, and keep it for those who are away.
@Suite(
  "jinglecam serve and a stranger who sends whatever its server takes",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct HostileStanzaTests {
  /// A build for tests that streams to one viewer takes half of it.
  private static let peakMemory = 100_000_000

  @Test(
    "costs a camera that is online neither stream nor memory, and tells nobody of it",
    arguments: World.XMPPServer.allCases)
  func online(_ server: World.XMPPServer) async throws {
    let camera = try await Self.camera(on: server)
    let report = try await Stranger(world: camera.world).send(to: camera, witness: camera.pair)
    #expect(report.faults.isEmpty, "\(report.faults.joined(separator: "\n"))")
    #expect(report.refused.count * 4 < report.sent, "the server takes too little: \(report.refused)")
    #expect(try await Self.troubles(of: camera) == [])
  }

  @Test(
    "costs a camera nothing that was away and comes online, whatever its server kept for it",
    arguments: World.XMPPServer.allCases)
  func stored(_ server: World.XMPPServer) async throws {
    var suspects = try await Stranger.names()
    var troubles = try await Self.troubles(after: suspects, on: server)
    // Which one it is takes a few more seconds, and only then.
    while suspects.count > 1, !troubles.isEmpty {
      let half = Array(suspects.prefix(suspects.count / 2))
      let troublesOfHalf = try await Self.troubles(after: half, on: server)
      suspects = troublesOfHalf.isEmpty ? Array(suspects.dropFirst(half.count)) : half
      if !troublesOfHalf.isEmpty { troubles = troublesOfHalf }
    }
    #expect(troubles.isEmpty, "\(suspects): \(troubles)")
  }

  private static func troubles(after names: [String], on server: World.XMPPServer) async throws -> [String] {
    let world = try World.current(server)
    let pair = try world.pair()
    _ = try await Stranger(world: world).leave(names, for: pair.camera)
    return try await troubles(of: camera(on: server, pair))
  }

  private static func camera(on server: World.XMPPServer, _ pair: World.Pair? = nil) async throws -> ServedCamera {
    try await ServedCamera(on: server, pair: pair, options: ["--log-level", "info"], limit: Program.longLimit)
  }

  /// What is wrong with a camera that has taken all that there was; its viewer comes behind it.
  private static func troubles(of camera: ServedCamera) async throws -> [String] {
    let viewer = try await camera.caller(nil, ["--count-frames", "5"])
    let seen = try await viewer.summary()
    var troubles = seen.outcome == "hung-up" ? [] : ["no picture: \(seen)"]
    let memory = try camera.program.peakMemory()
    if memory > peakMemory { troubles.append("\(memory / 1_000_000) MB") }
    camera.program.interrupt()
    let lines = try await camera.program.success().lines
    return troubles + lines.filter { $0.contains("lost") || $0.contains("established") || $0.contains("resumed") }
  }
}
