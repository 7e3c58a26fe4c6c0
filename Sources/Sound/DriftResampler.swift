import CSpeexDSP
import NIOCore

/// Converts the sound of a card, whose clock is its own, to blocks of 20 ms at 48 kHz by the monotonic clock.
///
/// The times of the blocks are exactly 20 ms apart. What the card captured at a time is in the block of that time, with
/// an offset that a slow loop (``DriftLoop``) keeps small by changing the ratio of the resampler. Where samples were
/// lost, silence takes their place; after a longer interruption the times begin anew.
package struct DriftResampler: ~Copyable {
  package let inputRate: Int
  package let channelCount: Int
  /// How much later the last samples were captured than their time says, in seconds.
  package private(set) var offset = 0.0

  private let resampler: OpaquePointer
  private let output: UnsafeMutableBufferPointer<Float>
  private let silence: UnsafeMutableBufferPointer<Float>
  private var loop = DriftLoop()
  /// The input frames for each output frame, as the resampler has them: a multiple of 1 / `denominator`.
  private var ratio: Double
  /// The time of the first frame of the next block; nil before the first input.
  private var blockTime: NIODeadline?
  /// The frames of the next block that are there.
  private var filled = 0
  /// The place of the next output frame in the input, relative to the next input frame.
  private var place = 0.0
  /// The time of the first input frame, and the input frames since then.
  private var epoch = NIODeadline.distantPast
  private var framesTaken = 0
  /// How much later than by their count the last samples were captured, in seconds.
  private var lag = 0.0
  /// Where the next block begins, in input frames.
  private var blockStart = 0.0

  /// The largest prime below 2¹⁶: the resampler multiplies two denominators in 32 bits. The steps of 15 ppm (of
  /// 92 ppm from 8 kHz) are evened out by the loop.
  private static let denominator: UInt32 = 65_521
  /// Of speexdsp's 0 to 10: its noise is below that of 16 bits.
  private static let quality: Int32 = 3
  /// A larger offset is no drift: samples were lost.
  private static let largestOffset = 0.015
  private static let longestSilence = 1.0

  /// - Parameters:
  ///   - inputRate: in hertz, from 8000 to 96000.
  ///   - channelCount: one or two.
  package init(inputRate: Int, channelCount: Int) {
    precondition((8_000...96_000).contains(inputRate) && (1...2).contains(channelCount), "a mode that microphones have")
    self.inputRate = inputRate
    self.channelCount = channelCount
    let numerator = Self.numerator(inputRate, correction: 0)
    ratio = Double(numerator) / Double(Self.denominator)
    var status: Int32 = 0
    let resampler = speex_resampler_init_frac(
      UInt32(channelCount), numerator, Self.denominator, UInt32(inputRate), UInt32(SoundBlock.sampleRate), Self.quality,
      &status)
    guard let resampler, Int(status) == RESAMPLER_ERR_SUCCESS else { preconditionFailure("there is memory") }
    self.resampler = resampler
    // Its first output is then the first input, and not the zeros that its filter begins with.
    speex_resampler_skip_zeros(resampler)
    output = .allocate(capacity: SoundBlock.samples * channelCount)
    silence = .allocate(capacity: inputRate / 100 * channelCount)
    silence.initialize(repeating: 0)
  }

  deinit {
    speex_resampler_destroy(resampler)
    output.deallocate()
    silence.deallocate()
  }

  /// The input frames that complete the next block and no other, also if the ratio changes before.
  package var missingFrames: Int {
    let last = place + Double(SoundBlock.samples - 1 - filled) * ratio
    return max(0, Int(last + Double(speex_resampler_get_input_latency(resampler)))) + 2
  }

  /// The drift of the card's clock, in parts per million: above 0 if it is too fast.
  package var drift: Double { loop.drift }

  private static func numerator(_ inputRate: Int, correction: Double) -> UInt32 {
    let numerator = UInt32(
      (Double(inputRate) / Double(SoundBlock.sampleRate) * (1 + correction) * Double(denominator)).rounded())
    // The resampler shortens the fraction, and a whole one makes it forget where between two samples it is.
    return numerator.isMultiple(of: denominator) ? numerator + 1 : numerator
  }

  /// Takes samples and lends each block that they complete.
  ///
  /// - Parameters:
  ///   - samples: interleaved.
  ///   - captureTime: of the first.
  ///   - body: takes the interleaved samples of a block, the time of the first, and where they are by the card's clock.
  package mutating func push(
    _ samples: UnsafeBufferPointer<Float>, captureTime: NIODeadline,
    _ body: (UnsafeBufferPointer<Float>, NIODeadline, CardSpan) throws -> Void
  ) rethrows {
    var rest = samples[..<(samples.count / channelCount * channelCount)]
    measure(captureTime)
    if abs(offset) > Self.largestOffset {
      let lost = Int((offset * Double(inputRate)).rounded())
      if offset > Self.longestSilence {
        startOver(at: captureTime)
      } else if lost > 0 {
        try fill(lost, body)
      } else {
        // What is there twice is left out.
        rest = rest.dropFirst(-lost * channelCount)
      }
      offset = 0
    } else if loop.add(offset: offset, duration: Double(rest.count / channelCount) / Double(inputRate)) {
      let numerator = Self.numerator(inputRate, correction: loop.correction)
      speex_resampler_set_rate_frac(
        resampler, numerator, Self.denominator, UInt32(inputRate), UInt32(SoundBlock.sampleRate))
      ratio = Double(numerator) / Double(Self.denominator)
    }
    let skipped = (rest.startIndex - samples.startIndex) / channelCount
    lag = Double((captureTime - epoch).nanoseconds) / 1e9 + Double(skipped - framesTaken) / Double(inputRate)
    try resample(UnsafeBufferPointer(rebasing: rest), body)
  }

  /// Compares the time of what comes next with the time that it is about to be given.
  private mutating func measure(_ captureTime: NIODeadline) {
    guard let blockTime else {
      (self.blockTime, epoch) = (captureTime, captureTime)
      offset = 0
      return
    }
    let captured = Double((captureTime - blockTime).nanoseconds) / 1e9 + place / Double(inputRate)
    offset = captured - Double(filled) / Double(SoundBlock.sampleRate)
  }

  /// The block that was begun is given up.
  private mutating func startOver(at captureTime: NIODeadline) {
    blockTime = captureTime - .nanoseconds(Int64(-place / Double(inputRate) * 1e9))
    (epoch, framesTaken) = (captureTime, 0)
    (filled, blockStart) = (0, place)
  }

  private mutating func fill(
    _ frames: Int, _ body: (UnsafeBufferPointer<Float>, NIODeadline, CardSpan) throws -> Void
  ) rethrows {
    var rest = frames
    while rest > 0 {
      let count = min(rest, silence.count / channelCount)
      try resample(UnsafeBufferPointer(rebasing: silence[..<(count * channelCount)]), body)
      rest -= count
    }
  }

  private mutating func resample(
    _ samples: UnsafeBufferPointer<Float>, _ body: (UnsafeBufferPointer<Float>, NIODeadline, CardSpan) throws -> Void
  ) rethrows {
    var used = 0
    let frames = samples.count / channelCount
    while used < frames {
      var (taken, made) = (UInt32(frames - used), UInt32(SoundBlock.samples - filled))
      speex_resampler_process_interleaved_float(
        resampler, samples.baseAddress! + used * channelCount, &taken,
        output.baseAddress! + filled * channelCount, &made)
      used += Int(taken)
      filled += Int(made)
      place += Double(made) * ratio - Double(taken)
      framesTaken += Int(taken)
      guard filled == SoundBlock.samples else { continue }
      let time = blockTime!
      filled = 0
      blockTime = time + SoundBlock.duration
      let end = Double(framesTaken) + place
      let span = CardSpan(
        epoch: epoch, start: blockStart / Double(inputRate), duration: (end - blockStart) / Double(inputRate), lag: lag)
      blockStart = end
      try body(UnsafeBufferPointer(output), time, span)
    }
  }
}
