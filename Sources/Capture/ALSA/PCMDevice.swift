import CALSA
import Glibc

/// The direction of a device.
package enum PCMDirection {
  case capture
  case playback

  var stream: snd_pcm_stream_t {
    switch self {
    case .capture: SND_PCM_STREAM_CAPTURE
    case .playback: SND_PCM_STREAM_PLAYBACK
    }
  }
}

/// An open device that records or plays (ALSA project's library reference, "PCM (digital audio) interface"), which is closed with
/// the value.
struct PCMDevice: ~Copyable {
  let card: SoundCard
  let number: Int
  let direction: PCMDirection
  let pcm: OpaquePointer

  /// Opens the device itself and none of libasound's plugins, which would convert behind our back.
  ///
  /// - Throws: `MicrophoneError`.
  init(
    _ card: SoundCard, _ device: SoundCard.Device, _ direction: PCMDirection = .capture, in directory: SoundDirectory
  ) throws(MicrophoneError) {
    var pcm: OpaquePointer?
    // Otherwise a device in use is waited for.
    let mode = Int32(SND_PCM_NONBLOCK)
    let code = snd_pcm_open(&pcm, "hw:\(card.number),\(device.number)", direction.stream, mode)
    guard code == 0, let pcm else { throw .cannotUse(card, direction, code: -code, in: directory) }
    self.card = card
    number = device.number
    self.direction = direction
    self.pcm = pcm
  }

  deinit {
    snd_pcm_close(pcm)
  }
}

extension MicrophoneError {
  /// Returns the error for an errno that occurred when a device was opened, set up or started.
  static func cannotUse(
    _ card: SoundCard, _ direction: PCMDirection, code: Int32, in directory: SoundDirectory
  ) -> MicrophoneError {
    switch code {
    case ENOENT, ENODEV, ENXIO: .noSuchCard(card.id)
    case EACCES, EPERM: .forbidden(card: card.id, group: directory.group(ofCard: card.number))
    case EBUSY, EAGAIN: .busy(card: card.id, holder: directory.holder(ofCard: card.number, direction))
    // As the kernel's snd_usb_endpoint_start and usb_set_interface have it.
    case EPIPE, ENOSPC, EPROTO:
      .failed(card: card.id, reason: "its USB bus has no bandwidth left; use another USB port, or a smaller picture")
    default: .failed(card: card.id, reason: String(cString: strerror(code)))
    }
  }
}

/// The configuration space of a device (`snd_pcm_hw_params_t`), which each setting narrows.
struct HardwareParameters: ~Copyable {
  let pointer: OpaquePointer
  private let pcm: OpaquePointer

  static let rates: ClosedRange<UInt32> = 8_000...96_000
  static let usualRates: [UInt32] = [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000]
  static let mostChannels: UInt32 = 8

  /// Returns nil if the device tells nothing.
  init?(of pcm: OpaquePointer) {
    var pointer: OpaquePointer?
    guard snd_pcm_hw_params_malloc(&pointer) == 0, let pointer else { return nil }
    guard snd_pcm_hw_params_any(pcm, pointer) >= 0 else {
      snd_pcm_hw_params_free(pointer)
      return nil
    }
    self.pointer = pointer
    self.pcm = pcm
  }

  deinit {
    snd_pcm_hw_params_free(pointer)
  }

  func has(_ format: snd_pcm_format_t) -> Bool { snd_pcm_hw_params_test_format(pcm, pointer, format) == 0 }
  func has(rate: UInt32) -> Bool { snd_pcm_hw_params_test_rate(pcm, pointer, rate, 0) == 0 }
  func has(channels: UInt32) -> Bool { snd_pcm_hw_params_test_channels(pcm, pointer, channels) == 0 }
}
