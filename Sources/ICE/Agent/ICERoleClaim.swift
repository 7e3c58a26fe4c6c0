/// The role that an agent claims in its checks, and the tie-breaker that decides if both agents claim the same role
/// (RFC 8445 section 7.3.1.1).
struct ICERoleClaim: Sendable {
  enum Resolution: Sendable {
    case agreed
    /// Both claimed the same role, and the peer keeps it.
    case yields
    /// Both claimed the same role, and the peer has to change it; a 487 response tells it so.
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

  /// Compares our claim with that of the peer's request.
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
