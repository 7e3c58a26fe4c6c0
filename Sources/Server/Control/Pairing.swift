import NIOCore
import XMPP

/// The one-time code that makes whoever sends it the first admin: for ten minutes and five attempts, of whomever they are.
///
/// Eight digits are 26.6 bits: five guesses hit one in twenty million times.
struct Pairing: Sendable {
  enum Answer: Equatable, Sendable {
    /// By somebody's bare JID, as his server stamped it.
    case paired(JID)
    case wrong(attemptsLeft: Int)
  }

  static let lifetime = TimeAmount.minutes(10)
  static let attemptLimit = 5
  private static let digits = 8

  /// In two groups, as people read them out.
  let code: String
  let deadline: NIODeadline
  private(set) var attemptsLeft = attemptLimit

  /// - Parameter generator: one that nobody can guess.
  init(now: NIODeadline, using generator: inout some RandomNumberGenerator) {
    let groups = (0..<2).map { _ in
      let number = Int.random(in: 0..<10_000, using: &generator)
      return String(repeating: "0", count: 4 - String(number).count) + String(number)
    }
    code = groups.joined(separator: " ")
    deadline = now + Self.lifetime
  }

  func isOpen(now: NIODeadline) -> Bool { now < deadline && attemptsLeft > 0 }

  /// Takes what somebody wrote; nil if it is no code at all, which costs no attempt, or if it comes too late.
  mutating func receive(_ message: ChatMessage, now: NIODeadline) -> Answer? {
    guard isOpen(now: now), case .text(let text) = message.content, let attempt = Self.number(in: text) else {
      return nil
    }
    attemptsLeft -= 1
    guard Self.areEqual(attempt, Self.number(in: code) ?? []) else { return .wrong(attemptsLeft: attemptsLeft) }
    // It is for one.
    attemptsLeft = 0
    return .paired(message.from.bare)
  }

  /// The digits of a code, whatever blanks and marks are around and between them.
  private static func number(in text: String) -> [UInt8]? {
    let bytes = text.utf8
    guard bytes.count <= 64 else { return nil }
    let found = bytes.filter { !" -.\t\r\n".utf8.contains($0) }
    return found.count == digits && found.allSatisfy { (0x30...0x39).contains($0) } ? found : nil
  }

  /// In the same time wherever they differ, so that it cannot be guessed digit by digit.
  private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
