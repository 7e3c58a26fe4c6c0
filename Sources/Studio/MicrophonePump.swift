import Capture
import NIOCore
import Sound

/// The sound of a microphone, by the monotonic clock, which the card's follows.
///
/// The microphone is open while somebody listens. One that cannot be opened is tried again until then; one that is lost
/// gives silence until it is back.
final class MicrophonePump: SoundPump {
  typealias Open = () throws(MicrophoneError) -> MicrophoneSource

  /// In bits per second.
  private static let defaultBitrate = 32_000

  private let open: Open
  private let control: SoundControl
  private let bitrate: Int
  private let echo: EchoPath?
  private let onTrouble: (MicrophoneError?) -> Void
  private var source: MicrophoneSource?
  private var trouble: MicrophoneError?
  private var backOff = DoublingPause.soundCard
  private var counters = SoundCounters()
  /// Of the times before that the microphone was open.
  private var formerCounters = MicrophoneCounters()
  private var chain: Chain?
  /// What was learnt of the clocks of ``card`` and of the loudspeaker, when the card was last closed.
  private(set) var skew = ClockSkew()
  private var card: String?

  /// What fits the samples that the card gives, which may be others when it was plugged in again.
  fileprivate struct Chain: ~Copyable {
    var resampler: DriftResampler
    var encoder: SoundEncoder
    var cleaner: EchoCleaner?

    init(rate: Int, channels: Int, bitrate: Int, echo: EchoPath?, skew: ClockSkew) throws(SoundError) {
      resampler = DriftResampler(inputRate: rate, channelCount: channels)
      cleaner = echo.map { EchoCleaner($0, skew: skew) }
      // The echo is taken out of one channel.
      encoder = try SoundEncoder(
        .init(channels: echo == nil ? channels : 1, bitrate: bitrate, content: .voice))
    }
  }

  /// - Parameters:
  ///   - bitrate: in bits per second; nil for one that fits a voice.
  ///   - echo: what a loudspeaker plays beside the microphone; nil if there is none.
  ///   - open: opens it; is called on the sound thread.
  ///   - onTrouble: is called there with the reason why there is no sound, and with `nil` when there is sound again.
  init(
    bitrate: Int? = nil, without echo: EchoPath? = nil, until control: SoundControl,
    onTrouble: @escaping (MicrophoneError?) -> Void,
    open: @escaping Open
  ) {
    self.bitrate = bitrate ?? Self.defaultBitrate
    self.echo = echo
    self.open = open
    self.control = control
    self.onTrouble = onTrouble
  }

  func run(deliver: (EncodedSound, SoundCounters) -> Void) {
    while !control.isStopped {
      guard control.isListening else {
        close()
        control.wait()
        continue
      }
      guard let source = source ?? tryOpening() else {
        control.wait(backOff.next())
        continue
      }
      _ = source.nextBlock { samples, time in take(samples, of: source, at: time, deliver) }
      tell(source.trouble)
    }
    close()
  }

  private func tryOpening() -> MicrophoneSource? {
    do throws(MicrophoneError) {
      let source = try open()
      self.source = source
      backOff.reset()
      if source.card != card { (card, skew) = (source.card, ClockSkew()) }
    } catch {
      tell(error)
    }
    return source
  }

  /// What was recorded and not sent is gone with it.
  private func close() {
    source = nil
    endChain()
    formerCounters = counters.microphone
  }

  private func endChain() {
    if let cleaner = chain?.cleaner { skew = cleaner.skew }
    chain = nil
  }

  private func tell(_ new: MicrophoneError?) {
    guard new != trouble else { return }
    trouble = new
    onTrouble(new)
  }

  private func take(
    _ samples: UnsafeBufferPointer<Float>, of source: MicrophoneSource, at time: NIODeadline,
    _ deliver: (EncodedSound, SoundCounters) -> Void
  ) {
    if chain?.resampler.inputRate != source.sampleRate || chain?.resampler.channelCount != source.channelCount {
      endChain()
      chain = try? Chain(
        rate: source.sampleRate, channels: source.channelCount, bitrate: bitrate, echo: echo, skew: skew)
    }
    guard var chain = chain.take() else { return }
    counters.microphone = formerCounters + source.counters
    chain.encoder.follow(control)
    chain.push(samples, at: time, &counters, deliver)
    self.chain = consume chain
  }
}

extension MicrophonePump.Chain {
  fileprivate mutating func push(
    _ samples: UnsafeBufferPointer<Float>, at time: NIODeadline, _ counters: inout SoundCounters,
    _ deliver: (EncodedSound, SoundCounters) -> Void
  ) {
    counters.drift = resampler.drift
    let channels = resampler.channelCount
    resampler.push(samples, captureTime: time) { block, time, span in
      if let cleaner {
        cleaner.clean(block, channels: channels, at: time, span) { clean, time in
          counters.echoReturnLossEnhancement = cleaner.echoReturnLossEnhancement
          encoder.encode(clean, at: time, &counters, deliver)
        }
      } else {
        encoder.encode(block, at: time, &counters, deliver)
      }
    }
  }
}

extension SoundEncoder {
  fileprivate mutating func encode(
    _ block: UnsafeBufferPointer<Float>, at time: NIODeadline, _ counters: inout SoundCounters,
    _ deliver: (EncodedSound, SoundCounters) -> Void
  ) {
    counters.add(block)
    guard let data = try? encode(block) else { return }
    deliver(EncodedSound(data: data, captureTime: time), counters)
  }
}
