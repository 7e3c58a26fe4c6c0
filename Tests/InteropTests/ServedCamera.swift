import Foundation
import Testing

/// One run of `jinglecam serve`, and those who call it.
struct ServedCamera {
  let world: World
  let pair: World.Pair
  let program: Program
  /// The full JID that the server bound.
  let device: String

  /// Returns when it is online.
  ///
  /// - Parameters:
  ///   - allowing: who may call besides the viewer of its pair.
  ///   - world: one's own.
  ///   - pair: where it is not to be a new one.
  ///   - hasTURN: whether their server tells of coturn.
  init(
    _ source: String = "pattern:640x480@25", allowing others: [String] = [], in world: World? = nil,
    on server: World.XMPPServer = .prosody, pair: World.Pair? = nil, hasTURN: Bool = true, options: [String] = [],
    environment: [String: String] = [:], limit: Int = Program.limit
  ) async throws {
    let isOwn = world != nil
    let world = try world ?? World.current(server)
    let pair = try pair ?? (isOwn ? world.pair(number: 1) : world.pair(hasTURN: hasTURN))
    program = try Self.start(
      source, pair, in: world, ([pair.viewer] + others).flatMap { ["--allow", $0] } + options,
      environment: environment, limit: limit)
    let online = try await program.line(containing: "online")
    device = try #require(online.firstMatch(of: #/jid=(\S+)/#).map { String($0.1) })
    (self.world, self.pair) = (world, pair)
  }

  /// - Parameter redirection: of its output, as a shell has it.
  static func start(
    _ source: String, _ pair: World.Pair, in world: World, passwordFile: String? = nil, _ options: [String],
    environment: [String: String] = [:], redirection: String? = nil, limit: Int = Program.limit
  ) throws -> Program {
    let account = [
      "--jid", pair.camera, "--password-file", passwordFile ?? world.passwordFile, "--server", world.server,
      "--ca-file", world.caFile,
    ]
    let arguments = ["serve", source] + account + options
    guard let redirection else {
      return try Program(Call.jinglecam, arguments, environment: environment, limit: limit)
    }
    return try Program(
      "/bin/bash", ["-c", "exec \"$0\" \"$@\" \(redirection)", Call.jinglecam] + arguments, environment: environment)
  }

  /// Somebody who calls the camera as soon as he sees it online; the viewer of its pair where nobody is named.
  func caller(_ account: String? = nil, _ options: [String] = []) async throws -> Viewer {
    try await Viewer(account ?? pair.viewer, in: world, ["--call", pair.camera] + options)
  }

  /// The audit line of a call that is over.
  @discardableResult
  func callEnded(_ outcome: String) async throws -> String {
    try await program.line(containing: "outcome=\(outcome)")
  }

  /// Ctrl-C, after which it has to end in order.
  func stop(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    program.interrupt()
    try await program.success(sourceLocation: sourceLocation)
  }
}
