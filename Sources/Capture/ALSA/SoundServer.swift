/// The programs that hold a sound card for all others of a desktop. To end one of them is of no use: the session starts it
/// again.
enum SoundServer {
  private static let names = ["pipewire", "pipewire-pulse", "pulseaudio", "wireplumber"]

  /// What users can do about a card that such a program holds.
  ///
  /// - Parameters:
  ///   - holder: the program that holds the card, as ``SoundDirectory/holder(ofCard:_:)`` tells it.
  ///   - tab: the tab of pavucontrol that lists the programs which use the card by it.
  /// - Returns: nil if it is another program, or if it is unknown.
  static func cure(ifHeldBy holder: String?, tab: String) -> String? {
    guard let holder, names.contains(String(holder.prefix { $0 != " " })) else { return nil }
    return "that is the desktop's sound server: end the program that uses the card by it (pavucontrol, tab \(tab)), "
      + "or set the card's profile to Off (tab Configuration)"
  }
}
