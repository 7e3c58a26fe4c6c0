import ICE
import NIOCore
import Streamer

/// What came of asking a TURN server for an allocation.
struct TURNEvent: CheckEvent {
  static let type = "turn"

  let server: String
  let address: String
  let transport: String
  let family: String
  /// false: nobody names this way to the server; it was tried for the sake of advice.
  let isOffered: Bool
  var connectTime: Double?
  var challengeTime: Double?
  var allocateTime: Double?
  var relayedAddress: String?
  var mappedAddress: String?
  /// Seconds, as all times here.
  var lifetime: Double?
  var error: FailureReport?
  var time = 0.0
  private let line: String

  private enum CodingKeys: String, CodingKey {
    case server, address, transport, family, isOffered, connectTime, challengeTime, allocateTime, relayedAddress
    case mappedAddress, lifetime, error, time
  }

  init(_ server: CheckServer, _ finding: AllocationFinding) {
    self.init(server, line: Self.line(finding))
    connectTime = finding.connectTime?.seconds
    challengeTime = finding.challengeTime?.seconds
    allocateTime = finding.allocateTime?.seconds
    relayedAddress = finding.relayed?.text
    mappedAddress = finding.mapped?.text
    lifetime = finding.lifetime?.seconds
    error = finding.error.map { FailureReport($0, stage: finding.stage.rawValue) }
    time = finding.duration.seconds
  }

  init(_ server: CheckServer, noRoute reason: String) {
    self.init(server, line: "no route: \(reason)")
    error = FailureReport(stage: "route", text: reason)
  }

  private init(_ server: CheckServer, line: String) {
    self.server = server.ice.url
    address = server.ice.address.text
    transport = server.ice.relayProtocol.rawValue
    family = server.ice.address.familyName
    isOffered = server.isOffered
    self.line = line
  }

  private static func line(_ finding: AllocationFinding) -> String {
    var parts: [String] = []
    if let time = finding.connectTime { parts.append("connect \(CheckText.time(time))") }
    if let time = finding.challengeTime { parts.append("401 \(CheckText.time(time))") }
    if let time = finding.allocateTime, let relayed = finding.relayed, let lifetime = finding.lifetime {
      parts.append("allocate \(CheckText.time(time))")
      parts.append("relayed address \(relayed.text) for \(lifetime.nanoseconds / 1_000_000_000) s")
    }
    if let error = finding.error {
      parts.append(FailureReport(error, stage: finding.stage.rawValue).line)
    }
    return parts.joined(separator: ", ")
  }

  /// People are not told that a way failed which nobody names.
  var isForPrograms: Bool { !isOffered && error != nil }

  var text: String {
    "\(server) (\(address))\(isOffered ? "" : ", which nobody names"): \(line)"
  }
}
