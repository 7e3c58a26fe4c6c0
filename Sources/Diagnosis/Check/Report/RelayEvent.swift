import ICE
import NIOCore
import Streamer

/// How packets fared through a relay.
struct RelayEvent: CheckEvent {
  static let type = "relay"

  let server: String
  let address: String
  let transport: String
  let family: String
  let permissionTime: Double?
  let channelTime: Double?
  let packetsSent: Int
  let packetsReceived: Int
  /// Seconds, as all times here.
  let roundTripTime: RoundTripTimesReport?
  let jitter: Double?
  /// The largest payload that came back, in bytes.
  let largestPayload: Int?
  let error: FailureReport?
  let time: Double
  private let line: String

  private enum CodingKeys: String, CodingKey {
    case server, address, transport, family, permissionTime, channelTime, packetsSent, packetsReceived, roundTripTime
    case jitter, largestPayload, error, time
  }

  init(_ server: CheckServer, _ finding: RelayFinding) {
    self.server = server.ice.url
    address = server.ice.address.text
    transport = server.ice.relayProtocol.rawValue
    family = server.ice.address.familyName
    permissionTime = finding.permissionTime?.seconds
    channelTime = finding.channelTime?.seconds
    packetsSent = finding.packetsSent
    packetsReceived = finding.packetsReceived
    roundTripTime = RoundTripTimesReport(finding.roundTripTimes)
    jitter = finding.packetsReceived > 1 ? finding.jitter.seconds : nil
    largestPayload = finding.largestPayload
    error = finding.error.map { FailureReport($0, stage: finding.stage.rawValue) }
    time = finding.duration.seconds
    line = Self.line(finding)
  }

  private static func line(_ finding: RelayFinding) -> String {
    var parts: [String] = []
    if let time = finding.permissionTime { parts.append("permission \(CheckText.time(time))") }
    if let time = finding.channelTime { parts.append("channel \(CheckText.time(time))") }
    if finding.packetsSent > 0 {
      let lost = finding.packetsSent - finding.packetsReceived
      parts.append("\(finding.packetsSent) packets, \(lost) lost")
    }
    if finding.packetsReceived > 0 {
      parts.append(CheckText.times(finding.roundTripTimes))
      parts.append("jitter \(CheckText.time(finding.jitter))")
    }
    if let bytes = finding.largestPayload { parts.append("payloads up to \(bytes) bytes") }
    if let error = finding.error {
      parts.append("packets to ourselves cannot be tried, \(FailureReport(error, stage: finding.stage.rawValue).line)")
    }
    return parts.joined(separator: ", ")
  }

  var text: String { "\(server) (\(address)): \(line)" }
}
