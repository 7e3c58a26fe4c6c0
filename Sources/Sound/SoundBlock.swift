import NIOCore

/// The blocks in which sound is captured, encoded and played: those of one Opus packet.
package enum SoundBlock {
  /// In hertz. The RTP clock of Opus has this rate whatever the encoder takes (RFC 7587 section 4.1).
  package static let sampleRate = 48_000
  /// The number of samples of a block for each channel.
  package static let samples = 960
  /// Packets of 20 ms are "the default" (RFC 7587 section 4.2).
  package static let duration = TimeAmount.milliseconds(20)
}
