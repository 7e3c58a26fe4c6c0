import CSpeexDSP
import NIOCore

/// Converts blocks of one channel by the monotonic clock to the samples of a card, whose clock is its own: what waits in
/// the card's buffer stays the same by a slow loop (``DriftLoop``).
package struct PlaybackResampler: ~Copyable {
  package let outputRate: Int

  private let resampler: OpaquePointer
  private let output: UnsafeMutableBufferPointer<Float>
  private var loop = DriftLoop()
  /// The input frames for each output frame, as the resampler has them.
  private var ratio: Double

  /// The largest prime below 2¹⁶, as in ``DriftResampler``.
  private static let denominator: UInt32 = 65_521
  private static let quality: Int32 = 4

  /// - Parameter outputRate: in hertz, from 8000 to 96000.
  package init(outputRate: Int) {
    precondition((8_000...96_000).contains(outputRate), "a mode that loudspeakers have")
    self.outputRate = outputRate
    let numerator = Self.numerator(outputRate, correction: 0)
    ratio = Double(numerator) / Double(Self.denominator)
    var status: Int32 = 0
    let resampler = speex_resampler_init_frac(
      1, numerator, Self.denominator, UInt32(SoundBlock.sampleRate),
      UInt32(outputRate), Self.quality, &status)
    guard let resampler, Int(status) == RESAMPLER_ERR_SUCCESS else { preconditionFailure("there is memory") }
    self.resampler = resampler
    // A block is 20 ms; the correction makes it longer by a sample or two.
    output = .allocate(capacity: outputRate / 50 + 16)
  }

  deinit {
    speex_resampler_destroy(resampler)
    output.deallocate()
  }

  /// The drift of the card's clock, in parts per million: above 0 if it is too fast.
  package var drift: Double { loop.drift }
  /// How long the last block is by the card's clock, in seconds: its samples are a whole number only in the mean.
  package var blockDuration: Double { Double(SoundBlock.samples) / ratio / Double(outputRate) }
  /// By how much its filter delays the sound.
  package var latency: TimeAmount {
    .nanoseconds(Int64(speex_resampler_get_input_latency(resampler)) * 1_000_000_000 / Int64(SoundBlock.sampleRate))
  }

  /// The input frames for each output frame. A card that has too much is given less.
  private static func numerator(_ outputRate: Int, correction: Double) -> UInt32 {
    let numerator = UInt32(
      (Double(SoundBlock.sampleRate) / Double(outputRate) / (1 + correction) * Double(denominator)).rounded())
    return numerator.isMultiple(of: denominator) ? numerator + 1 : numerator
  }

  /// Converts a block and lends the result.
  ///
  /// - Parameter surplus: how much more waits in the card's buffer than is to, in seconds.
  package mutating func convert<R>(
    _ block: UnsafeBufferPointer<Float>, surplus: Double, _ body: (UnsafeBufferPointer<Float>) throws -> R
  ) rethrows -> R {
    if loop.add(offset: surplus, duration: Double(block.count) / Double(SoundBlock.sampleRate)) {
      let numerator = Self.numerator(outputRate, correction: loop.correction)
      speex_resampler_set_rate_frac(
        resampler, numerator, Self.denominator, UInt32(SoundBlock.sampleRate), UInt32(outputRate))
      ratio = Double(numerator) / Double(Self.denominator)
    }
    var (taken, made) = (UInt32(block.count), UInt32(output.count))
    speex_resampler_process_float(resampler, 0, block.baseAddress!, &taken, output.baseAddress!, &made)
    return try body(UnsafeBufferPointer(rebasing: output[..<Int(made)]))
  }
}
