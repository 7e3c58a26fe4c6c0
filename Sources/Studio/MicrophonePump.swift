import Capture
import NIOCore
import Sound

/// The sound of a microphone, by the monotonic clock, which the card's follows.
///
/// The microphone is open while somebody listens. One that cannot be opened is tried again until then; one that is lost
/// gives silence until it is back.
final class MicrophonePump: SoundPump {
  typealias Open = () throws(MicrophoneError) -> MicrophoneSource
  typealias MakeEncoder = (OpusEncoder.Configuration) throws(SoundError) -> SoundEncoder

  /// In bits per second.
  private static let defaultBitrate = 32_000

  private let open: Open
  private let control: SoundControl
  private let bitrate: Int
  private let echo: EchoPath?
  private let makeEncoder: MakeEncoder
  private let onTrouble: (MicrophoneError?) -> Void
  private var source: MicrophoneSource?
  private var trouble: MicrophoneError?
  /// Why what is recorded cannot be encoded; nil if it can.
  private var fault: SoundError?
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

    init(
      rate: Int, channels: Int, bitrate: Int, echo: EchoPath?, skew: ClockSkew, makeEncoder: MakeEncoder
    ) throws(SoundError) {
      resampler = DriftResampler(inputRate: rate, channelCount: channels)
      cleaner = echo.map { EchoCleaner($0, skew: skew) }
      // The echo is taken out of one channel.
      encoder = try makeEncoder(
        .init(channels: echo == nil ? channels : 1, bitrate: bitrate, content: .voice))
    }
  }

  /// - Parameters:
  ///   - bitrate: in bits per second; nil for one that fits a voice.
  ///   - echo: what a loudspeaker plays beside the microphone; nil if there is none.
  ///   - trouble: what was told last of the same microphone, and is not told again.
  ///   - makeEncoder: makes the encoder; is called on the sound thread.
  ///   - open: opens the microphone; is called there, too.
  ///   - onTrouble: is called there with the reason why there is no sound, and with `nil` when there is sound again.
  init(
    bitrate: Int? = nil, without echo: EchoPath? = nil, until control: SoundControl,
    after trouble: MicrophoneError? = nil, makeEncoder: @escaping MakeEncoder = { try SoundEncoder($0) },
    onTrouble: @escaping (MicrophoneError?) -> Void,
    open: @escaping Open
  ) {
    self.bitrate = bitrate ?? Self.defaultBitrate
    self.echo = echo
    self.open = open
    self.control = control
    self.trouble = trouble
    self.makeEncoder = makeEncoder
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
      let frames = chain?.resampler.missingFrames ?? .max
      let isTaken =
        source.nextBlock(of: frames) { samples, time in take(samples, of: source, at: time, deliver) } != nil
      // Before there is a block nobody knows whether it can be encoded.
      guard isTaken || source.trouble != nil else { continue }
      tell(source.trouble ?? fault.map { .failed(card: source.card, reason: "its sound cannot be encoded: \($0)") })
      if chain == nil, fault != nil {
        close()
        control.wait(backOff.next())
      }
    }
    close()
  }

  private func tryOpening() -> MicrophoneSource? {
    do throws(MicrophoneError) {
      let source = try open()
      self.source = source
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
    fault = nil
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
      do throws(SoundError) {
        chain = try Chain(
          rate: source.sampleRate, channels: source.channelCount, bitrate: bitrate, echo: echo, skew: skew,
          makeEncoder: makeEncoder)
        backOff.reset()
      } catch {
        fault = error
      }
    }
    guard var chain = chain.take() else { return }
    counters.microphone = formerCounters + source.counters
    chain.encoder.follow(control)
    fault = chain.push(samples, at: time, &counters, deliver)
    self.chain = consume chain
  }
}

extension MicrophonePump.Chain {
  /// - Returns: why a block could not be encoded; nil if all could.
  fileprivate mutating func push(
    _ samples: UnsafeBufferPointer<Float>, at time: NIODeadline, _ counters: inout SoundCounters,
    _ deliver: (EncodedSound, SoundCounters) -> Void
  ) -> SoundError? {
    var failure: SoundError?
    counters.drift = resampler.drift
    let channels = resampler.channelCount
    resampler.push(samples, captureTime: time) { block, time, span in
      if let cleaner {
        cleaner.clean(block, channels: channels, at: time, span) { clean, time in
          counters.echoReturnLossEnhancement = cleaner.echoReturnLossEnhancement
          encoder.encode(clean, at: time, &counters, &failure, deliver)
        }
      } else {
        encoder.encode(block, at: time, &counters, &failure, deliver)
      }
    }
    return failure
  }
}

extension SoundEncoder {
  fileprivate mutating func encode(
    _ block: UnsafeBufferPointer<Float>, at time: NIODeadline, _ counters: inout SoundCounters,
    _ failure: inout SoundError?, _ deliver: (EncodedSound, SoundCounters) -> Void
  ) {
    counters.add(block)
    do throws(SoundError) {
      deliver(EncodedSound(data: try encode(block), captureTime: time), counters)
    } catch {
      failure = error
    }
  }
}
