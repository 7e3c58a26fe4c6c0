import COpus
import NIOCore

/// An Opus decoder (RFC 6716) by libopus. Packets may be anything: what is none of Opus is an error.
package struct OpusDecoder: ~Copyable {
  package let channels: Int

  private let decoder: OpaquePointer

  /// The number of samples of the longest packet, which has 120 ms, for each channel (RFC 6716 section 3.2.5).
  package static let mostSamples = 5_760
  /// Losses are concealed in units of 2.5 ms, the shortest frame.
  private static let unit = 120

  /// - Parameter channels: 1 or 2, whatever the packets have.
  /// - Throws: `SoundError.codecUnavailable`.
  package init(channels: Int) throws(SoundError) {
    var status: Int32 = OPUS_OK
    let decoder = opus_decoder_create(Int32(SoundBlock.sampleRate), Int32(channels), &status)
    guard let decoder, status == OPUS_OK else { throw .codecUnavailable(String(cString: opus_strerror(status))) }
    self.channels = channels
    self.decoder = decoder
  }

  deinit {
    opus_decoder_destroy(decoder)
  }

  /// Decodes a packet.
  ///
  /// - Parameter samples: takes the interleaved samples; with room for ``mostSamples`` each packet fits.
  /// - Returns: the number of samples for each channel.
  /// - Throws: `SoundError.invalidPacket`.
  package mutating func decode(
    _ packet: ByteBuffer, into samples: UnsafeMutableBufferPointer<Float>
  ) throws(SoundError) -> Int {
    guard let first = samples.baseAddress else { preconditionFailure("there is no room for samples") }
    return try decode(packet, into: first, room: Int32(samples.count / channels), recovers: false)
  }

  /// Makes up what a lost packet contained, from what came before it. Losses in sequence fade to the background
  /// noise.
  ///
  /// - Parameter samples: is filled; its length is that of the loss, in units of 2.5 ms.
  package mutating func conceal(into samples: UnsafeMutableBufferPointer<Float>) {
    let (first, duration) = Self.loss(samples, channels)
    let status = opus_decode_float(decoder, nil, 0, first, duration, 0)
    // libopus conceals any loss, but what came before may be anything.
    if status != duration { samples.update(repeating: 0) }
  }

  /// Decodes what the packet after a lost one tells about it (FEC), or conceals the loss if it tells nothing. The packet
  /// itself is to be decoded after that.
  ///
  /// - Parameter samples: is filled; its length is that of the lost packet, in units of 2.5 ms.
  /// - Throws: `SoundError.invalidPacket`.
  package mutating func recover(
    from next: ByteBuffer, into samples: UnsafeMutableBufferPointer<Float>
  ) throws(SoundError) {
    let (first, duration) = Self.loss(samples, channels)
    _ = try decode(next, into: first, room: duration, recovers: true)
  }

  private func decode(
    _ packet: ByteBuffer, into samples: UnsafeMutablePointer<Float>, room: Int32, recovers: Bool
  ) throws(SoundError) -> Int {
    // To libopus a packet without bytes is a lost one.
    guard packet.readableBytes > 0, let length = Int32(exactly: packet.readableBytes) else {
      throw .invalidPacket(String(cString: opus_strerror(OPUS_INVALID_PACKET)))
    }
    let status = packet.withUnsafeReadableBytes { bytes in
      opus_decode_float(
        decoder, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), length, samples, room, recovers ? 1 : 0)
    }
    guard status > 0 else { throw .invalidPacket(String(cString: opus_strerror(status))) }
    return Int(status)
  }

  private static func loss(
    _ samples: UnsafeMutableBufferPointer<Float>, _ channels: Int
  ) -> (first: UnsafeMutablePointer<Float>, duration: Int32) {
    guard let first = samples.baseAddress, samples.count > 0, samples.count.isMultiple(of: unit * channels) else {
      preconditionFailure("a loss has a length in units of 2.5 ms")
    }
    return (first, Int32(samples.count / channels))
  }
}
