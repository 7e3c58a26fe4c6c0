import Glibc
import NIOCore
import Sound
import Testing

@testable import Studio

@Suite struct SoundEncoderTests {
  private static let configuration = OpusEncoder.Configuration(channels: 1, bitrate: 32_000, content: .voice)

  /// Twelve seconds of two tones that glide.
  private static let blocks: [[Float]] = (0..<600).map { block in
    (0..<SoundBlock.samples).map { sample in
      let time = Double(block * SoundBlock.samples + sample) / Double(SoundBlock.sampleRate)
      return Float(0.3 * (sin(900 * time + 40 * sin(7 * time)) + sin(3_100 * time + 90 * sin(3 * time))))
    }
  }

  /// The packets of an encoder that is told its complexity before each of them.
  private func packets(_ complexity: (Int) -> Int) throws -> [ByteBuffer] {
    var encoder = try OpusEncoder(Self.configuration)
    return try Self.blocks.indices.map { block in
      encoder.setComplexity(complexity(block))
      return try Self.blocks[block].withUnsafeBufferPointer { try encoder.encode($0) }
    }
  }

  @Test("it begins with complexity 5, and goes on with more if encoding costs nothing, and with less if it is dear")
  func complexity() throws {
    for (milliseconds, steps) in [(Int64(0), [5, 6, 7]), (2, [5, 4, 3])] {
      var time = TimeAmount.zero
      // Each look at the clock is so much later than the one before.
      var encoder = try SoundEncoder(Self.configuration) {
        time = time + .milliseconds(milliseconds)
        return time
      }
      let encoded = try Self.blocks.map { try $0.withUnsafeBufferPointer { try encoder.encode($0) } }
      #expect(try encoded == packets { steps[$0 / 250] }, "\(milliseconds)")
      #expect(try encoded != packets { _ in 9 })
    }
  }
}
