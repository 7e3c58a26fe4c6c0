/// The role that an agent claims in its checks, and the tie-breaker that settles it where both claim the same
/// (RFC 8445 section 7.3.1.1).
struct ICERoleClaim: Sendable {
  enum Resolution: Sendable {
    case agreed
    /// The peer keeps the role that both claimed.
    case yields
    /// The peer is to change its role, and is told so by a 487.
    case insists
  }

  private(set) var role: ICERole
  private var tieBreaker: UInt64

  init(_ role: ICERole, using generator: inout some RandomNumberGenerator) {
    self.role = role
    tieBreaker = generator.next()
  }

  var attribute: STUNAttribute {
    role == .controlling ? .iceControlling(tieBreaker) : .iceControlled(tieBreaker)
  }

  func resolution(against request: STUNMessage) -> Resolution {
    switch role {
    case .controlling: request.iceControlling.map { tieBreaker >= $0 ? .insists : .yields } ?? .agreed
    case .controlled: request.iceControlled.map { tieBreaker >= $0 ? .yields : .insists } ?? .agreed
    }
  }

  mutating func switchRole() {
    role = role.opposite
  }

  /// "The agent MUST change the tiebreaker value" (RFC 8445 section 7.2.5.1).
  mutating func changeTieBreaker(using generator: inout some RandomNumberGenerator) {
    tieBreaker = generator.next()
  }
}
