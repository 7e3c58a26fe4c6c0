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

  package internal(set) var stage = Stage.allocate
  package internal(set) var permissionTime: TimeAmount?
  /// nil: there is none, packets went as Send indications.
  package internal(set) var channelTime: TimeAmount?
  package internal(set) var packetsSent = 0
  package internal(set) var packetsReceived = 0
  /// From here to the server, to its other allocation, and back here.
  package internal(set) var roundTripTimes = RoundTripTimes()
  /// Of RFC 3550 section 6.4.1.
  package internal(set) var jitter = TimeAmount.zero
  /// Bytes, of those that were tried; nil: none came.
  package internal(set) var largestPayload: Int?
  package internal(set) var error: TURNError?
  package internal(set) var duration = TimeAmount.zero

  package init() {}
}
