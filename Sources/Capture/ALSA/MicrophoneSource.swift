import Glibc
import NIOCore

/// The sound of an ALSA recording device in blocks of about 20 ms. While the card is unplugged or silent, silence is
/// lent instead, and the card is looked for under its identifier. It is used by one thread at a time.
package final class MicrophoneSource {
  /// The samples per second, which may change when a card returns.
  package var sampleRate: Int { mode.rate }
  /// One or two, which may change when a card returns.
  package var channelCount: Int { mode.keptChannels }
  package private(set) var counters = MicrophoneCounters()
  /// Why there is silence in place of the microphone's sound; nil if there is sound.
  package private(set) var trouble: MicrophoneError?

  /// The identifier and the name of the card.
  package var card: String { found.id }
  package var name: String { found.name }

  private let wanted: SoundCardName
  private let found: SoundCard
  private let directory: SoundDirectory
  private let time: MicrophoneClock
  private var stream: MicrophoneStream?
  private var mode: PCMMode
  private var samples: UnsafeMutableBufferPointer<Float>
  /// When the next sample is due.
  private var next: NIODeadline
  /// When sound last came, or the card was opened.
  private var heard: NIODeadline
  private var retry: NIODeadline
  private var backOff = DoublingPause.soundCard

  /// The time without a sample after which a card is considered stuck.
  private static let patience = TimeAmount.seconds(2)
  /// Silence that is later than this is of no use to anybody.
  private static let longestLag = TimeAmount.milliseconds(100)

  /// Opens the card and starts to record.
  ///
  /// - Parameter name: a card's identifier or number, with the number of a device after a comma.
  /// - Throws: `MicrophoneError`.
  package convenience init(_ name: String) throws(MicrophoneError) {
    try self.init(name, in: SoundDirectory(), .monotonic)
  }

  convenience init(_ name: String, in directory: SoundDirectory, _ time: MicrophoneClock) throws(MicrophoneError) {
    let (card, device) = try SoundCardName(name).find(in: directory)
    try self.init(card, device, in: directory, time)
  }

  init(
    _ card: SoundCard, _ device: SoundCard.Device, in directory: SoundDirectory, _ time: MicrophoneClock
  ) throws(MicrophoneError) {
    let opened = try MicrophoneStream(starting: PCMDevice(card, device, in: directory), in: directory)
    found = card
    wanted = SoundCardName(card: card.id, device: device.number)
    self.directory = directory
    self.time = time
    mode = opened.mode
    samples = .allocate(capacity: mode.mostFrames * mode.keptChannels)
    (next, heard, retry) = (time.now(), time.now(), time.now())
    stream = consume opened
  }

  deinit {
    samples.deallocate()
  }

  /// Lends the next block, interleaved and in the range -1 to 1, with the monotonic time at which its first sample was
  /// captured. Times advance by the length of the block before, except where samples were lost.
  ///
  /// - Parameters:
  ///   - frames: the most that are of use now, so that what follows waits in the card and not for the reader.
  ///   - body: takes the block.
  /// - Returns: nil if there was no sound for about 50 ms, so that the caller can see whether it is to stop.
  /// - Throws: what `body` throws.
  package func nextBlock<R>(
    of frames: Int = .max, _ body: (UnsafeBufferPointer<Float>, NIODeadline) throws -> R
  ) rethrows -> R? {
    guard stream != nil else { return try nextSilence(body) }
    switch stream!.read(frames, to: samples.baseAddress!, time) {
    case .frames(let count, let captureTime):
      (heard, trouble) = (time.now(), nil)
      backOff.reset()
      next = captureTime + mode.duration(of: count)
      return try body(UnsafeBufferPointer(rebasing: samples[..<(count * channelCount)]), captureTime)
    case .none: break
    // It is there: nobody has read for a while.
    case .overrun: (counters.overruns, heard) = (counters.overruns + 1, time.now())
    case .suspended: (counters.suspensions, heard) = (counters.suspensions + 1, time.now())
    case .failed(let code): lose(.lost(card: card, reason: String(cString: strerror(code))))
    }
    if stream != nil, time.now() - heard > Self.patience {
      lose(.lost(card: card, reason: "it is connected, but delivers no sound"))
    }
    return nil
  }

  private func nextSilence<R>(_ body: (UnsafeBufferPointer<Float>, NIODeadline) throws -> R) rethrows -> R? {
    let frames = mode.rate / 50
    let length = mode.duration(of: frames)
    let now = time.now()
    if now - next > Self.longestLag { next = now - length }
    let start = next
    next = start + length
    if next > now { time.sleep(next) }
    let silence = samples[..<(frames * channelCount)]
    samples.update(repeating: 0)
    counters.silentBlocks += 1
    // The block is lent before the card is opened, which may replace its memory.
    defer { if time.now() >= retry { reopen() } }
    return try body(UnsafeBufferPointer(rebasing: silence), start)
  }

  private func lose(_ cause: MicrophoneError) {
    stream = nil
    trouble = cause
    counters.losses += 1
    retry = time.now() + backOff.next()
  }

  /// Tries once to open the card. Another card that has the identifier now is not taken for it.
  private func reopen() {
    do throws(MicrophoneError) {
      let (card, device) = try wanted.find(in: directory)
      guard card.name == found.name else { throw .noSuchCard(card.id) }
      let opened = try MicrophoneStream(starting: PCMDevice(card, device, in: directory), in: directory)
      mode = opened.mode
      samples.deallocate()
      samples = .allocate(capacity: mode.mostFrames * mode.keptChannels)
      heard = time.now()
      stream = consume opened
    } catch {
      // That it is gone is known already.
      if case .noSuchCard = error {} else { trouble = error }
      retry = time.now() + backOff.next()
    }
  }
}
