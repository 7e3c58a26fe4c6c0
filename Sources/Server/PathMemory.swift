import XMPP

/// What the paths to those who watched have carried last, so that their next calls begin with a picture that fits.
struct PathMemory: Sendable {
  /// More people than may watch a camera, and still little memory.
  private static let limit = 64
  /// A shorter call, in seconds, has not found out what its path carries.
  static let leastDuration = 3.0

  /// The latest is the last.
  private var paths: [(person: JID, rate: Int)] = []

  /// - Parameter rate: in bits per second.
  mutating func remember(_ rate: Int, of viewer: JID) {
    paths.removeAll { $0.person == viewer.bare }
    if paths.count == Self.limit { paths.removeFirst() }
    paths.append((viewer.bare, rate))
  }

  /// In bits per second; nil where nothing is known.
  func rate(of viewer: JID) -> Int? { paths.first { $0.person == viewer.bare }?.rate }
}
