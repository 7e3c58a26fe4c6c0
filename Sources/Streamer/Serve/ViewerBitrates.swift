/// What one encoder sends to several viewers, by what each says that its network takes (REMB).
///
/// The best of them sets the rate, since nobody is to see less because another's network is bad; those who can take much
/// less are throttled: they get every other frame.
struct ViewerBitrates: Sendable {
  /// Below this part of the rate a viewer is throttled, and again sent all from the whole of it on.
  private static let throttling = 0.85

  /// Of the encoder, where nobody can take less; bits per second.
  var configured: Int {
    didSet { update() }
  }
  private var caps: [Int: Int] = [:]
  private(set) var throttled: Set<Int> = []

  init(configured: Int) {
    self.configured = configured
  }

  /// What the encoder is limited to.
  var limit: Int { caps.values.max() ?? .max }

  mutating func join(_ id: Int) {
    caps[id] = .max
    update()
  }

  mutating func cap(_ id: Int, to bitsPerSecond: Int) {
    guard caps[id] != nil else { return }
    caps[id] = bitsPerSecond
    update()
  }

  mutating func leave(_ id: Int) {
    caps[id] = nil
    update()
  }

  private mutating func update() {
    let rate = Double(min(limit, configured))
    throttled = Set(
      caps.keys.filter { id in
        Double(caps[id] ?? .max) < rate * (throttled.contains(id) ? 1 : Self.throttling)
      })
  }
}
