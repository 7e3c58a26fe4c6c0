import Settings
import Synchronization
import XMPP

/// The list as the XMPP stream sees it, which outlasts a change of settings.
final class KnownCallers: Sendable {
  private let access: Mutex<AccessList>

  init(_ access: AccessList) {
    self.access = Mutex(access)
  }

  func replace(by new: AccessList) {
    access.withLock { $0 = new }
  }

  @Sendable func isKnown(_ jid: JID) -> Bool {
    access.withLock { $0.role(of: jid) != nil }
  }
}
