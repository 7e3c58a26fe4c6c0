import NIOCore

/// How packets fare through a relay: from one allocation of ours to another one on the same server.
package struct RelayFinding: Hashable, Sendable {
  /// How far it got, and where it ended if there is an error.
  package enum Stage: String, Hashable, Sendable {
    /// The second allocation.
    case allocate
    case permission
    case channel
    case packets
  }

  package var stage = Stage.allocate
  package var permissionTime: TimeAmount?
  /// nil: there is none, packets went as Send indications.
  package var channelTime: TimeAmount?
  package var packetsSent = 0
  package var packetsReceived = 0
  /// From here to the server, to its other allocation, and back here.
  package var roundTripTimes = RoundTripTimes()
  /// Of RFC 3550 section 6.4.1.
  package var jitter = TimeAmount.zero
  /// Bytes, of those that were tried; nil: none came.
  package var largestPayload: Int?
  package var error: TURNError?
  package var duration = TimeAmount.zero

  package init() {}
}
