import CALSA
import Glibc

/// The sample formats that are read and written, those of the fewest bytes first.
enum SampleFormat: CaseIterable, Sendable {
  case s16
  /// 24 bits in three bytes.
  case s24Packed
  /// 24 bits in the lower three bytes of four; the fourth has no meaning.
  case s24
  case s32
  case float

  /// In the order of preference. A USB device takes and gives any of its formats, and sixteen bits have less noise than any
  /// room. On the wires of others (I2S) the format decides on the clock, and microphones that need 32 cycles for each
  /// sample are silent with sixteen bits.
  static func preference(isUSB: Bool) -> [SampleFormat] { isUSB ? allCases : allCases.reversed() }

  var format: snd_pcm_format_t {
    switch self {
    case .s16: SND_PCM_FORMAT_S16_LE
    case .s24Packed: SND_PCM_FORMAT_S24_3LE
    case .s24: SND_PCM_FORMAT_S24_LE
    case .s32: SND_PCM_FORMAT_S32_LE
    case .float: SND_PCM_FORMAT_FLOAT_LE
    }
  }

  var byteCount: Int {
    switch self {
    case .s16: 2
    case .s24Packed: 3
    case .s24, .s32, .float: 4
    }
  }

  /// Converts interleaved samples to the range -1 to 1, and keeps the first channels of each frame.
  ///
  /// - Parameters:
  ///   - samples: `frames` frames of `channels` samples each.
  ///   - kept: how many channels are kept.
  ///   - output: room for `frames` frames of `kept` samples each.
  func convert(
    _ samples: UnsafeRawPointer, channels: Int, keeping kept: Int, frames: Int, to output: UnsafeMutablePointer<Float>
  ) {
    let stride = channels * byteCount
    switch self {
    case .s16:
      Self.each(samples, stride, frames, kept, output) { base, channel in
        Float(Int16(littleEndian: base.loadUnaligned(fromByteOffset: 2 * channel, as: Int16.self))) / 0x8000
      }
    case .s24Packed:
      Self.each(samples, stride, frames, kept, output) { base, channel in
        let low = UInt32(UInt16(littleEndian: base.loadUnaligned(fromByteOffset: 3 * channel, as: UInt16.self)))
        let high = UInt32(base.load(fromByteOffset: 3 * channel + 2, as: UInt8.self))
        return Float(Int32(bitPattern: high << 24 | low << 8)) / 0x8000_0000
      }
    case .s24:
      Self.each(samples, stride, frames, kept, output) { base, channel in
        let sample = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: 4 * channel, as: UInt32.self))
        return Float(Int32(bitPattern: sample << 8)) / 0x8000_0000
      }
    case .s32:
      Self.each(samples, stride, frames, kept, output) { base, channel in
        Float(Int32(littleEndian: base.loadUnaligned(fromByteOffset: 4 * channel, as: Int32.self))) / 0x8000_0000
      }
    case .float:
      Self.each(samples, stride, frames, kept, output) { base, channel in
        let bits = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: 4 * channel, as: UInt32.self))
        let sample = Float(bitPattern: bits)
        // What is no number would silence every filter that it gets into.
        return sample.isNaN ? 0 : max(-1, min(1, sample))
      }
    }
  }

  @inline(__always)
  private static func each(
    _ samples: UnsafeRawPointer, _ stride: Int, _ frames: Int, _ kept: Int, _ output: UnsafeMutablePointer<Float>,
    _ sample: (UnsafeRawPointer, Int) -> Float
  ) {
    for frame in 0..<frames {
      let base = samples + frame * stride
      for channel in 0..<kept { output[frame * kept + channel] = sample(base, channel) }
    }
  }
}

extension SampleFormat {
  /// Converts samples of one channel in the range -1 to 1 to frames, with the same in the first two channels and silence
  /// in all others.
  ///
  /// - Parameters:
  ///   - samples: `frames` samples.
  ///   - output: room for `frames` frames of `channels` samples each.
  func write(
    _ samples: UnsafePointer<Float>, frames: Int, channels: Int, to output: UnsafeMutableRawPointer
  ) {
    memset(output, 0, frames * channels * byteCount)
    for frame in 0..<frames {
      let sample = max(-1, min(samples[frame], 1))
      for channel in 0..<min(channels, 2) {
        put(sample, to: output + (frame * channels + channel) * byteCount)
      }
    }
  }

  private func put(_ sample: Float, to bytes: UnsafeMutableRawPointer) {
    switch self {
    case .s16: bytes.storeBytes(of: Int16(sample * 0x7FFF).littleEndian, as: Int16.self)
    case .s24Packed:
      let value = UInt32(bitPattern: Int32(sample * 0x7F_FFFF))
      bytes.storeBytes(of: UInt16(truncatingIfNeeded: value).littleEndian, as: UInt16.self)
      bytes.storeBytes(of: UInt8(truncatingIfNeeded: value >> 16), toByteOffset: 2, as: UInt8.self)
    case .s24: bytes.storeBytes(of: Int32(sample * 0x7F_FFFF).littleEndian, as: Int32.self)
    case .s32: bytes.storeBytes(of: Int32(Double(sample) * 0x7FFF_FFFF).littleEndian, as: Int32.self)
    case .float: bytes.storeBytes(of: sample.bitPattern.littleEndian, as: UInt32.self)
    }
  }
}
