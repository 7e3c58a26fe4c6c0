import CALSA
import Glibc
import NIOCore

/// A device that plays.
struct SpeakerStream: ~Copyable {
  enum Outcome: Equatable {
    case played
    /// The buffer had run empty; what was given is played after a new beginning.
    case underrun
    case suspended
    /// The buffer is full: nothing of the block was taken.
    case full
    /// There will be no more, for the reason that errno tells.
    case failed(Int32)
  }

  /// What waits in a device.
  struct Queue {
    /// The time until what is written next is heard.
    let delay: TimeAmount
    /// How much more waits in the buffer than is to.
    let surplus: TimeAmount
    /// Whether the device has played anything since it was started. What a USB driver takes ahead is not played yet.
    let hasPlayed: Bool
  }

  let device: PreparedDevice
  private var isRunning = false
  /// The frames that were written since it was started.
  private var framesWritten = 0

  var mode: PCMMode { device.mode }
  private var status: OpaquePointer { device.status }
  private var memory: UnsafeMutableRawPointer { device.memory }

  var periodTime: TimeAmount { mode.duration(of: mode.period) }

  /// Opens a device by its name.
  ///
  /// - Throws: `MicrophoneError`.
  static func open(_ name: SoundCardName, in directory: SoundDirectory) throws(MicrophoneError) -> SpeakerStream {
    let (card, device) = try name.find(.playback, in: directory)
    return try SpeakerStream(PCMDevice(card, device, .playback, in: directory), in: directory)
  }

  /// Opens the first device that can be used. Those of monitors come last, since they can often be opened where nothing is
  /// heard.
  ///
  /// - Throws: `MicrophoneError`.
  static func openFirst(of cards: [SoundCard], in directory: SoundDirectory) throws(MicrophoneError) -> SpeakerStream {
    var reason: MicrophoneError?
    let devices = cards.flatMap { card in card.playbackDevices.map { (card, $0) } }
    for (card, device) in devices.filter({ !$0.isMonitor($1) }) + devices.filter({ $0.isMonitor($1) }) {
      do throws(MicrophoneError) {
        return try SpeakerStream(PCMDevice(card, device, .playback, in: directory), in: directory)
      } catch {
        // One that is only in use is probably the one that is meant.
        if case .busy = error { reason = error } else { reason = reason ?? error }
      }
    }
    if let reason { throw reason }
    guard let hidden = directory.cards(.playback).first else { throw .noMicrophone }
    throw .forbidden(card: hidden.id, group: directory.group(ofCard: hidden.number))
  }

  /// Sets the device up; it starts with the first block.
  ///
  /// - Throws: `MicrophoneError`.
  init(_ device: consuming PCMDevice, in directory: SoundDirectory) throws(MicrophoneError) {
    let prepared = try PreparedDevice(device, in: directory) { max($0.room, $0.reserve) }
    let mode = prepared.mode
    // A block would not fit beside what is left of the one before.
    guard mode.buffer >= 2 * mode.room else {
      let length = mode.duration(of: mode.buffer).nanoseconds / 1_000_000
      throw .failed(card: prepared.card.id, reason: "its buffer of \(length) ms is too short")
    }
    self.device = prepared
  }

  /// Returns nil while nothing is played.
  borrowing func queue() -> Queue? {
    guard isRunning, snd_pcm_status(device.pcm, status) >= 0, snd_pcm_status_get_state(status) == SND_PCM_STATE_RUNNING
    else { return nil }
    // What the hardware holds back belongs to the delay alone: the buffer would run empty to make up for it.
    let buffered = self.buffered
    // What a driver says that its hardware holds back is bounded, since it is sometimes nonsense.
    let delay = max(0, min(snd_pcm_status_get_delay(status), 2 * mode.buffer))
    return Queue(
      delay: mode.duration(of: delay), surplus: mode.duration(of: buffered - mode.reserve),
      hasPlayed: framesWritten > buffered + mode.rate / 20)
  }

  /// Gives the device samples to play, after silence for the reserve if it does not play yet.
  ///
  /// - Parameter samples: of one channel, at the device's rate.
  mutating func play(_ samples: UnsafeBufferPointer<Float>) -> Outcome {
    var outcome = isRunning ? nil : start()
    if outcome == nil, let failure = write(samples) {
      // What is in the buffer goes on.
      guard failure != .full else { return .full }
      isRunning = false
      outcome = failure
      // The next block would come too late for what it follows on.
      if failure == .underrun { outcome = start() ?? write(samples) ?? .underrun }
    }
    return outcome ?? .played
  }

  /// Stops at once; what waits is not played.
  mutating func stop() {
    guard isRunning else { return }
    isRunning = false
    snd_pcm_drop(device.pcm)
  }

  private mutating func start() -> Outcome? {
    let prepared = snd_pcm_prepare(device.pcm)
    guard prepared >= 0 else { return .failed(-prepared) }
    isRunning = true
    framesWritten = 0
    memset(memory, 0, mode.reserve * mode.channels * mode.format.byteCount)
    if let failure = write(frames: mode.reserve) { return failure }
    if snd_pcm_state(device.pcm) == SND_PCM_STATE_PREPARED {
      let started = snd_pcm_start(device.pcm)
      guard started >= 0 else { return .failed(-started) }
    }
    return write(frames: missingReserve)
  }

  /// What a USB driver has taken ahead of the reserve when it was started.
  private var missingReserve: Int {
    guard snd_pcm_status(device.pcm, status) >= 0 else { return 0 }
    return max(0, mode.reserve - buffered)
  }

  /// The frames that wait in the buffer, by the status that was asked for last.
  private var buffered: Int { mode.buffer - min(Int(clamping: snd_pcm_status_get_avail(status)), mode.buffer) }

  private mutating func write(_ samples: UnsafeBufferPointer<Float>) -> Outcome? {
    let frames = min(samples.count, mode.room)
    mode.format.write(samples.baseAddress!, frames: frames, channels: mode.channels, to: memory)
    return write(frames: frames)
  }

  /// Writes what is in the memory. A device whose buffer is full leaves out the rest.
  private mutating func write(frames: Int) -> Outcome? {
    guard frames > 0 else { return nil }
    let written = snd_pcm_writei(device.pcm, memory, snd_pcm_uframes_t(frames))
    framesWritten += max(0, written)
    switch Int32(clamping: -written) {
    case ..<0: return nil
    case 0, EAGAIN, EINTR: return .full
    case EPIPE: return .underrun
    case ESTRPIPE: return .suspended
    case let code: return .failed(code)
    }
  }
}

extension PCMMode {
  /// The most frames that are written at a time: a block of 20 ms, and what the correction of the drift adds.
  fileprivate var room: Int { rate / 50 + 16 }

  /// What waits in the device's buffer before a block is written: a thread that is late by less is not heard.
  fileprivate var reserve: Int { min(max(rate / 25, 2 * period), buffer / 2) }
}
