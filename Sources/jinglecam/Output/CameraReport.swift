import Capture
import FoundationEssentials
import Network

/// What `jinglecam devices` prints.
enum CameraReport {
  private struct Document: Encodable {
    let devices: [CameraDescription]
    let microphones: [SoundCardDescription]
    let speakers: [SoundCardDescription]
  }

  static func json(
    _ cameras: [CameraDescription], microphones: [SoundCardDescription], speakers: [SoundCardDescription]
  ) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(Document(devices: cameras, microphones: microphones, speakers: speakers))).map {
      String(decoding: $0, as: UTF8.self)
    } ?? "{}"
  }

  /// - `withControls`: also those, which for all cameras at once would be too much to read.
  static func text(_ cameras: [CameraDescription], withControls: Bool) -> String {
    guard !cameras.isEmpty else {
      return
        "no camera found: lsusb lists what is plugged in, and rpicam-hello --list-cameras a Raspberry Pi's own cameras"
    }
    return cameras.map { text($0, withControls: withControls) }.joined(separator: "\n\n")
  }

  private static func text(_ camera: CameraDescription, withControls: Bool) -> String {
    var lines = ["\(camera.path)  \(camera.card)" + (camera.driver.isEmpty ? "" : " (\(camera.driver))")]
    if let stable = camera.stablePath { lines.append("  always found as \(stable)") }
    let choice = camera.isFirstChoice == true ? ", and is what SOURCE camera means" : ""
    lines.append("  " + (camera.problem ?? "can be streamed" + choice))
    for format in camera.formats {
      let remark = format.isUsable ? format.remark.map { "  (\($0))" } ?? "" : "  (cannot be sent)"
      lines.append("  \(format.name)  \(format.description)\(remark)")
      for size in format.sizes where format.isUsable { lines.append("        \(text(size))") }
    }
    if withControls, !camera.controls.isEmpty {
      lines.append("  controls:")
      for control in camera.controls {
        let value = control.value.map { "\($0)" } ?? "unknown"
        let choices = control.isReadOnly ? "cannot be set" : control.choices
        lines.append("    \(control.name)  now \(value), usually \(control.standard): \(choices)")
      }
    }
    // A device names itself, and must not command the terminal.
    return lines.map { PrintableText.from($0) }.joined(separator: "\n")
  }

  private static func text(_ size: CameraDescription.Size) -> String {
    let largest = size.largestWidth.flatMap { width in size.largestHeight.map { " to \(width)x\($0)" } } ?? ""
    func digits(_ rate: Double) -> String { rate == rate.rounded() ? "\(Int(rate))" : "\(rate)" }
    let rates = size.rates.map(digits).joined(separator: size.isRateRange ? " to " : ", ")
    return "\(size.width)x\(size.height)\(largest)" + (rates.isEmpty ? "" : "  \(rates) fps")
  }
}
