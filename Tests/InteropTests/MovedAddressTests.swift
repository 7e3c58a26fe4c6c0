import Foundation
import Testing

/// Two of these programs call each other, since both take an ICE restart.
@Suite(
  "A camera whose address changes in mid-call",
  .serialized, .enabled(if: Cable.isWanted, "network namespaces are root's, and JINGLECAM_WORLD the tests'"))
struct MovedAddressTests {
  private static let (former, later) = ("10.77.0.2", "10.77.0.3")

  private func withCable(_ body: (Cable, World) async throws -> Void) async throws {
    let cable = try await Cable()
    do {
      try await cable.add(Self.former)
      try await World.own(pairs: 1, on: cable) { try await body(cable, $0) }
    } catch {
      try await cable.remove()
      throw error
    }
    try await cable.remove()
  }

  private func arguments(_ account: String, in world: World, atServer: Bool) -> [String] {
    let port = world.server.split(separator: ":").last ?? ""
    return [
      "--jid", account, "--password-file", world.passwordFile, "--ca-file", world.caFile, "--log-level", "info",
      "--server", atServer ? world.server : "\(Cable.serverAddress):\(port)",
    ]
  }

  private func serve(_ pair: World.Pair, in world: World, atServer: Bool) -> [String] {
    ["serve", "pattern:320x240@25", "--allow", pair.viewer]
      + arguments(pair.camera, in: world, atServer: atServer)
  }

  private func stream(_ pair: World.Pair, in world: World, atServer: Bool) -> [String] {
    ["stream", "pattern:320x240@25", pair.camera, "--json"]
      + arguments(pair.viewer, in: world, atServer: atServer)
  }

  /// From the loss of the address to a path over the new one.
  private func move(_ cable: Cable, _ program: Program, pause: Duration) async throws {
    try await program.line(containing: "pair=\"host \(Self.former)")
    try await program.line(containing: "streaming")
    try await cable.delete(Self.former)
    try await program.line(containing: "no longer has the address \(Self.former)")
    // A host is without an address for a moment; nothing tells of that which could be awaited.
    try await Task.sleep(for: pause)
    let began = ContinuousClock.now
    try await cable.add(Self.later)
    try await program.line(containing: "XMPP stream resumed")
    #expect(ContinuousClock.now - began < .seconds(15))
    try await program.line(containing: "pair=\"host \(Self.later)")
    #expect(ContinuousClock.now - began < .seconds(25))
  }

  @Test(
    "serve: the stream is resumed at once over the new address, and the call finds a path over it",
    .timeLimit(.minutes(1)),
    arguments: [.zero, .seconds(4)] as [Duration])
  func serve(pause: Duration) async throws {
    try await withCable { cable, world in
      let pair = world.pair(number: 1, hasTURN: false)
      let camera = try cable.farProgram(Call.jinglecam, serve(pair, in: world, atServer: false))
      try await camera.line(containing: "online")
      let caller = try cable.serverProgram(Call.jinglecam, stream(pair, in: world, atServer: true))
      try await move(cable, camera, pause: pause)
      caller.interrupt()
      try await caller.success()
      camera.interrupt()
      try await camera.success()
    }
  }

  @Test("stream: the same", .timeLimit(.minutes(1)))
  func stream() async throws {
    try await withCable { cable, world in
      let pair = world.pair(number: 1, hasTURN: false)
      let camera = try cable.serverProgram(Call.jinglecam, serve(pair, in: world, atServer: true))
      try await camera.line(containing: "online")
      let caller = try cable.farProgram(Call.jinglecam, stream(pair, in: world, atServer: false))
      try await move(cable, caller, pause: .zero)
      caller.interrupt()
      try await caller.success()
      camera.interrupt()
      try await camera.success()
    }
  }
}
