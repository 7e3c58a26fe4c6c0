import NIOCore
import Sound

/// An Opus encoder whose complexity is what this machine can afford.
struct SoundEncoder: ~Copyable {
  private var encoder: OpusEncoder
  private var governor: ComplexityGovernor
  private let processorTime: () -> TimeAmount

  /// - Parameter processorTime: what the calling thread has used; a test has another one.
  init(
    _ configuration: OpusEncoder.Configuration, processorTime: @escaping () -> TimeAmount = { ThreadClock.now }
  ) throws(SoundError) {
    encoder = try OpusEncoder(configuration)
    // Of music the gain is heard.
    governor = ComplexityGovernor(
      usual: configuration.content == .music ? ComplexityGovernor.highest : ComplexityGovernor.usualForVoice)
    encoder.setComplexity(governor.complexity)
    self.processorTime = processorTime
  }

  /// Sets which share of the packets, 0...1, the receiver does not get.
  mutating func setPacketLoss(_ share: Double) {
    encoder.setPacketLoss(share)
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
