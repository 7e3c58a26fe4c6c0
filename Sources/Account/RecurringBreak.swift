import NIOCore

/// Recognizes that one stream after the other is ended by something unreadable soon after its login, as by what a server
/// keeps for the account and sends each time.
struct RecurringBreak: Sendable {
  /// What is worth a line in the log: each sender once, and once that there is none.
  struct Finding: Equatable, Sendable {
    var sender: String?
  }

  /// A server sends what it keeps as soon as we are available.
  private static let soon = TimeAmount.seconds(30)
  private static let occurrences = 3
  /// A server may name another sender each time.
  private static let senderLimit = 16

  /// Whether it was recognized. It stays so: what is left where it is would come again.
  private(set) var isRecognized = false
  /// The senders of the stanzas that nobody could read, in order.
  private(set) var senders: [String] = []
  private var count = 0
  private var hasToldOfNobody = false

  /// A stream ended so long after its login; nil: by something else.
  mutating func streamEnded(by unreadable: XMPPClientError.Unreadable?, after time: TimeAmount) -> Finding? {
    guard let unreadable, time <= Self.soon else {
      count = 0
      if !isRecognized { senders = [] }
      return nil
    }
    count += 1
    let isNew = take(unreadable.sender)
    guard !isRecognized else { return isNew ? Finding(sender: unreadable.sender) : nil }
    guard count >= Self.occurrences else { return nil }
    isRecognized = true
    return Finding(sender: unreadable.sender)
  }

  /// Whether it was not known.
  private mutating func take(_ sender: String?) -> Bool {
    guard let sender else {
      defer { hasToldOfNobody = true }
      return !hasToldOfNobody
    }
    guard senders.count < Self.senderLimit, !senders.contains(sender) else { return false }
    senders.append(sender)
    return true
  }
}
