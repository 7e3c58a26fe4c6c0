/// A device of a sound card that records or plays as `jinglecam devices` describes it.
package struct SoundCardDescription: Codable, Equatable, Sendable {
  /// The card's identifier, by which it is found again after it was unplugged.
  package let card: String
  /// The card's number, which may change.
  package let number: Int
  package var device = 0
  package var name = ""
  /// The directory in sysfs of the USB device that the card belongs to; nil if it is no USB card.
  package var usbDevice: String?
  /// ALSA's names of the sample formats.
  package var formats: [String] = []
  /// The usual sample rates that the card has, in hertz.
  package var rates: [Int] = []
  package var channels: [Int] = []
  /// Why the device cannot be used and what to do; nil if it can.
  package var problem: String?

  init(card: String, number: Int) {
    self.card = card
    self.number = number
  }
}
