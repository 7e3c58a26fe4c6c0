import NIOCore

/// The result of sending packets from one allocation to another one on the same server.
package struct RelayFinding: Hashable, Sendable {
  /// The last stage reached, in which the error occurred if there is one.
  package enum Stage: String, Hashable, Sendable {
    /// The second allocation.
    case allocate
    case permission
    case channel
    case packets
  }

  package var stage = Stage.allocate
  package var permissionTime: TimeAmount?
  /// The time to bind the channel; nil if there is none and packets were sent as Send indications.
  package var channelTime: TimeAmount?
  package var packetsSent = 0
  package var packetsReceived = 0
  /// The round-trip times: to the server, to its other allocation, and back.
  package var roundTripTimes = RoundTripTimes()
  /// The interarrival jitter (RFC 3550 section 6.4.1).
  package var jitter = TimeAmount.zero
  /// The largest payload in bytes that arrived, among the lengths tried; nil if none did.
  package var largestPayload: Int?
  package var error: TURNError?
  package var duration = TimeAmount.zero

  package init() {}
}
