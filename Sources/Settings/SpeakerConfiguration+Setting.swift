import Capture
import Studio

extension SpeakerConfiguration {
  /// The first card that plays.
  private static let anySpeaker = "auto"

  /// - Parameter speaker: `auto`, or a sound card by its identifier or number.
  /// - Throws: `SettingError` if it is neither.
  package init(speaker: String, hasChime: Bool) throws(SettingError) {
    guard speaker == Self.anySpeaker || SoundCardName.isValid(speaker) else {
      throw SettingError(
        of: .option("speaker"), "'\(speaker)' is not the name of a sound card",
        cure: "write the card's identifier or number, or auto", .usage)
    }
    self.init(card: speaker == Self.anySpeaker ? nil : speaker, hasChime: hasChime)
  }
}
