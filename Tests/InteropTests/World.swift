import Foundation
import Synchronization
import Testing

/// The throw-away servers that `scripts/world up` started; its directory is in JINGLECAM_WORLD.
struct World: Sendable {
  let domain: String
  let server: String
  let caFile: String
  let otherCAFile: String
  let passwordFile: String
  let wrongPasswordFile: String
  /// Where coturn listens to UDP and TCP.
  let turnPort: String
  let turnsPort: String
  /// Whether it listens on ::1 as well.
  let hasIPv6: Bool
  let turnUsername: String
  let turnPasswordFile: String
  private let pairs: Int
  private let directory: URL

  private static let environment = ProcessInfo.processInfo.environment

  /// Without servers there is nothing to test; on CI that is a failure, not an excuse.
  static let isWanted = environment["JINGLECAM_WORLD"] != nil || isCI
  static let isCI = environment["CI"] == "true"

  enum XMPPServer: CaseIterable {
    case prosody
    /// Where the world was made with WORLD_EJABBERD=yes. It tells of neither TURN servers nor a place for files.
    case ejabberd

    fileprivate var prefix: String { self == .prosody ? "WORLD" : "WORLD_EJABBERD" }
  }

  /// For the tests: one directory of servers for all of them.
  static func current(_ server: XMPPServer = .prosody) throws -> World {
    guard let directory = environment["JINGLECAM_WORLD"] else { throw Missing.world }
    return try World(directory: URL(filePath: directory), server)
  }

  /// The same servers, started for one test that does to them what others would not survive.
  ///
  /// - Parameters:
  ///   - turnLifetime: how long TURN credentials last, in seconds.
  ///   - cable: at whose servers' end they are.
  static func own(
    pairs: Int, turnLifetime: Int? = nil, on cable: Cable? = nil, _ body: (World) async throws -> Void
  ) async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "jinglecam-world-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = Call.scripts.appending(path: "world").path
    let arguments = ["up", directory.path, String(pairs)]
    var environment = turnLifetime.map { ["WORLD_TURN_LIFETIME": String($0)] } ?? [:]
    if let cable {
      environment["WORLD_ADDRESS"] = Cable.serverAddress
      try await cable.serverProgram(path, arguments, environment: environment).success()
    } else {
      try await Program(path, arguments, environment: environment).success()
    }
    do {
      try await body(World(directory: directory))
    } catch {
      try await script("down", directory)
      throw error
    }
    try await script("down", directory)
  }

  private static func script(_ verb: String, _ directory: URL) async throws {
    try await Program(Call.scripts.appending(path: "world").path, [verb, directory.path]).success()
  }

  /// The XMPP server dies, without a goodbye to anybody.
  func killServer() async throws { try await Self.script("kill", directory) }

  /// It is back, at the same port; returns when it listens.
  func reviveServer() async throws { try await Self.script("revive", directory) }

  private enum Missing: Error, CustomStringConvertible {
    case world
    case entry(String)
    case pair

    var description: String {
      switch self {
      case .world:
        "JINGLECAM_WORLD names no directory of servers: run scripts/test, or WORLD_EJABBERD=yes scripts/world up DIR"
      case .entry(let key): "world.env does not tell \(key)"
      case .pair: "there are more tests than pairs of accounts: give scripts/world up a larger number"
      }
    }
  }

  private init(directory: URL, _ xmppServer: XMPPServer = .prosody) throws {
    self.directory = directory
    var entries: [Substring: String] = [:]
    for line in try String(contentsOf: directory.appending(path: "world.env"), encoding: .utf8).split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1)
      if parts.count == 2 { entries[parts[0]] = String(parts[1]) }
    }
    func entry(_ key: String) throws -> String {
      guard let value = entries[Substring(key)] else { throw Missing.entry(key) }
      return value
    }
    domain = try entry("\(xmppServer.prefix)_DOMAIN")
    server = try entry("\(xmppServer.prefix)_SERVER")
    caFile = try entry("WORLD_CA_FILE")
    otherCAFile = try entry("WORLD_OTHER_CA_FILE")
    passwordFile = try entry("WORLD_PASSWORD_FILE")
    wrongPasswordFile = try entry("WORLD_WRONG_PASSWORD_FILE")
    turnPort = try entry("WORLD_TURN_PORT")
    turnsPort = try entry("WORLD_TURNS_PORT")
    hasIPv6 = try entry("WORLD_HAS_IPV6") == "true"
    turnUsername = try entry("WORLD_TURN_USERNAME")
    turnPasswordFile = try entry("WORLD_TURN_PASSWORD_FILE")
    pairs = try Int(entry("WORLD_PAIRS")) ?? 0
  }

  private static let used = Atomic<Int>(0)

  /// A camera and a viewer that know each other and nobody else, new for each call.
  ///
  /// - Parameter hasTURN: whether their server tells of coturn.
  func pair(hasTURN: Bool = true) throws -> Pair {
    let domain = hasTURN ? domain : "plain.\(domain)"
    let number = Self.used.add(1, ordering: .relaxed).newValue
    guard number <= pairs else { throw Missing.pair }
    return Pair(camera: "camera\(number)@\(domain)", viewer: "viewer\(number)@\(domain)")
  }

  private static let invited = Atomic<Int>(0)

  /// The token of an invitation that nobody has used yet.
  func invitation() throws -> String {
    let number = Self.invited.add(1, ordering: .relaxed).newValue
    guard number <= pairs else { throw Missing.pair }
    return "token\(number)"
  }

  /// On the server that sends at each login what nobody can read.
  func unreadablePair() throws -> Pair {
    let pair = try pair()
    func moved(_ jid: String) -> String { jid.replacing("@", with: "@unreadable.") }
    return Pair(camera: moved(pair.camera), viewer: moved(pair.viewer))
  }

  /// Of a world of one's own, whose pairs nobody else uses up.
  func pair(number: Int, hasTURN: Bool = true) -> Pair {
    let domain = hasTURN ? domain : "plain.\(domain)"
    return Pair(camera: "camera\(number)@\(domain)", viewer: "viewer\(number)@\(domain)")
  }

  struct Pair: Sendable {
    let camera: String
    let viewer: String
  }
}
