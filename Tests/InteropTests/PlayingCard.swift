import Foundation
import TestSupport

/// A card, and the file with what is heard of it: two channels of sixteen bits at 48 kHz.
struct PlayingCard {
  let standIn: MicrophoneStandIn
  let file: URL

  init() throws {
    let place = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)")
    file = place.appendingPathExtension("raw")
    var description = MicrophoneStandIn.Description()
    description.played = file.path
    description.rates = .list([48_000])
    // It hears nothing.
    description.amplitude = 0
    standIn = try MicrophoneStandIn(description, path: place.path)
  }

  var environment: [String: String] {
    standIn.environment(library: Call.products.appending(path: "libMicrophoneStandIn.so").path)
  }

  /// How much was played until now.
  var playedSeconds: Double {
    let size = (try? FileManager.default.attributesOfItem(atPath: file.path))?[.size] as? Int ?? 0
    return Double(size) / 4 / 48_000
  }

  /// The first channel, and no file any more.
  func played() throws -> [Float] {
    defer { try? FileManager.default.removeItem(at: file) }
    return heard(since: 0)
  }

  /// What was played from that second on, of the first channel.
  func heard(since seconds: Double) -> [Float] {
    guard let data = try? Data(contentsOf: file) else { return [] }
    return stride(from: Int(seconds * 48_000) * 4, to: data.count - 3, by: 4).map { start in
      Float(Int16(truncatingIfNeeded: UInt16(data[start]) | UInt16(data[start + 1]) << 8)) / 0x8000
    }
  }
}
