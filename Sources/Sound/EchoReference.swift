import NIOCore

/// A block of one channel that a loudspeaker plays, with the time at which its first sample is heard.
package struct PlayedBlock: Sendable {
  package let samples: [Float]
  package let time: NIODeadline

  package init(samples: [Float], time: NIODeadline) {
    self.samples = samples
    self.time = time
  }
}

/// What a loudspeaker played lately, by its time, for the microphone that heard it.
package struct EchoReference {
  private var blocks = CircularBuffer<PlayedBlock>(initialCapacity: Self.capacity)

  /// 640 ms: a block is told of before it is heard, and asked for after.
  private static let capacity = 32
  /// In nanoseconds: a sample and a half.
  private static let tolerance: Int64 = 31_000

  package init() {}

  package mutating func append(_ block: PlayedBlock) {
    if blocks.count == Self.capacity { blocks.removeFirst() }
    blocks.append(PlayedBlock(samples: block.samples, time: placed(block)))
  }

  /// Where a block follows on the one before, no sample is left out and none is there twice, as rounding would have it.
  private func placed(_ block: PlayedBlock) -> NIODeadline {
    guard let last = blocks.last else { return block.time }
    let expected = last.time + SoundBlock.duration
    return abs((block.time - expected).nanoseconds) < Self.tolerance ? expected : block.time
  }

  /// Fills `output` with what was played from that time on, and with silence where nothing was.
  package func copy(from time: NIODeadline, into output: UnsafeMutableBufferPointer<Float>) {
    output.update(repeating: 0)
    for block in blocks {
      let start = Self.samples(in: block.time - time)
      let end = min(output.count, start + block.samples.count)
      guard end > max(0, start) else { continue }
      for index in max(0, start)..<end { output[index] = block.samples[index - start] }
    }
  }

  private static func samples(in duration: TimeAmount) -> Int {
    Int((Double(duration.nanoseconds) * Double(SoundBlock.sampleRate) / 1e9).rounded())
  }
}
