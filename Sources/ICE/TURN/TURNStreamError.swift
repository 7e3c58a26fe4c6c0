/// Why a byte stream is not that of a TURN server. Without the end of one message the next cannot be found, so the
/// connection is unusable.
package enum TURNStreamError: Error, Hashable, Sendable {
  /// The message is neither STUN nor ChannelData.
  case unknownMessage
}
