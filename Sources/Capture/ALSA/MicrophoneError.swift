/// Why there is no sound from a microphone; `description` is the line that users read.
package enum MicrophoneError: Error, Equatable {
  /// No sound card records.
  case noMicrophone
  case noSuchCard(String)
  /// The card has no such device for recording, or only plays.
  case notMicrophone(card: String, reason: String)
  case forbidden(card: String, group: String)
  /// Another program records; `holder` is its name if the system tells it.
  case busy(card: String, holder: String?)
  /// The card was unplugged, or its driver has given it up.
  case lost(card: String, reason: String)
  case failed(card: String, reason: String)
}

extension MicrophoneError: CustomStringConvertible {
  package var description: String {
    [cause, cure].compactMap { $0 }.joined(separator: "; ")
  }

  package var cause: String {
    switch self {
    case .noMicrophone: "there is no microphone"
    case .noSuchCard(let card): "there is no sound card \(card)"
    case .notMicrophone(let card, let reason): "cannot record from sound card \(card): \(reason)"
    case .forbidden(let card, _): "you are not allowed to open sound card \(card)"
    case .busy(let card, let holder): "the microphone of sound card \(card) is in use by \(holder ?? "another program")"
    case .lost(let card, let reason): "the microphone of sound card \(card) is lost: \(reason)"
    case .failed(let card, let reason): "the microphone of sound card \(card) fails: \(reason)"
    }
  }

  /// What users can do; nil if the cause says it, or if there is no known remedy.
  package var cure: String? {
    switch self {
    case .noMicrophone: "plug one in, and run jinglecam devices"
    case .noSuchCard: "run jinglecam devices for a list"
    case .forbidden(_, let group): "join its group (sudo usermod -aG \(group) $USER) and log in again"
    case .busy(_, let holder): SoundServer.cure(ifHeldBy: holder, tab: "Recording") ?? "end that program first"
    case .lost: "unplug it and plug it into another port, without a hub; dmesg shows what the driver reported"
    case .notMicrophone, .failed: nil
    }
  }
}
