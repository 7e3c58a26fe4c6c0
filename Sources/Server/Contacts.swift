import NIOCore
import Settings
import XMPP

/// What is known of those who may watch, and of those who would like to.
struct Contacts {
  let callers: KnownCallers
  let approved: ApprovedSubscribers
  var mirrored = MirroredClients()
  var welcome = WelcomeCalls()
  /// For the deadline of `welcome`.
  var welcomeTimer: Scheduled<Void>?
  /// Strangers whose contact requests nobody answered, the latest last: who is allowed afterwards need not ask again.
  private(set) var asking: [JID] = []
  private static let askingLimit = 64
  /// Whether the log has it that the account has contacts of its own.
  var hasToldOfOthers = false

  init(callers: KnownCallers, approved: ApprovedSubscribers) {
    self.callers = callers
    self.approved = approved
  }

  /// What was known of devices is told again in a new session.
  mutating func beginSession() {
    mirrored = MirroredClients()
    welcome.beginSession()
  }

  mutating func remember(asking stranger: JID) {
    asking.removeAll { $0 == stranger }
    asking = asking.suffix(Self.askingLimit - 1) + [stranger]
  }

  /// - Returns: whether the person has asked.
  mutating func forget(asking person: JID) -> Bool {
    defer { asking.removeAll { $0 == person } }
    return asking.contains(person)
  }
}
