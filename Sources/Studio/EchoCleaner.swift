import NIOCore
import Sound

/// Takes what a loudspeaker plays out of the microphone's sound, which becomes one channel.
final class EchoCleaner {
  private let path: EchoPath
  private var canceller = EchoCanceller()
  private var reference: EchoReference
  private let captured: UnsafeMutableBufferPointer<Float>
  private let played: UnsafeMutableBufferPointer<Float>

  /// The reference leads by that, in seconds, as an echo cannot be cancelled that comes before it: the times of cards are
  /// known to some milliseconds.
  private static let lead = 0.015

  /// - Parameter skew: what is known of the clocks of the microphone and the loudspeaker.
  init(_ path: EchoPath, skew: ClockSkew = ClockSkew()) {
    self.path = path
    reference = EchoReference(skew: skew)
    captured = .allocate(capacity: SoundBlock.samples)
    played = .allocate(capacity: SoundBlock.samples)
    played.initialize(repeating: 0)
  }

  deinit {
    captured.deallocate()
    played.deallocate()
  }

  var skew: ClockSkew { reference.skew }

  /// In decibels; nil before anything was played.
  var echoReturnLossEnhancement: Double? { canceller.echoReturnLossEnhancement }

  /// - Parameters:
  ///   - block: interleaved.
  ///   - time: of its first sample.
  ///   - span: where it is by the clock of the microphone.
  ///   - body: takes the result and the time of its first sample.
  func clean(
    _ block: UnsafeBufferPointer<Float>, channels: Int, at time: NIODeadline, _ span: CardSpan,
    _ body: (UnsafeBufferPointer<Float>, NIODeadline) -> Void
  ) {
    path.take { reference.append($0) }
    for index in 0..<SoundBlock.samples {
      var sum: Float = 0
      for channel in 0..<channels { sum += block[index * channels + channel] }
      captured[index] = sum / Float(channels)
    }
    reference.copy(from: span, lead: Self.lead, into: played)
    canceller.process(captured, played: UnsafeBufferPointer(played))
    body(UnsafeBufferPointer(captured), time - EchoCanceller.delay)
  }
}
