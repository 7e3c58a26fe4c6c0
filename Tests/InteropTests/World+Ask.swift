import Foundation
import Testing

extension World {
  /// Asks a camera for one thing after the other, by an independent XMPP library.
  ///
  /// - Parameters:
  ///   - camera: its address, with its resource.
  ///   - steps: what `scripts/viewer/control` takes.
  /// - Returns: a line for each step. The presence of the camera, and what the library says when it is asked for something
  ///   after it has left, are none.
  func ask(
    _ camera: String, as jid: String, _ steps: [String], sourceLocation: SourceLocation
  ) async throws -> [String] {
    let client = try Program(
      Call.scripts.appending(path: "viewer/control").path,
      ["--jid", jid, "--password-file", passwordFile, "--server", server, "--ca-file", caFile, "--camera", camera]
        + steps)
    let lines = try await client.success(sourceLocation: sourceLocation).lines.filter {
      $0.hasPrefix(#"{"step": "#) && !$0.hasPrefix(#"{"step": "presence", "#)
    }
    try #require(lines.count == steps.count, "\(lines)", sourceLocation: sourceLocation)
    return lines
  }
}
