import Capture
import Network

/// What `jinglecam devices` prints of microphones.
enum MicrophoneReport {
  static func text(_ microphones: [MicrophoneDescription]) -> String {
    microphones.map(text).joined(separator: "\n\n")
  }

  private static func text(_ microphone: MicrophoneDescription) -> String {
    let name = microphone.device == 0 ? microphone.card : "\(microphone.card),\(microphone.device)"
    var lines = ["microphone \(name)  \(microphone.name)", "  " + (microphone.problem ?? "can be heard")]
    func list(_ numbers: [Int], _ unit: String) -> String {
      numbers.map(String.init).joined(separator: ", ") + " " + unit
    }
    if !microphone.formats.isEmpty {
      lines.append(
        "  \(microphone.formats.joined(separator: ", "))  \(list(microphone.rates, "Hz"))  "
          + list(microphone.channels, "channels"))
    }
    // A device names itself, and must not command the terminal.
    return lines.map { PrintableText.from($0) }.joined(separator: "\n")
  }
}
