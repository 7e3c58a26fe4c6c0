import Network

/// The places to try for one stream, in order, with those that servers redirect to.
struct ConnectionTargets {
  /// RFC 6120 section 4.9.3.19: "at least 2 but no more than 5".
  static let maximumRedirections = 5

  private var waiting: [ConnectionTarget]
  private var tried: Set<ConnectionTarget> = []
  private var redirections = 0
  private var origins: [ConnectionTarget: ConnectionTarget] = [:]

  init(_ targets: [ConnectionTarget]) {
    waiting = targets
  }

  /// Each place once.
  mutating func next() -> ConnectionTarget? {
    while !waiting.isEmpty {
      let target = waiting.removeFirst()
      if tried.insert(target).inserted { return target }
    }
    return nil
  }

  /// Takes the places that a server redirects to, as the next to be tried. False where there were too many redirections,
  /// or where it leads only to places that were tried.
  mutating func redirect(from origin: ConnectionTarget, to targets: [ConnectionTarget]) -> Bool {
    let new = targets.filter { !tried.contains($0) }
    guard redirections < Self.maximumRedirections, !new.isEmpty else { return false }
    redirections += 1
    for target in new { origins[target] = origin }
    waiting = new + waiting
    return true
  }

  /// Who sent us there.
  func origin(of target: ConnectionTarget) -> ConnectionTarget? { origins[target] }
}
