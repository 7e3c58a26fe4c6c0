/// Why nothing is played by a loudspeaker; `description` is the line that users read.
package enum SpeakerError: Error, Equatable {
  /// No sound card plays.
  case noSpeaker
  case noSuchCard(String)
  /// The card has no such device for playing, or only records, or none of its modes can be used.
  case notSpeaker(card: String, reason: String)
  case forbidden(card: String, group: String)
  /// Another program plays; `holder` is its name if the system tells it.
  case busy(card: String, holder: String?)
  /// The card was unplugged, or its driver has given it up.
  case lost(card: String, reason: String)
  case failed(card: String, reason: String)

  /// What the rooms of both directions say in the words of a microphone.
  init(_ error: MicrophoneError) {
    self =
      switch error {
      case .noMicrophone: .noSpeaker
      case .noSuchCard(let card): .noSuchCard(card)
      case .notMicrophone(let card, let reason): .notSpeaker(card: card, reason: reason)
      case .forbidden(let card, let group): .forbidden(card: card, group: group)
      case .busy(let card, let holder): .busy(card: card, holder: holder)
      case .lost(let card, let reason): .lost(card: card, reason: reason)
      case .failed(let card, let reason): .failed(card: card, reason: reason)
      }
  }
}

extension SpeakerError {
  package static func hung(card: String) -> SpeakerError {
    .lost(card: card, reason: "it is connected, but plays nothing")
  }
}

extension SpeakerError: CustomStringConvertible {
  package var description: String {
    [cause, cure].compactMap { $0 }.joined(separator: "; ")
  }

  package var cause: String {
    switch self {
    case .noSpeaker: "there is no loudspeaker"
    case .noSuchCard(let card): "there is no sound card \(card)"
    case .notSpeaker(let card, let reason): "cannot play on sound card \(card): \(reason)"
    case .forbidden(let card, _): "you are not allowed to open sound card \(card)"
    case .busy(let card, let holder):
      "the loudspeaker of sound card \(card) is in use by \(holder ?? "another program")"
    case .lost(let card, let reason): "the loudspeaker of sound card \(card) is lost: \(reason)"
    case .failed(let card, let reason): "the loudspeaker of sound card \(card) fails: \(reason)"
    }
  }

  /// What users can do; nil if the cause says it, or if there is no known remedy.
  package var cure: String? {
    switch self {
    case .noSpeaker: "plug one in, and run jinglecam devices"
    case .noSuchCard: "run jinglecam devices for a list"
    case .forbidden(_, let group): "join its group (sudo usermod -aG \(group) $USER) and log in again"
    case .busy(_, let holder): SoundServer.cure(ifHeldBy: holder, tab: "Playback") ?? "end that program first"
    case .lost: "unplug it and plug it into another port, without a hub; dmesg shows what the driver reported"
    case .notSpeaker, .failed: nil
    }
  }
}
