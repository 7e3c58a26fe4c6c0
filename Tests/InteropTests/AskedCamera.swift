import Foundation
import Testing

/// A camera that is online, with an admin, who is its contact, and a viewer.
struct AskedCamera {
  let call: Call
  let viewer: String
  private let program: Program
  /// Its address with the resource.
  private let device: String

  var admin: String { call.pair.viewer }

  /// - Parameters:
  ///   - isPlain: on the server that has neither TURN nor a place for files.
  ///   - settings: what its file has besides.
  init(
    _ source: String = "pattern:320x240@25", isPlain: Bool = false, settings: String = "",
    environment: [String: String] = [:]
  ) async throws {
    call = try Call(hasTURN: !isPlain)
    viewer = try call.world.pair().viewer
    let world = call.world
    let file = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString).yaml")
    try """
    jid: \(call.pair.camera)
    source: \(source)
    server: \(world.server)
    ca-file: \(world.caFile)
    password-file: \(world.passwordFile)
    allow:
      - jid: \(call.pair.viewer)
        role: admin
      - jid: \(viewer)
    \(settings)
    """.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    program = try Program(Call.jinglecam, ["serve", "--config", file.path], environment: environment)
    let online = try await program.line(containing: "online")
    let field = try #require(online.split(separator: " ").first { $0.hasPrefix("jid=") })
    device = String(field.dropFirst("jid=".count))
  }

  @discardableResult
  func ask(
    _ jid: String, _ steps: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> [String] {
    try await call.world.ask(device, as: jid, steps, sourceLocation: sourceLocation)
  }
}
