import CSpeexDSP
import Glibc
import NIOCore

/// Takes what a loudspeaker plays out of what a microphone hears, by speexdsp's adaptive filter and its suppression of
/// the residual echo, in blocks of 20 ms of one channel.
///
/// Until the filter has converged, and where it cannot, the microphone's sound is made weak while the loudspeaker plays
/// (half-duplex), since whoever speaks would hear their own voice.
///
/// While the loudspeaker is silent for longer than any echo lasts, the microphone's sound is only delayed: the filter costs
/// more computing time than the encoder. Its state stays what it was, as it learns nothing from silence.
package struct EchoCanceller: ~Copyable {
  /// By how much the output is later than the input: the suppression works on overlapping frames.
  package static let delay = TimeAmount.nanoseconds(
    Int64(frame) * 1_000_000_000 / Int64(SoundBlock.sampleRate))

  /// Whether the echo is weak enough for both sides to speak at a time.
  package private(set) var isConverged = false

  private let echo: OpaquePointer
  private let preprocessor: OpaquePointer
  private let captured: UnsafeMutableBufferPointer<Int16>
  private let played: UnsafeMutableBufferPointer<Int16>
  private let output: UnsafeMutableBufferPointer<Int16>
  /// What was captured one frame before.
  private let former: UnsafeMutableBufferPointer<Int16>
  /// What the last frame is to be multiplied with, which changes slowly, so that it does not click.
  private var gain: Float = 1
  /// The smoothed energies while something is played.
  private var energies = (played: 0.0, captured: 0.0, output: 0.0)
  private var envelope = EchoEnvelope()
  private var framesPlayed = 0
  private var framesSincePlayed = Int.max
  /// The frames of silence in succession that were played, up to ``hangover``.
  private var silentFrames = Self.hangover

  /// 10 ms: "should correspond to 10-20 ms" (speex_echo.h).
  private static let frame = 480
  /// The longest echo: 200 ms, of which the way through the cards takes some.
  private static let tail = 20 * frame
  /// The echo is heard for a while after what is played has ended, and is in the filter for as long as ``tail``.
  private static let hangover = 30
  /// What is less is 0 in 16 bits.
  private static let leastSample: Float = 1 / 0x7FFF
  /// The mean energy of a sample that is no silence: -50 dB below full scale.
  private static let audible = 1e-5
  private static let smoothing = 0.02
  /// By 10 dB: a voice that comes back so much weaker, and by the way through the room, does not disturb.
  private static let leastEnhancement = 10.0
  /// What comes back at a thousandth of the energy is converged whatever it is of.
  private static let leastLoss = 1e3
  private static let leastFrames = 50
  /// After 5 s the filter knows the room: if there is no echo none of the energies tells so, but ``EchoEnvelope``.
  private static let mostFrames = 500
  /// An echo that is not taken away correlates by 0.7 and more, and what has nothing to do with it by half of this.
  private static let leastCorrelation = 0.55
  private static let duckedGain: Float = 0.03

  package init() {
    guard let echo = speex_echo_state_init(Int32(Self.frame), Int32(Self.tail)),
      let preprocessor = speex_preprocess_state_init(Int32(Self.frame), Int32(SoundBlock.sampleRate))
    else { preconditionFailure("there is memory") }
    self.echo = echo
    self.preprocessor = preprocessor
    captured = .allocate(capacity: Self.frame)
    played = .allocate(capacity: Self.frame)
    output = .allocate(capacity: Self.frame)
    former = .allocate(capacity: Self.frame)
    played.initialize(repeating: 0)
    former.initialize(repeating: 0)
    var rate = Int32(SoundBlock.sampleRate)
    speex_echo_ctl(echo, SPEEX_ECHO_SET_SAMPLING_RATE, &rate)
    speex_preprocess_ctl(preprocessor, SPEEX_PREPROCESS_SET_ECHO_STATE, UnsafeMutableRawPointer(echo))
    // The suppression of noise is needed for that of the echo. By itself it would make a room sound dead.
    var noise: Int32 = 0
    speex_preprocess_ctl(preprocessor, SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, &noise)
  }

  deinit {
    speex_preprocess_state_destroy(preprocessor)
    speex_echo_state_destroy(echo)
    captured.deallocate()
    played.deallocate()
    output.deallocate()
    former.deallocate()
  }

  /// How much the echo is weakened, in decibels: echoReturnLossEnhancement of W3C webrtc-stats. It is smaller than that
  /// while somebody speaks in the room; nil before anything was played.
  package var echoReturnLossEnhancement: Double? {
    guard energies.output > 0, energies.captured > 0 else { return nil }
    return 10 * log10(energies.captured / energies.output)
  }

  /// Cancels the echo in a block.
  ///
  /// - Parameters:
  ///   - block: what was captured, in place of which the result is written, which is later by ``delay``.
  ///   - reference: what was played at the same time.
  package mutating func process(
    _ block: UnsafeMutableBufferPointer<Float>, played reference: UnsafeBufferPointer<Float>
  ) {
    precondition(block.count == SoundBlock.samples && reference.count == SoundBlock.samples, "one block at a time")
    for start in stride(from: 0, to: SoundBlock.samples, by: Self.frame) {
      let range = start..<start + Self.frame
      process(
        frame: UnsafeMutableBufferPointer(rebasing: block[range]),
        UnsafeBufferPointer(rebasing: reference[range]))
    }
  }

  private mutating func process(
    frame: UnsafeMutableBufferPointer<Float>, _ reference: UnsafeBufferPointer<Float>
  ) {
    Self.convert(UnsafeBufferPointer(frame), to: captured)
    let wasIdle = isIdle
    let isSilent = reference.allSatisfy { abs($0) < Self.leastSample }
    silentFrames = isSilent ? min(silentFrames + 1, Self.hangover) : 0
    // The suppression works on what came last: it is to be the frame before, and not the last one before the pause.
    if wasIdle, !isIdle { cancel(former) }
    Self.convert(reference, to: played)
    if wasIdle, isIdle {
      _ = output.update(fromContentsOf: former)
    } else {
      cancel(captured)
      if isIdle { fade(output, to: former) } else if wasIdle { fade(former, to: output) }
    }
    _ = former.update(fromContentsOf: captured)
    measure()
    let ducks = !isConverged && framesSincePlayed < Self.hangover
    let wanted = ducks ? Self.duckedGain : 1
    let step = (wanted - gain) / Float(Self.frame)
    for index in 0..<Self.frame {
      gain += step
      frame[index] = Float(output[index]) / 0x8000 * gain
    }
    gain = wanted
  }

  /// Whether there is no echo.
  private var isIdle: Bool { silentFrames == Self.hangover }

  /// Leaves in ``output`` what is left of the frame before this one.
  private func cancel(_ frame: UnsafeMutableBufferPointer<Int16>) {
    speex_echo_cancellation(echo, frame.baseAddress!, played.baseAddress!, output.baseAddress!)
    speex_preprocess_run(preprocessor, output.baseAddress!)
  }

  /// Leaves in ``output`` what begins as the first and ends as the second, so that it does not click: the filter takes a
  /// microphone's constant offset away as well.
  private func fade(_ first: UnsafeMutableBufferPointer<Int16>, to second: UnsafeMutableBufferPointer<Int16>) {
    for index in 0..<Self.frame {
      let (start, end) = (Int(first[index]), Int(second[index]))
      output[index] = Int16(start + (end - start) * index / Self.frame)
    }
  }

  private mutating func measure() {
    let loudness = Self.energy(played)
    if loudness > Self.audible {
      framesSincePlayed = 0
      framesPlayed += 1
    } else if framesSincePlayed < Self.hangover {
      framesSincePlayed += 1
    }
    guard framesSincePlayed < Self.hangover else { return }
    let left = Self.energy(output)
    envelope.add(played: loudness, left: left)
    guard loudness > Self.audible else { return }
    energies.played += (loudness - energies.played) * Self.smoothing
    energies.captured += (Self.energy(captured) - energies.captured) * Self.smoothing
    energies.output += (left - energies.output) * Self.smoothing
    if framesPlayed > Self.leastFrames,
      energies.captured > Self.leastEnhancement * energies.output
        || energies.played > Self.leastLoss * energies.output
    {
      isConverged = true
    } else if framesPlayed >= Self.mostFrames {
      isConverged = envelope.correlation < Self.leastCorrelation
    }
  }

  /// Of a sample in the mean, where full scale is 1.
  private static func energy(_ samples: UnsafeMutableBufferPointer<Int16>) -> Double {
    var sum = 0.0
    for sample in samples { sum += Double(sample) * Double(sample) }
    return sum / Double(samples.count) / (0x8000 * 0x8000)
  }

  private static func convert(_ samples: UnsafeBufferPointer<Float>, to result: UnsafeMutableBufferPointer<Int16>) {
    for index in result.indices { result[index] = Int16(max(-1, min(samples[index], 1)) * 0x7FFF) }
  }
}
