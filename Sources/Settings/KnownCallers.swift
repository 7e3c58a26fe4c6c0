import Synchronization
import XMPP

/// The list as the XMPP stream sees it, which outlasts a change of settings.
package final class KnownCallers: Sendable {
  private let access: Mutex<AccessList>

  package init(_ access: AccessList) {
    self.access = Mutex(access)
  }

  package func replace(by new: AccessList) {
    access.withLock { $0 = new }
  }

  @Sendable package func isKnown(_ jid: JID) -> Bool {
    access.withLock { $0.role(of: jid) != nil }
  }
}
