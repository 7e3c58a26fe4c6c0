import Foundation
import Testing

/// One run of `jinglecam stream` and, where somebody is to answer, of the viewer.
struct Call {
  let world: World
  let pair: World.Pair

  init(hasTURN: Bool = true) throws {
    world = try World.current()
    pair = try world.pair(hasTURN: hasTURN)
  }

  /// What was built along with these tests.
  static let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  static let jinglecam = products.appending(path: "jinglecam").path

  static let scripts = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "scripts")

  /// A command line that would succeed but for what a test changes. An option of `changes` whose value is nil is left out.
  ///
  /// - `producer`: a shell command whose output goes into the program's standard input.
  func stream(
    _ source: String, changes: [String: String?] = [:], _ more: [String] = [], environment: [String: String] = [:],
    producer: String? = nil
  ) throws -> Program {
    var options: [String: String] = [
      "--jid": pair.camera, "--password-file": world.passwordFile, "--server": world.server, "--ca-file": world.caFile,
    ]
    for (option, value) in changes { options[option] = value }
    let arguments = options.flatMap { [$0.key, $0.value] }
    let command = [Self.jinglecam, "stream", source, pair.viewer, "--json"] + arguments + more
    guard let producer else {
      return try Program(command[0], Array(command.dropFirst()), environment: environment)
    }
    return try Program("/bin/sh", ["-c", "\(producer) | exec \"$0\" \"$@\""] + command, environment: environment)
  }

  func viewer(_ options: [String] = []) async throws -> Viewer {
    try await Viewer(pair.viewer, in: world, options)
  }
}
