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

  /// The devices in the order in which they are tried if the user names none. The microphones in a laptop ("DMIC") come
  /// before the jack, which records silence while nothing is plugged in.
  func preferredDevices(_ direction: PCMDirection) -> [Device] {
    let builtIn = devices(direction).filter { $0.name.contains("DMIC") }
    return builtIn + devices(direction).filter { !builtIn.contains($0) }
  }

  /// Whether it plays on a monitor, where there may be none, or one without loudspeakers.
  func isMonitor(_ device: Device) -> Bool {
    [id, name, device.name].contains { $0.uppercased().contains("HDMI") }
  }

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
}

extension SoundCard {
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
