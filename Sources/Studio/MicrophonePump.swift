import Capture
import NIOCore
import Sound

/// The sound of a microphone, by the monotonic clock, which the card's follows.
final class MicrophonePump: SoundPump {
  /// In bits per second.
  private static let bitrate = 32_000

  private let source: MicrophoneSource
  private let control: EncoderControl
  private var chain: Chain?

  /// What fits the samples that the card gives, which may be others when it was plugged in again.
  fileprivate struct Chain: ~Copyable {
    var resampler: DriftResampler
    var encoder: OpusEncoder

    init(rate: Int, channels: Int) throws(SoundError) {
      resampler = DriftResampler(inputRate: rate, channelCount: channels)
      encoder = try OpusEncoder(
        .init(channels: channels, bitrate: MicrophonePump.bitrate, content: .voice))
      encoder.setPacketLoss(MicrophonePump.expectedLoss)
    }
  }

  /// - Parameter control: says when the pictures end.
  init(_ source: MicrophoneSource, until control: EncoderControl) {
    self.source = source
    self.control = control
  }

  func run(deliver: (EncodedSound) -> Void) {
    while !control.isStopped {
      _ = source.nextBlock { samples, time in take(samples, at: time, deliver) }
    }
  }

  private func take(
    _ samples: UnsafeBufferPointer<Float>, at time: NIODeadline, _ deliver: (EncodedSound) -> Void
  ) {
    if chain?.resampler.inputRate != source.sampleRate || chain?.resampler.channelCount != source.channelCount {
      chain = try? Chain(rate: source.sampleRate, channels: source.channelCount)
    }
    guard var chain = chain.take() else { return }
    chain.push(samples, at: time, deliver)
    self.chain = consume chain
  }
}

extension MicrophonePump.Chain {
  fileprivate mutating func push(
    _ samples: UnsafeBufferPointer<Float>, at time: NIODeadline, _ deliver: (EncodedSound) -> Void
  ) {
    resampler.push(samples, captureTime: time) { block, time in
      guard let data = try? encoder.encode(block) else { return }
      deliver(EncodedSound(data: data, captureTime: time))
    }
  }
}
