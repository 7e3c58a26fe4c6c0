import Capture
import Network

/// What `jinglecam devices` prints of microphones and loudspeakers.
enum SoundCardReport {
  static func text(microphones: [SoundCardDescription], speakers: [SoundCardDescription]) -> String {
    (microphones.map { text("microphone", $0, "can be heard") } + speakers.map { text("loudspeaker", $0, "can play") })
      .joined(separator: "\n\n")
  }

  /// - Parameter use: what it can do, if there is no problem.
  private static func text(_ kind: String, _ device: SoundCardDescription, _ use: String) -> String {
    let name = device.device == 0 ? device.card : "\(device.card),\(device.device)"
    var lines = ["\(kind) \(name)  \(device.name)", "  " + (device.problem ?? use)]
    func list(_ numbers: [Int], _ unit: String) -> String {
      numbers.map(String.init).joined(separator: ", ") + " " + unit
    }
    if !device.formats.isEmpty {
      lines.append(
        "  \(device.formats.joined(separator: ", "))  \(list(device.rates, "Hz"))  "
          + list(device.channels, "channels"))
    }
    // A device names itself, and must not command the terminal.
    return lines.map { PrintableText.from($0) }.joined(separator: "\n")
  }
}
