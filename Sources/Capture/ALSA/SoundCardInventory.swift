import CALSA

/// The lists of microphones and of loudspeakers for `jinglecam devices`.
package enum SoundCardInventory {
  /// Describes every device that records or plays, and the cards that may not be opened.
  package static func all(_ direction: PCMDirection) -> [SoundCardDescription] {
    all(direction, in: SoundDirectory())
  }

  static func all(_ direction: PCMDirection, in directory: SoundDirectory) -> [SoundCardDescription] {
    let cards = SoundCard.all()
    let hidden = directory.cards(direction).filter { entry in !cards.contains { $0.number == entry.number } }
    return cards.flatMap { card in card.devices(direction).map { describe(card, $0, direction, in: directory) } }
      + hidden.map { number, id in
        var description = SoundCardDescription(card: id, number: number)
        description.usbDevice = directory.usbDevice(ofCard: number)
        description.problem = problem(.forbidden(card: id, group: directory.group(ofCard: number)), direction)
        return description
      }
  }

  private static func describe(
    _ card: SoundCard, _ device: SoundCard.Device, _ direction: PCMDirection, in directory: SoundDirectory
  ) -> SoundCardDescription {
    var description = SoundCardDescription(card: card.id, number: card.number)
    description.device = device.number
    description.name = device.name.isEmpty ? card.name : "\(card.name), \(device.name)"
    description.usbDevice = directory.usbDevice(ofCard: card.number)
    do throws(MicrophoneError) {
      let pcm = try PCMDevice(card, device, direction, in: directory)
      guard let space = HardwareParameters(of: pcm.pcm) else { return description }
      description.formats = (0...SND_PCM_FORMAT_LAST.rawValue).compactMap { value in
        let format = snd_pcm_format_t(value)
        guard space.has(format), let name = snd_pcm_format_name(format) else { return nil }
        return String(cString: name)
      }
      description.rates = HardwareParameters.usualRates.filter { space.has(rate: $0) }.map { Int($0) }
      description.channels = (1...HardwareParameters.mostChannels).filter { space.has(channels: $0) }.map { Int($0) }
    } catch {
      description.problem = problem(error, direction)
    }
    return description
  }

  private static func problem(_ error: MicrophoneError, _ direction: PCMDirection) -> String {
    direction == .capture ? error.description : SpeakerError(error).description
  }
}
