import NIOCore
import Sound

/// An Opus encoder whose complexity is what this machine can afford.
struct SoundEncoder: ~Copyable {
  private var encoder: OpusEncoder
  /// In bits per second, where no path is slow.
  private let bitrate: Int
  private var governor: ComplexityGovernor
  private let processorTime: () -> TimeAmount

  /// - Parameter processorTime: what the calling thread has used; a test has another one.
  init(
    _ configuration: OpusEncoder.Configuration, processorTime: @escaping () -> TimeAmount = { ThreadClock.now }
  ) throws(SoundError) {
    encoder = try OpusEncoder(configuration)
    bitrate = encoder.configuration.bitrate
    // Of music the gain is heard.
    governor = ComplexityGovernor(
      usual: configuration.content == .music ? ComplexityGovernor.highest : ComplexityGovernor.usualForVoice)
    encoder.setComplexity(governor.complexity)
    self.processorTime = processorTime
  }

  /// Takes what is known of the paths to those who listen.
  mutating func follow(_ control: SoundControl) {
    encoder.setPacketLoss(control.packetLoss)
    encoder.setBitrate(control.bitrate(atMost: bitrate))
  }

  /// Encodes a block, as `OpusEncoder` does.
  mutating func encode(_ samples: UnsafeBufferPointer<Float>) throws(SoundError) -> ByteBuffer {
    let begin = processorTime()
    let packet = try encoder.encode(samples)
    let (former, next) = (governor.complexity, governor.record(encodeTime: processorTime() - begin))
    if next != former { encoder.setComplexity(next) }
    return packet
  }
}
