import CALSA

/// The list of microphones for `jinglecam devices`.
package enum MicrophoneInventory {
  /// Describes every device that records, and the cards that may not be opened.
  package static func all() -> [MicrophoneDescription] {
    all(in: SoundDirectory())
  }

  static func all(in directory: SoundDirectory) -> [MicrophoneDescription] {
    let cards = SoundCard.all()
    let hidden = directory.recordingCards().filter { entry in !cards.contains { $0.number == entry.number } }
    return cards.flatMap { card in card.devices.map { describe(card, $0, in: directory) } }
      + hidden.map { number, id in
        var description = MicrophoneDescription(card: id, number: number)
        description.usbDevice = directory.usbDevice(ofCard: number)
        description.problem =
          MicrophoneError.forbidden(card: id, group: directory.group(ofCard: number)).description
        return description
      }
  }

  private static func describe(
    _ card: SoundCard, _ device: SoundCard.Device, in directory: SoundDirectory
  ) -> MicrophoneDescription {
    var description = MicrophoneDescription(card: card.id, number: card.number)
    description.device = device.number
    description.name = device.name.isEmpty ? card.name : "\(card.name), \(device.name)"
    description.usbDevice = directory.usbDevice(ofCard: card.number)
    do throws(MicrophoneError) {
      let pcm = try PCMDevice(card, device, in: directory)
      guard let space = HardwareParameters(of: pcm.pcm) else { return description }
      description.formats = (0...SND_PCM_FORMAT_LAST.rawValue).compactMap { value in
        let format = snd_pcm_format_t(value)
        guard space.has(format), let name = snd_pcm_format_name(format) else { return nil }
        return String(cString: name)
      }
      description.rates = HardwareParameters.usualRates.filter { space.has(rate: $0) }.map { Int($0) }
      description.channels = (1...HardwareParameters.mostChannels).filter { space.has(channels: $0) }.map { Int($0) }
    } catch {
      description.problem = error.description
    }
    return description
  }
}
