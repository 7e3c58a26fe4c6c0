import Account
import NIOCore
import XMPP

/// How many of a person's messages are answered, so that two programs that answer each other come to rest.
///
/// No standard marks a message as automatic. But no answer of ours is a command, and what is none is answered a few
/// times only: so another camera, or whoever repeats what it hears, soon ends it.
struct AnswerBudget: Sendable {
  enum Kind: Hashable, Sendable {
    case command
    /// The hint that a message was not understood, or may not be obeyed.
    case hint
    /// The remark that encrypted messages cannot be read.
    case encrypted
    /// The remark, after a call, that there is no picture.
    case outage

    fileprivate var capacity: Int {
      switch self {
      case .command: 10
      case .hint, .outage: 3
      case .encrypted: 1
      }
    }

    fileprivate var interval: TimeAmount {
      switch self {
      case .command: .seconds(6)
      case .outage: .minutes(1)
      case .hint: .minutes(2)
      // Told once, a person knows.
      case .encrypted: .hours(24)
      }
    }
  }

  private struct Key: Hashable, Sendable {
    let person: JID
    let kind: Kind
  }

  /// The budgets of those who wrote lately: a domain on the list may have many people.
  private var recent: [Key: TokenBucket] = [:]

  mutating func take(_ kind: Kind, for person: JID, now: NIODeadline) -> Bool {
    recent = recent.filter { entry in
      var bucket = entry.value
      return !bucket.isFull(now: now)
    }
    let key = Key(person: person.bare, kind: kind)
    var bucket = recent[key] ?? TokenBucket(capacity: kind.capacity, interval: kind.interval, now: now)
    defer { recent[key] = bucket }
    return bucket.take(now: now)
  }
}
