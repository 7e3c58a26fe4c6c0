import COpus
import NIOCore

/// A real-time Opus encoder (RFC 6716) by libopus: every block is returned at once as one packet.
///
/// A packet of voice carries the block before once more, coarsely, if the receiver reports losses (in-band FEC, RFC 7587
/// section 3.2) and if the bitrate is one at which Opus codes voice by linear prediction. Music has no FEC: libopus would
/// code it by linear prediction, too, if more than 8 % are lost. It does so with music that a microphone hears, and is not
/// told that all is speech (`OPUS_SIGNAL_VOICE`): without losses, music would be coarser by it, and speech the same.
package struct OpusEncoder: ~Copyable {
  package private(set) var configuration: Configuration

  private let encoder: OpaquePointer

  /// The longest packet of one frame: a byte of configuration (TOC) and 1275 bytes (RFC 6716 section 3.2.1).
  private static let longestPacket = 1_276

  /// - Throws: `SoundError.codecUnavailable`.
  package init(_ configuration: Configuration) throws(SoundError) {
    var status: Int32 = OPUS_OK
    let encoder = opus_encoder_create(
      Int32(SoundBlock.sampleRate), Int32(configuration.channels), configuration.application, &status)
    guard let encoder, status == OPUS_OK else { throw .codecUnavailable(String(cString: opus_strerror(status))) }
    self.configuration = configuration
    self.encoder = encoder
    set(OPUS_SET_BITRATE_REQUEST, configuration.bitrate)
    set(OPUS_SET_INBAND_FEC_REQUEST, configuration.content == .voice ? 1 : 0)
    // What is silent is sent as well: a stream with pauses is taken for a broken one by some receivers.
    set(OPUS_SET_DTX_REQUEST, 0)
    set(OPUS_SET_VBR_REQUEST, 1)
    set(OPUS_SET_VBR_CONSTRAINT_REQUEST, 1)
  }

  deinit {
    opus_encoder_destroy(encoder)
  }

  /// Sets the bitrate from the next packet on, in bits per second.
  package mutating func setBitrate(_ bitrate: Int) {
    configuration.bitrate = Configuration.possible(bitrate: bitrate)
    set(OPUS_SET_BITRATE_REQUEST, configuration.bitrate)
  }

  /// Sets which share of the packets, 0...1, the receiver does not get. The more, the larger is the share of the bitrate
  /// that FEC takes; with none there is no FEC. Music is coded with less reference to what was sent before.
  package mutating func setPacketLoss(_ share: Double) {
    set(OPUS_SET_PACKET_LOSS_PERC_REQUEST, Int((100 * max(0, min(share, 1))).rounded(.up)))
  }

  /// Sets how much computing time the encoder spends on the quality, from 0 to 10.
  package mutating func setComplexity(_ complexity: Int) {
    set(OPUS_SET_COMPLEXITY_REQUEST, max(0, min(complexity, 10)))
  }

  /// Encodes a block.
  ///
  /// - Parameter samples: `SoundBlock.samples` for each channel, interleaved, in the range -1...1.
  /// - Throws: `SoundError.encodingFailed`.
  package mutating func encode(_ samples: UnsafeBufferPointer<Float>) throws(SoundError) -> ByteBuffer {
    guard let first = samples.baseAddress, samples.count == SoundBlock.samples * configuration.channels else {
      preconditionFailure("one block is encoded at a time")
    }
    var status: Int32 = OPUS_OK
    let packet = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.longestPacket) { bytes in
      status = opus_encode_float(
        encoder, first, Int32(SoundBlock.samples), bytes.baseAddress!, Int32(bytes.count))
      return ByteBuffer(bytes: bytes.prefix(Int(max(0, status))))
    }
    guard status > 0 else { throw .encodingFailed(String(cString: opus_strerror(status))) }
    return packet
  }

  /// Sets an option. libopus has always had those that are used here, and their values are limited before.
  private func set(_ request: Int32, _ value: Int) {
    let status = copus_encoder_set(encoder, request, Int32(value))
    precondition(status == OPUS_OK, "libopus knows the option and its range")
  }
}
