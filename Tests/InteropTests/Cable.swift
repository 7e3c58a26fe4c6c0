import Foundation
import Testing

/// Two network namespaces of a test's own, joined by a cable: servers are in one, and in the other a program whose
/// addresses come and go. Only root may make them; on CI that is a failure, not an excuse.
final class Cable: Sendable {
  static let isWanted = World.isWanted && (geteuid() == 0 || World.isCI)
  /// Of the servers' end.
  static let serverAddress = "10.77.0.1"
  private static let ip = "/sbin/ip"

  private let serverEnd: String
  private let farEnd: String

  /// Returns when both ends are up; the far one has no address.
  init() async throws {
    let name = UUID().uuidString.prefix(8)
    (serverEnd, farEnd) = ("jc-server-\(name)", "jc-far-\(name)")
    for namespace in [serverEnd, farEnd] {
      try await Self.ip("netns", "add", namespace)
      try await Self.ip("-n", namespace, "link", "set", "lo", "up")
    }
    try await Self.ip("-n", serverEnd, "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", farEnd)
    for namespace in [serverEnd, farEnd] { try await Self.ip("-n", namespace, "link", "set", "cable", "up") }
    try await Self.ip("-n", serverEnd, "address", "add", "\(Self.serverAddress)/24", "dev", "cable")
  }

  /// With all that is in it.
  func remove() async throws {
    for namespace in [serverEnd, farEnd] { try await Self.ip("netns", "delete", namespace) }
  }

  func add(_ address: String) async throws {
    try await Self.ip("-n", farEnd, "address", "add", "\(address)/24", "dev", "cable")
  }

  func delete(_ address: String) async throws {
    try await Self.ip("-n", farEnd, "address", "delete", "\(address)/24", "dev", "cable")
  }

  /// A program at the servers' end.
  func serverProgram(
    _ path: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Program {
    try Program(Self.ip, ["netns", "exec", serverEnd, path] + arguments, environment: environment)
  }

  /// A program at the other.
  func farProgram(_ path: String, _ arguments: [String]) throws -> Program {
    try Program(Self.ip, ["netns", "exec", farEnd, path] + arguments)
  }

  private static func ip(_ arguments: String...) async throws {
    try await Program(ip, arguments).success()
  }
}
