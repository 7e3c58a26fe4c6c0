import Glibc
import NIOCore
import Sound

/// The interruptions of a loudspeaker's sound.
package struct SpeakerCounters: Sendable, Equatable {
  /// The times that there was nothing to play because the writer was late (`-EPIPE`).
  package var underruns = 0
  /// The times that the card was unplugged, hung, or failed.
  package var losses = 0
  /// The blocks that were not played because there was no card, or because it took none.
  package var blocksDropped = 0

  package init(underruns: Int = 0) {
    self.underruns = underruns
  }
}

/// What a loudspeaker has played, named as in RTCAudioPlayoutStats of W3C webrtc-stats.
package struct SpeakerPlayout: Sendable, Equatable {
  /// For one channel.
  package var totalSamplesCount = 0
  /// The seconds from the time that a sample was given to the card until it is heard, over all samples.
  package var totalPlayoutDelay = 0.0

  package init() {}
}

/// An ALSA playback device that plays blocks of 20 ms at the pace of the monotonic clock. While the card is unplugged
/// blocks are dropped, and the card is looked for under its identifier. It is used by one thread at a time.
package final class SpeakerOutput {
  package private(set) var counters = SpeakerCounters()
  package private(set) var playout = SpeakerPlayout()
  /// Why nothing is played; nil if nothing prevents it.
  package private(set) var trouble: SpeakerError?
  /// The identifier and the name of the card.
  package var card: String { found.id }
  package var name: String { found.name }
  /// In hertz.
  package var sampleRate: Int { resampler.outputRate }
  package private(set) var channelCount: Int
  /// The drift of the card's clock, in parts per million: above 0 if it is too fast.
  package var drift: Double { resampler.drift }

  private let wanted: SoundCardName
  private let found: SoundCard
  private let directory: SoundDirectory
  private let time: MicrophoneClock
  private var stream: SpeakerStream?
  private var resampler: PlaybackResampler
  private var retry: NIODeadline
  private var backOff = DoublingPause.soundCard

  /// The blocks in succession that the card did not take.
  private var refusals = 0

  /// When the first block after the last interruption was heard, and how much was played since then, in seconds of the
  /// card's clock.
  private var epoch = NIODeadline.distantPast
  private var played = 0.0
  private var lag = 0.0

  /// A difference of a period and more than this is an interruption.
  private static let tolerance = TimeAmount.milliseconds(5)
  /// A second: the buffer of a card that plays is never full for so long.
  private static let mostRefusals = 50

  /// Opens the card.
  ///
  /// - Parameter name: a card's identifier or number, with the number of a device after a comma; nil for the first that
  ///   plays.
  /// - Throws: `SpeakerError`.
  package convenience init(_ name: String?) throws(SpeakerError) {
    try self.init(name, in: SoundDirectory(), .monotonic)
  }

  init(_ name: String?, in directory: SoundDirectory, _ time: MicrophoneClock) throws(SpeakerError) {
    do throws(MicrophoneError) {
      let opened =
        if let name { try SpeakerStream.open(SoundCardName(name), in: directory) } else {
          try SpeakerStream.openFirst(of: SoundCard.all(), in: directory)
        }
      found = opened.device.card
      wanted = SoundCardName(card: found.id, device: opened.device.number)
      resampler = PlaybackResampler(outputRate: opened.mode.rate)
      channelCount = opened.mode.channels
      stream = consume opened
    } catch {
      throw SpeakerError(error)
    }
    self.directory = directory
    self.time = time
    retry = time.now()
  }

  /// Plays a block of one channel at 48 kHz after what was given before.
  ///
  /// - Returns: where it will be heard; nil if it will not.
  package func play(_ block: UnsafeBufferPointer<Float>) -> CardSpan? {
    if stream == nil, time.now() >= retry { reopen() }
    guard stream != nil else {
      counters.blocksDropped += 1
      return nil
    }
    let queue = stream?.queue() ?? nil
    let surplus = queue.map { Double($0.surplus.nanoseconds) / 1e9 } ?? 0
    let outcome = resampler.convert(block, surplus: surplus) { stream!.play($0) }
    switch outcome {
    case .played:
      refusals = 0
      // A card that hangs takes what fits into its buffer.
      if queue?.hasPlayed == true {
        trouble = nil
        backOff.reset()
      }
    case .underrun: counters.underruns += 1
    // A suspended one begins anew by itself.
    case .full, .suspended:
      refusals += 1
      if refusals < Self.mostRefusals {
        counters.blocksDropped += 1
      } else {
        lose(.hung(card: card))
      }
      return nil
    case .failed(let code):
      lose(.lost(card: card, reason: String(cString: strerror(code))))
      return nil
    }
    let delay = (queue?.delay ?? firstDelay) + resampler.latency
    playout.totalSamplesCount += block.count
    playout.totalPlayoutDelay += Double(delay.nanoseconds) / 1e9 * Double(block.count)
    return span(heardAt: time.now() + delay)
  }

  /// The time until the block that the device was started with is heard.
  private var firstDelay: TimeAmount {
    let queue = stream?.queue() ?? nil
    return (queue?.delay ?? .zero) - .nanoseconds(Int64(resampler.blockDuration * 1e9))
  }

  /// Places a block after the one before unless it was interrupted. Drivers tell their delay by steps of a millisecond or
  /// of a period, which the sound itself does not make.
  private func span(heardAt measured: NIODeadline) -> CardSpan {
    let former = lag
    lag = Double((measured - epoch).nanoseconds) / 1e9 - played
    let largestStep = Self.tolerance + (stream?.periodTime ?? .zero)
    if abs(lag - former) > Double(largestStep.nanoseconds) / 1e9 { (epoch, played, lag) = (measured, 0, 0) }
    defer { played += resampler.blockDuration }
    return CardSpan(epoch: epoch, start: played, duration: resampler.blockDuration, lag: lag)
  }

  /// Stops until there is more to be played.
  package func pause() {
    stream?.stop()
  }

  private func lose(_ cause: SpeakerError) {
    stream = nil
    refusals = 0
    trouble = cause
    counters.losses += 1
    counters.blocksDropped += 1
    retry = time.now() + backOff.next()
  }

  /// Tries once to open the card. Another card that has the identifier now is not taken for it.
  private func reopen() {
    do throws(MicrophoneError) {
      let opened = try SpeakerStream.open(wanted, in: directory)
      guard opened.device.card.name == found.name else { throw .noSuchCard(found.id) }
      resampler = PlaybackResampler(outputRate: opened.mode.rate)
      channelCount = opened.mode.channels
      stream = consume opened
    } catch {
      // That it is gone is known already.
      if case .noSuchCard = error {} else { trouble = SpeakerError(error) }
      retry = time.now() + backOff.next()
    }
  }
}
