import ICE
import NIOCore
import Streamer

/// What one STUN server answered; TURN servers answer Binding requests too.
struct STUNEvent: CheckEvent {
  static let type = "stun"

  let server: String
  let address: String
  /// false: nobody names this port of a TURN server.
  let isOffered: Bool
  var localAddress: String?
  var mappedAddress: String?
  var requestsSent = 0
  var responsesReceived = 0
  var roundTripTime: RoundTripTimesReport?
  var error: FailureReport?
  /// Seconds.
  var time = 0.0
  private let line: String

  private enum CodingKeys: String, CodingKey {
    case server, address, isOffered, localAddress, mappedAddress, requestsSent, responsesReceived, roundTripTime, error
    case time
  }

  init(server: String, isOffered: Bool, _ finding: STUNProbeFinding) {
    self.server = server
    self.isOffered = isOffered
    address = finding.server.text
    localAddress = finding.local.text
    mappedAddress = finding.mapped?.text
    requestsSent = finding.requestsSent
    responsesReceived = finding.responsesReceived
    roundTripTime = RoundTripTimesReport(finding.roundTripTimes)
    error = finding.error.map { FailureReport($0) }
    time = finding.duration.seconds
    line =
      finding.mapped.map { mapped in
        "you are \(mapped.text), \(CheckText.times(finding.roundTripTimes)), "
          + "\(finding.responsesReceived) of \(finding.requestsSent) answered"
      } ?? (finding.error.map { FailureReport($0).line } ?? "")
  }

  init(server: String, isOffered: Bool, address: SocketAddress, noRoute reason: String) {
    self.server = server
    self.isOffered = isOffered
    self.address = address.text
    error = FailureReport(stage: "route", text: reason)
    line = "no route: \(reason)"
  }

  var text: String { "\(server) (\(address))\(isOffered ? "" : ", which nobody names"): \(line)" }
}
