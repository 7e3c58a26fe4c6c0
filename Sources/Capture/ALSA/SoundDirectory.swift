import Glibc

/// What the kernel tells everybody about sound cards, also about those that may not be opened.
struct SoundDirectory: Sendable {
  private let root: String

  /// - Parameter root: a directory to be used instead of `/` in tests.
  init(root: String = "") {
    self.root = root
  }

  /// The numbers and identifiers of the cards that record, in the order of their numbers.
  func recordingCards() -> [(number: Int, id: String)] { cards(.capture) }

  /// The numbers and identifiers of the cards that record or play, in the order of their numbers.
  func cards(_ direction: PCMDirection) -> [(number: Int, id: String)] {
    let entries = Directory.entries(of: "\(root)/sys/class/sound")
    return
      entries
      .compactMap { $0.hasPrefix("card") ? Int($0.dropFirst("card".count)) : nil }
      .filter { number in entries.contains { $0.hasPrefix("pcmC\(number)D") && $0.hasSuffix(direction.suffix) } }
      .sorted()
      .map { ($0, TextFile.firstLine(of: "\(root)/sys/class/sound/card\($0)/id") ?? "\($0)") }
  }

  /// Returns the directory of the USB device that the card is a part of, as a camera's microphone is; nil if there is
  /// none.
  func usbDevice(ofCard number: Int) -> String? {
    usbDevice(ofClassDevice: "\(root)/sys/class/sound/card\(number)")
  }

  /// Returns the directory of the USB device that the video node of that name is a part of; nil if there is none.
  func usbDevice(ofVideoNode name: String) -> String? {
    usbDevice(ofClassDevice: "\(root)/sys/class/video4linux/\(name)")
  }

  /// `device` is a link to the interface, which is a directory in that of the USB device; only that has a bus number.
  private func usbDevice(ofClassDevice path: String) -> String? {
    guard let interface = RealPath.of("\(path)/device"), let slash = interface.lastIndex(of: "/") else { return nil }
    let device = String(interface[..<slash])
    return access("\(device)/busnum", F_OK) == 0 ? device : nil
  }

  /// Returns the program that uses the card in that direction, as `name (process N)`; nil if the system does not tell.
  func holder(ofCard number: Int, _ direction: PCMDirection = .capture) -> String? {
    let card = "\(root)/proc/asound/card\(number)"
    for device in Directory.entries(of: card) where device.hasPrefix("pcm") && device.hasSuffix(direction.suffix) {
      for substream in Directory.entries(of: "\(card)/\(device)") where substream.hasPrefix("sub") {
        guard let owner = TextFile.value(of: "owner_pid", in: "\(card)/\(device)/\(substream)/status"),
          let thread = Int32(owner)
        else { continue }
        // The kernel tells the thread that opened it.
        let process = TextFile.value(of: "Tgid", in: "/proc/\(thread)/status").flatMap { Int32($0) } ?? thread
        return "\(TextFile.firstLine(of: "/proc/\(process)/comm") ?? "another program") (process \(process))"
      }
    }
    return nil
  }

  /// Returns the group that may open the card (on Debian `audio`).
  func group(ofCard number: Int) -> String {
    DeviceOwnership.group(of: "\(root)/dev/snd/controlC\(number)") ?? "audio"
  }
}

extension PCMDirection {
  /// With which the kernel's names of devices end.
  fileprivate var suffix: String { self == .capture ? "c" : "p" }
}

/// Small files of the kernel.
private enum TextFile {
  static func firstLine(of path: String) -> String? {
    lines(of: path).first
  }

  /// Returns what follows `name:` at the beginning of a line.
  static func value(of name: String, in path: String) -> String? {
    for line in lines(of: path) {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].trimmed == name else { continue }
      return String(parts[1].trimmed)
    }
    return nil
  }

  /// Reads no more than the files of the kernel that are read here have.
  private static func lines(of path: String) -> [String] {
    guard let file = fopen(path, "re") else { return [] }
    defer { fclose(file) }
    var text = [UInt8](repeating: 0, count: 4096)
    let count = fread(&text, 1, text.count, file)
    return text[..<count].split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    let start = drop { $0.isWhitespace }
    return start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? ""
  }
}
