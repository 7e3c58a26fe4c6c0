import CALSA
import Glibc

/// A device that is set up, with the memory that its samples are in before or after their conversion.
struct PreparedDevice: ~Copyable {
  private let device: PCMDevice
  let mode: PCMMode
  /// What the device says about itself when it is asked (`snd_pcm_status_t`).
  let status: OpaquePointer
  let memory: UnsafeMutableRawPointer

  var pcm: OpaquePointer { device.pcm }
  var card: SoundCard { device.card }
  /// The number of the card's device.
  var number: Int { device.number }

  /// - Parameter frames: how many the memory holds.
  /// - Throws: `MicrophoneError`.
  init(
    _ device: consuming PCMDevice, in directory: SoundDirectory, roomFor frames: (PCMMode) -> Int
  ) throws(MicrophoneError) {
    let mode = try device.setUp(in: directory)
    var status: OpaquePointer?
    guard snd_pcm_status_malloc(&status) == 0, let status else {
      throw .failed(card: device.card.id, reason: String(cString: strerror(ENOMEM)))
    }
    self.device = device
    self.mode = mode
    self.status = status
    memory = .allocate(byteCount: frames(mode) * mode.channels * mode.format.byteCount, alignment: 16)
  }

  deinit {
    snd_pcm_status_free(status)
    memory.deallocate()
  }
}
