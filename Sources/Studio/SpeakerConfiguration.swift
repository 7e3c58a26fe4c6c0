/// Where viewers are heard who may speak.
package struct SpeakerConfiguration: Equatable, Sendable {
  /// A sound card by its identifier or number; nil for the first that plays.
  package var card: String?
  /// Whether a chime is played before somebody is heard.
  package var hasChime: Bool

  package init(card: String?, hasChime: Bool = true) {
    self.card = card
    self.hasChime = hasChime
  }
}
