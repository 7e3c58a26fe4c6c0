import Jingle
import XMPP

/// Who a stanza is for that no request of ours waits for, by its kind and its payload (RFC 6120 section 8): one part of the
/// server looks at it, and where that has no use for it, it is refused.
enum StanzaTopic: Hashable, Sendable {
  /// Jingle, its messages, and the answers to both.
  case call
  case presence
  case chat
  /// Whatever else is asked, of which we know commands alone.
  case command

  init(_ stanza: XMLElement) {
    if stanza.is("presence", Namespace.client) {
      self = .presence
    } else if stanza.is("message", Namespace.client) {
      self = Self.isOfCall(message: stanza) ? .call : .chat
    } else {
      self = Self.isOfCall(request: stanza) ? .call : .command
    }
  }

  /// A propose that cannot be delivered comes back; a receipt (XEP-0184) says that it rings.
  private static func isOfCall(message: XMLElement) -> Bool {
    message["type"] == "error" || message.first("received", Namespace.receipts) != nil
      || message.elements.contains { $0.namespace == Namespace.jingleMessage }
  }

  private static func isOfCall(request: XMLElement) -> Bool {
    request["type"] == "result" || request["type"] == "error" || request.first("jingle", Namespace.jingle) != nil
  }
}
