import Capture

/// Whether the source is there, and since when it is not.
struct SourceState: Sendable {
  private(set) var presence: SourcePresence
  /// Seconds since 1970 at which it was first found missing; nil while it is there.
  private(set) var missingSince: Int64?

  init(_ source: String) {
    presence = SourcePresence(source)
  }

  var isPresent: Bool { presence.isPresent }

  /// - Parameter now: seconds since 1970.
  /// - Returns: whether it came or went.
  mutating func update(_ new: SourcePresence, now: Int64) -> Bool {
    let wasPresent = isPresent
    presence = new
    guard new.isPresent != wasPresent else { return false }
    missingSince = new.isPresent ? nil : now
    return true
  }
}
