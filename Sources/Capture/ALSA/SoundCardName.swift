/// A device of a sound card by the name that users write: a card's identifier or number and, after a comma, the device's
/// number.
package struct SoundCardName: Equatable, Sendable {
  let card: String
  /// The one that the card prefers if there is none.
  let device: Int?

  init(card: String, device: Int) {
    (self.card, self.device) = (card, device)
  }

  /// Whether the text can be the name of a card.
  package static func isValid(_ text: String) -> Bool { (try? SoundCardName(text)) != nil }

  /// - Throws: `MicrophoneError.noSuchCard` if it cannot be a name.
  init(_ text: String) throws(MicrophoneError) {
    let parts = text.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
    // The kernel's identifiers have no more than fifteen letters, digits, `_` and `-`.
    let isCard = !parts[0].isEmpty && parts[0].utf8.count < 16 && parts[0].utf8.allSatisfy(Self.isAllowed)
    let device = parts.count == 2 ? Int(parts[1]) : nil
    guard isCard, parts.count == 1 || device.map((0..<256).contains) ?? false else { throw .noSuchCard(text) }
    card = String(parts[0])
    self.device = device
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// Looks for the device among the cards that may be opened.
  ///
  /// - Throws: `MicrophoneError`.
  func find(
    _ direction: PCMDirection = .capture, in directory: SoundDirectory
  ) throws(MicrophoneError) -> (card: SoundCard, device: SoundCard.Device) {
    let cards = SoundCard.all()
    guard let card = cards.first(where: { $0.id == card }) ?? cards.first(where: { "\($0.number)" == self.card }) else {
      let hidden = directory.cards(direction).first { $0.id == card || "\($0.number)" == card }
      guard let hidden else { throw .noSuchCard(card) }
      throw .forbidden(card: hidden.id, group: directory.group(ofCard: hidden.number))
    }
    let devices = card.preferredDevices(direction)
    guard !devices.isEmpty else {
      throw .notMicrophone(card: card.id, reason: direction == .capture ? "it only plays" : "it only records")
    }
    guard let device = device.map({ number in devices.first { $0.number == number } }) ?? devices.first else {
      let kind = direction == .capture ? "recording" : "playback"
      throw .notMicrophone(card: card.id, reason: "it has no \(kind) device \(device ?? 0)")
    }
    return (card, device)
  }
}
