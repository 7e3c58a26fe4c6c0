import Foundation
import NIOPosix
import TestSupport
import Testing

/// Ctrl-C while the account is being created.
@Suite(
  "jinglecam setup, interrupted", .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does")
)
struct SetupInterruptionTests {
  private let world: World
  private let directory = FileManager.default.temporaryDirectory.appending(path: "jinglecam-setup-\(UUID().uuidString)")

  init() throws {
    world = try World.current()
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  private func clean() { try? FileManager.default.removeItem(at: directory) }

  private var config: String { directory.appending(path: "cam.yaml").path }

  private func options(_ account: [String], by server: String) -> [String] {
    [
      "setup", "--config", config, "--server", server, "--ca-file", world.caFile, "--source", "pattern:320x180@10",
      "--yes",
    ] + account
  }

  /// Presses Ctrl-C once the server was spoken to, which answers afterwards.
  ///
  /// - Returns: what was shown.
  private func interrupt(_ account: [String]) async throws -> String {
    let port = try #require(world.server.split(separator: ":").last.flatMap { Int($0) })
    let relay = try await TCPRelay.start(to: port, on: MultiThreadedEventLoopGroup.singleton.next())
    await relay.hold()
    let program = try TerminalProgram(Call.jinglecam, options(account, by: "127.0.0.1:\(relay.port)"))
    _ = await relay.delayed.first { _ in true }
    program.type("\u{3}")
    try await program.wait(for: "Waiting for the answer of the server")
    await relay.release()
    let (shown, code) = await program.end()
    #expect(code == 130)
    try await relay.stop()
    return shown
  }

  private var files: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: directory.path) }
  }

  @Test("an account that has been created is removed again")
  func removed() async throws {
    defer { clean() }
    let creation = ["--jid", "cam-\(UUID().uuidString.lowercased())@open.\(world.domain)", "--register"]
    let shown = try await interrupt(creation)
    #expect(shown.contains("was removed again.") && shown.contains("Nothing was changed."), "\(shown)")
    #expect(try files.isEmpty)
    // The name is free.
    let again = try await Program(Call.jinglecam, options(creation, by: world.server)).end()
    #expect(again.code == 0, "\(again.lines)")
  }

  @Test("the password of an account that the server does not remove is kept, and opens it")
  func kept() async throws {
    defer { clean() }
    let domain = "invited.\(world.domain)"
    let account = "cam-\(UUID().uuidString.lowercased())@\(domain)"
    let shown = try await interrupt([
      "--invitation", "xmpp:\(domain)?register;preauth=\(try world.invitation())", "--jid", account,
    ])
    let file = "\(directory.path)/cam.password.\(account)"
    #expect(!shown.contains("Nothing was changed."))
    #expect(shown.contains("could not be removed; its password is in"), "\(shown)")
    #expect(try files == ["cam.password.\(account)"])
    let again = try await Program(
      Call.jinglecam, options(["--jid", account, "--password-file", file], by: world.server)
    ).end()
    #expect(again.code == 0, "\(again.lines)")
  }
}
