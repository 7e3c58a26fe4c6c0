/// An RTP payload format: how encoded frames are split into the payloads of packets.
package protocol RTPPayloader: Sendable {
  /// The clock rate of the RTP timestamps, in hertz.
  static var clockRate: UInt32 { get }
  /// Whether the marker tells the last packet of a frame.
  static var marksLastPacket: Bool { get }

  /// - Parameter generator: the source of the values that the format starts at random.
  init(using generator: inout some RandomNumberGenerator)

  /// Splits the next frame of the stream into fragments.
  ///
  /// - Parameters:
  ///   - length: the length of the frame in bytes; an empty frame has no fragments and does not change the state.
  ///   - maximumPayloadSize: the largest length of payload header and fragment together, in bytes.
  mutating func fragments(ofFrameWithLength length: Int, maximumPayloadSize: Int) -> RTPFragments
}
