/// Why a byte stream is not one of a TURN server: where one message does not end, no other begins, and the connection
/// is of no more use.
package enum TURNStreamError: Error, Hashable, Sendable {
  /// Neither STUN nor ChannelData.
  case unknownMessage
}
