import NIOCore
import Network
import XMPP

/// What the server keeps for the account must not keep it off line.
extension AccountConnection {
  /// Has the next login leave it where it is, once it ended one stream after the other. True: the former session is not to
  /// be resumed, which would go on with what it was told.
  func streamEnded(by cause: XMPPClientError?, after time: TimeAmount) -> Bool {
    let finding = recurrence.streamEnded(by: cause?.unreadable, after: time)
    guard recurrence.isRecognized else { return false }
    if let finding {
      logger.warning(
        "the server sends a stanza after each login that cannot be read: from now on it is left on the server",
        metadata: ["from": "\(PrintableText.from(finding.sender ?? "nobody", limit: 160))"])
    }
    let mayDiscover = login.session.mayDiscover
    login.session.quiet = QuietLogin(
      requests: recurrence.senders.reduce(into: [:]) { requests, sender in
        let address = String(sender.prefix { $0 != "/" })
        guard address.contains("@") else { return }
        requests[address] = (try? JID(address)).flatMap { mayDiscover?($0) } ?? false
      })
    return cause?.unreadable != nil
  }
}
