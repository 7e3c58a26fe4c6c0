import NIOCore

/// One Opus packet (RFC 6716) of somebody who speaks, as it arrived.
package struct ReceivedSound: Sendable, Equatable {
  /// Numbers the streams: a packet of another one has nothing to do with what came before.
  package var generation: Int
  /// Counts the packets of the stream, without gaps where they were sent.
  package var sequenceNumber: Int
  /// In samples at 48 kHz (RFC 7587 section 4.1).
  package var timestamp: Int
  package var data: ByteBuffer
  package var arrivalTime: NIODeadline

  package init(generation: Int, sequenceNumber: Int, timestamp: Int, data: ByteBuffer, arrivalTime: NIODeadline) {
    self.generation = generation
    self.sequenceNumber = sequenceNumber
    self.timestamp = timestamp
    self.data = data
    self.arrivalTime = arrivalTime
  }

  /// When its first sample would have been sent, if the sender's clock were ours, in nanoseconds since some time. A hostile
  /// sender's may be anything.
  var mediaTime: Int64 {
    Int64(timestamp) &* (1_000_000_000 / 16_000) / Int64(SoundBlock.sampleRate / 16_000)
  }
}
