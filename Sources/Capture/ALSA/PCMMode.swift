import CALSA
import Glibc

/// How a device records or plays.
struct PCMMode: Equatable, Sendable {
  let format: SampleFormat
  /// In hertz.
  let rate: Int
  /// The samples of each frame, of which ``keptChannels`` are used.
  let channels: Int
  /// The frames after which the device wakes its reader.
  let period: Int
  /// The frames that wait for a reader that is late.
  let buffer: Int

  /// A period of 10 ms, which is the longest that a complete block of 20 ms waits for its reader to be woken.
  fileprivate static let periodsPerSecond = 100
  fileprivate static let periods = 8
  fileprivate static let usualRate: UInt32 = 48_000
}

extension PCMDevice {
  /// Chooses the mode and sets it.
  ///
  /// - Throws: `MicrophoneError`.
  borrowing func setUp(in directory: SoundDirectory) throws(MicrophoneError) -> PCMMode {
    guard let space = HardwareParameters(of: pcm) else { throw .failed(card: card.id, reason: "it tells no formats") }
    let formats = SampleFormat.preference(isUSB: directory.usbDevice(ofCard: card.number) != nil)
    guard let format = formats.first(where: { space.has($0.format) }) else {
      throw .notMicrophone(card: card.id, reason: "it has only sample formats that are unknown here")
    }
    try check(snd_pcm_hw_params_set_access(pcm, space.pointer, SND_PCM_ACCESS_RW_INTERLEAVED), in: directory)
    try check(snd_pcm_hw_params_set_format(pcm, space.pointer, format.format), in: directory)
    // Two channels, else one.
    let counts = [2, 1] + Array(3...HardwareParameters.mostChannels)
    guard let channels = counts.first(where: { space.has(channels: $0) }) else {
      throw .notMicrophone(card: card.id, reason: "it has more than \(HardwareParameters.mostChannels) channels")
    }
    try check(snd_pcm_hw_params_set_channels(pcm, space.pointer, channels), in: directory)
    var rate = PCMMode.usualRate
    try check(snd_pcm_hw_params_set_rate_near(pcm, space.pointer, &rate, nil), in: directory)
    guard HardwareParameters.rates.contains(rate) else {
      throw .notMicrophone(card: card.id, reason: "its sample rate of \(rate) Hz cannot be used")
    }
    var period = snd_pcm_uframes_t(Int(rate) / PCMMode.periodsPerSecond)
    try check(snd_pcm_hw_params_set_period_size_near(pcm, space.pointer, &period, nil), in: directory)
    var buffer = period * snd_pcm_uframes_t(PCMMode.periods)
    try check(snd_pcm_hw_params_set_buffer_size_near(pcm, space.pointer, &buffer), in: directory)
    try check(snd_pcm_hw_params(pcm, space.pointer), in: directory)
    guard period > 0, period <= buffer, buffer <= snd_pcm_uframes_t(rate) * 60 else {
      throw .failed(card: card.id, reason: "its buffer cannot be used")
    }
    let mode = PCMMode(
      format: format, rate: Int(rate), channels: Int(channels), period: Int(period), buffer: Int(buffer))
    try setTimes(wakingAfter: snd_pcm_uframes_t(mode.wakingFrames), in: directory)
    return mode
  }

  private borrowing func setTimes(
    wakingAfter frames: snd_pcm_uframes_t, in directory: SoundDirectory
  ) throws(MicrophoneError) {
    var pointer: OpaquePointer?
    guard snd_pcm_sw_params_malloc(&pointer) == 0, let pointer else {
      throw .failed(card: card.id, reason: String(cString: strerror(ENOMEM)))
    }
    defer { snd_pcm_sw_params_free(pointer) }
    try check(snd_pcm_sw_params_current(pcm, pointer), in: directory)
    try check(snd_pcm_sw_params_set_avail_min(pcm, pointer, frames), in: directory)
    // Where the driver knows no other clock than the wall's, its times are not believed (`SampleClock`).
    _ = snd_pcm_sw_params_set_tstamp_mode(pcm, pointer, SND_PCM_TSTAMP_ENABLE)
    _ = snd_pcm_sw_params_set_tstamp_type(pcm, pointer, SND_PCM_TSTAMP_TYPE_MONOTONIC)
    try check(snd_pcm_sw_params(pcm, pointer), in: directory)
  }

  private borrowing func check(_ code: Int32, in directory: SoundDirectory) throws(MicrophoneError) {
    guard code >= 0 else { throw .cannotUse(card, direction, code: -code, in: directory) }
  }
}
