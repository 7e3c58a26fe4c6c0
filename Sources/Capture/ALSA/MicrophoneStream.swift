import CALSA
import Glibc
import NIOCore

/// The interruptions of a microphone's sound.
package struct MicrophoneCounters: Sendable, Equatable {
  /// The times that samples were lost because the reader was late (`-EPIPE`).
  package var overruns = 0
  /// The times that the computer was suspended (`-ESTRPIPE`).
  package var suspensions = 0
  /// The times that the card was unplugged, hung, or failed.
  package var losses = 0
  /// The blocks of silence in place of the microphone's sound.
  package var silentBlocks = 0

  package init() {}

  package static func + (left: MicrophoneCounters, right: MicrophoneCounters) -> MicrophoneCounters {
    var sum = right
    sum.overruns += left.overruns
    sum.suspensions += left.suspensions
    sum.losses += left.losses
    sum.silentBlocks += left.silentBlocks
    return sum
  }
}

/// A device that records.
struct MicrophoneStream: ~Copyable {
  enum Outcome {
    /// The number of frames that were read, and the time at which the first was captured.
    case frames(Int, NIODeadline)
    /// There are none yet.
    case none
    case overrun
    case suspended
    /// There will be no more, for the reason that errno tells.
    case failed(Int32)
  }

  private let device: PreparedDevice
  private var clock = SampleClock()
  private var silentChannel = SilentChannel()
  private var isSuspended = false
  /// Whether there is more that is to be read at once.
  private var hasMore = false
  /// How often in succession there was something to do and nothing to read.
  private var fruitless = 0

  /// A reader that is told to stop waits no longer than this for a device that is silent.
  private static let longestWait: Int32 = 50
  /// A driver that has no more to say would keep the processor busy.
  private static let mostFruitless = 50
  private static let pauseWhileSuspended = TimeAmount.milliseconds(50)

  var mode: PCMMode { device.mode }
  private var status: OpaquePointer { device.status }

  /// Sets the device up and starts it.
  ///
  /// - Throws: `MicrophoneError`.
  init(starting device: consuming PCMDevice, in directory: SoundDirectory) throws(MicrophoneError) {
    let device = try PreparedDevice(device, in: directory) { $0.mostFrames }
    let code = snd_pcm_start(device.pcm)
    guard code >= 0 else { throw .cannotUse(device.card, .capture, code: -code, in: directory) }
    self.device = device
  }

  /// Waits for about 20 ms of samples and converts some of them.
  ///
  /// - Parameters:
  ///   - frames: the most that are converted; the others wait for the next time. It has no effect on a device that is
  ///     read by the period (``PCMMode/isReadByPeriod``).
  ///   - output: room for so many, or for ``PCMMode/mostFrames``.
  mutating func read(
    _ frames: Int, to output: UnsafeMutablePointer<Float>, _ time: MicrophoneClock
  ) -> Outcome {
    if !hasMore {
      let ready = snd_pcm_wait(device.pcm, Self.longestWait)
      guard ready >= 0 else { return recover(from: -ready, time) }
      guard ready > 0 else { return .none }
    }
    hasMore = false
    let asked = time.now()
    let code = snd_pcm_status(device.pcm, status)
    guard code >= 0 else { return recover(from: -code, time) }
    switch snd_pcm_status_get_state(status) {
    case SND_PCM_STATE_XRUN: return recover(from: EPIPE, time)
    case SND_PCM_STATE_SUSPENDED: return recover(from: ESTRPIPE, time)
    case SND_PCM_STATE_DISCONNECTED: return .failed(ENODEV)
    default: break
    }
    let now = time.now()
    let available = min(Int(clamping: snd_pcm_status_get_avail(status)), mode.buffer)
    let most = mode.isReadByPeriod ? mode.mostFrames : min(frames, mode.mostFrames)
    let count = snd_pcm_readi(device.pcm, device.memory, snd_pcm_uframes_t(min(available, most)))
    guard count >= 0 else { return recover(from: Int32(clamping: -count), time) }
    guard count > 0 else { return isFruitless() ? .failed(EIO) : .none }
    fruitless = 0
    hasMore = mode.isReadByPeriod && count < available
    mode.format.convert(
      device.memory, channels: mode.channels, keeping: mode.keptChannels, frames: count, to: output)
    if mode.keptChannels == 2 { silentChannel.fill(output, frames: count) }
    // What a driver says that its hardware holds back is bounded, since it is sometimes nonsense.
    let delay = max(available, min(snd_pcm_status_get_delay(status), available + mode.buffer))
    return .frames(count, clock.captureTime(stamp: stamp, delay: mode.duration(of: delay), asked: asked, now: now))
  }

  private var stamp: NIODeadline? {
    var stamp = snd_htimestamp_t()
    snd_pcm_status_get_htstamp(status, &stamp)
    guard let seconds = UInt64(exactly: stamp.tv_sec), seconds < UInt64(UInt32.max),
      let nanoseconds = UInt64(exactly: stamp.tv_nsec), nanoseconds < 1_000_000_000
    else { return nil }
    return .uptimeNanoseconds(seconds * 1_000_000_000 + nanoseconds)
  }

  private mutating func isFruitless() -> Bool {
    fruitless += 1
    return fruitless > Self.mostFruitless
  }

  private mutating func recover(from code: Int32, _ time: MicrophoneClock) -> Outcome {
    guard !isFruitless() else { return .failed(EIO) }
    switch code {
    case EAGAIN, EINTR: return .none
    case EPIPE: return restart() ?? .overrun
    case ESTRPIPE: return resume(time)
    default: return .failed(code)
    }
  }

  /// Goes on after the computer was suspended; what cannot resume begins anew.
  private mutating func resume(_ time: MicrophoneClock) -> Outcome {
    let isFirst = !isSuspended
    isSuspended = true
    let code = snd_pcm_resume(device.pcm)
    guard code != -EAGAIN else {
      // It is still on its way, and says so at once.
      time.sleep(time.now() + Self.pauseWhileSuspended)
      return isFirst ? .suspended : .none
    }
    isSuspended = false
    if code < 0, let failure = restart() { return failure }
    return isFirst ? .suspended : .none
  }

  private borrowing func restart() -> Outcome? {
    let prepared = snd_pcm_prepare(device.pcm)
    guard prepared >= 0 else { return .failed(-prepared) }
    let started = snd_pcm_start(device.pcm)
    return started >= 0 ? nil : .failed(-started)
  }
}

extension PCMMode {
  /// Of more than two channels the first alone: that is the one with the sound that is meant to be heard, if the card has
  /// one, while others have what single microphones of an array hear, or what the loudspeaker plays.
  var keptChannels: Int { channels == 2 ? 2 : 1 }

  /// The most frames that are read at a time: what a block of 20 ms takes of a card whose clock is wrong by as much as
  /// is followed (`DriftLoop`), whatever of it the resampler has already.
  var mostFrames: Int { rate / 50 + rate / 20_000 + 4 }

  /// Whether the reader is woken for each period and reads all that there is: the period is longer than a block, or the
  /// buffer so short that it may be full before a late reader has read a block.
  var isReadByPeriod: Bool { period > mostFrames || buffer < period + 2 * mostFrames }

  /// The frames that wake the reader: no fewer than it reads at a time, so that it does not wait twice for a block.
  var wakingFrames: Int { isReadByPeriod ? period : mostFrames }

  func duration(of frames: Int) -> TimeAmount { .nanoseconds(Int64(frames) * 1_000_000_000 / Int64(rate)) }
}
