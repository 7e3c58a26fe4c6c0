/// A payload format of RTP: how encoded frames are cut into the payloads of packets.
package protocol RTPPayloader: Sendable {
  /// The clock rate of the RTP timestamps, in hertz.
  static var clockRate: UInt32 { get }

  /// - Parameter generator: draws what the format wants to begin at random.
  init(using generator: inout some RandomNumberGenerator)

  /// Cuts the next frame of the stream.
  ///
  /// - Parameters:
  ///   - length: the length of the frame in bytes; an empty frame has no fragments and changes nothing.
  ///   - maximumPayloadSize: the most bytes that payload header and fragment have together.
  mutating func fragments(ofFrameWithLength length: Int, maximumPayloadSize: Int) -> RTPFragments
}
