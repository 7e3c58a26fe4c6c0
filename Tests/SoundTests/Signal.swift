import Glibc
import NIOCore
import Sound
import TestSupport

/// Sound in blocks, and the way through encoder and decoder.
enum Signal {
  /// Interleaved samples of a sine wave for each channel.
  static func tone(_ frequencies: [Double], amplitude: Double = 0.5, blocks: Int) -> [Float] {
    (0..<blocks * SoundBlock.samples).flatMap { index in
      frequencies.map { frequency in
        Float(amplitude * sin(2 * .pi * frequency * Double(index) / Double(SoundBlock.sampleRate)))
      }
    }
  }

  /// Something like a voice: the harmonics of 120 Hz, which come and go four times a second.
  static func voice(blocks: Int) -> [Float] {
    (0..<blocks * SoundBlock.samples).map { index in
      let time = Double(index) / Double(SoundBlock.sampleRate)
      var sum = 0.0
      for number in 1...20 {
        let harmonic = Double(number)
        sum += sin(2 * .pi * 120 * harmonic * time + harmonic * harmonic) / harmonic
      }
      return Float(0.2 * sum * (0.55 - 0.45 * cos(2 * .pi * 4 * time)))
    }
  }

  static func encode(_ samples: [Float], with encoder: inout OpusEncoder) throws -> [ByteBuffer] {
    let size = SoundBlock.samples * encoder.configuration.channels
    var packets: [ByteBuffer] = []
    try samples.withUnsafeBufferPointer { all in
      for start in stride(from: 0, to: all.count, by: size) {
        packets.append(try encoder.encode(UnsafeBufferPointer(rebasing: all[start..<start + size])))
      }
    }
    return packets
  }

  /// Calls `body` with room for `samples` for each channel; returns what is there after that.
  static func filled(
    _ samples: Int = SoundBlock.samples, channels: Int,
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Void
  ) rethrows -> [Float] {
    var values = [Float](repeating: .nan, count: samples * channels)
    try values.withUnsafeMutableBufferPointer { try body($0) }
    return values
  }

  static func decode(_ packets: [ByteBuffer], channels: Int) throws -> [Float] {
    var decoder = try OpusDecoder(channels: channels)
    var result: [Float] = []
    for packet in packets {
      result += try filled(channels: channels) {
        let samples = try decoder.decode(packet, into: $0)
        precondition(samples == SoundBlock.samples)
      }
    }
    return result
  }

  static func channel(_ index: Int, of channels: Int, in samples: [Float]) -> [Float] {
    stride(from: index, to: samples.count, by: channels).map { samples[$0] }
  }

  /// What a second of samples holds outside eight hertz around its tones, in decibels relative to them: by Goertzel's
  /// algorithm with a Blackman-Harris window, whose side lobes are below -92 dB.
  static func rest(of samples: [Double], besides tones: [Int]) -> Double {
    let count = samples.count
    let windowed = samples.enumerated().map { index, sample in
      let turn = 2 * Double.pi * Double(index) / Double(count)
      return sample * (0.35875 - 0.48829 * cos(turn) + 0.14128 * cos(2 * turn) - 0.01168 * cos(3 * turn))
    }
    let energy = windowed.reduce(0) { $0 + $1 * $1 }
    var found = 0.0
    for tone in tones {
      for bin in (tone - 8)...(tone + 8) {
        let factor = 2 * cos(2 * Double.pi * Double(bin) / Double(count))
        var (last, before) = (0.0, 0.0)
        for sample in windowed { (last, before) = (sample + factor * last - before, last) }
        found += 2 * (last * last + before * before - factor * last * before) / Double(count)
      }
    }
    return 10 * log10(max(1e-12, (energy - found) / energy))
  }
}
