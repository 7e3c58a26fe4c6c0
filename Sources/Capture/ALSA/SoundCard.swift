import CALSA
import Glibc

/// A sound card and its devices, as libasound's control interface tells them.
struct SoundCard: Equatable, Sendable {
  struct Device: Equatable, Sendable {
    let number: Int
    let name: String
  }

  let number: Int
  let id: String
  let name: String
  /// Those that record.
  let devices: [Device]
  let playbackDevices: [Device]

  func devices(_ direction: PCMDirection) -> [Device] { direction == .capture ? devices : playbackDevices }

  /// The cards that may be opened, whether or not they record, in the order of their numbers.
  static func all() -> [SoundCard] {
    calsa_silence()
    var cards: [SoundCard] = []
    var number: Int32 = -1
    while snd_card_next(&number) == 0, number >= 0 {
      if let card = SoundCard(number: number) { cards.append(card) }
    }
    return cards
  }

  /// Returns nil if the card cannot be opened, as when it was just unplugged.
  private init?(number: Int32) {
    var control: OpaquePointer?
    guard snd_ctl_open(&control, "hw:\(number)", SND_CTL_NONBLOCK) == 0, let control else { return nil }
    defer { snd_ctl_close(control) }
    var info: OpaquePointer?
    guard snd_ctl_card_info_malloc(&info) == 0, let info else { return nil }
    defer { snd_ctl_card_info_free(info) }
    guard snd_ctl_card_info(control, info) == 0 else { return nil }
    self.number = Int(number)
    id = String(cString: snd_ctl_card_info_get_id(info))
    name = String(cString: snd_ctl_card_info_get_name(info))
    devices = Self.devices(of: control, .capture)
    playbackDevices = Self.devices(of: control, .playback)
  }

  private static func devices(of control: OpaquePointer, _ direction: PCMDirection) -> [Device] {
    var info: OpaquePointer?
    guard snd_pcm_info_malloc(&info) == 0, let info else { return [] }
    defer { snd_pcm_info_free(info) }
    var devices: [Device] = []
    var number: Int32 = -1
    while snd_ctl_pcm_next_device(control, &number) == 0, number >= 0 {
      snd_pcm_info_set_device(info, UInt32(number))
      snd_pcm_info_set_subdevice(info, 0)
      snd_pcm_info_set_stream(info, direction.stream)
      guard snd_ctl_pcm_info(control, info) == 0 else { continue }
      devices.append(Device(number: Int(number), name: String(cString: snd_pcm_info_get_name(info))))
    }
    return devices
  }
}
