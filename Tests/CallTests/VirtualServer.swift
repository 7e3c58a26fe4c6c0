import Jingle
import NIOCore
import XMPP

/// The XMPP servers of a ``CallWorld``, as one: it stamps who speaks, and may lose its connection to a device.
final class VirtualServer {
  var delay = TimeAmount.milliseconds(20)
  /// What becomes of a stanza on its way.
  var change: (XMLElement) -> XMLElement = { $0 }
  private var hosts: [CallHost] = []
  /// What waits for devices whose connection is broken, to be delivered on resumption (XEP-0198).
  private var waiting: [ObjectIdentifier: [XMLElement]] = [:]
  private var gone: Set<ObjectIdentifier> = []

  func connect(_ host: CallHost) {
    hosts.append(host)
  }

  /// Lets an offer or an answer say something else of who sends a content.
  func setSenders(of name: String, to senders: Content.Senders?, in action: JingleAction) {
    change = { stanza in
      var stanza = stanza
      stanza.children = stanza.children.map { child in
        guard case .element(let element) = child, var jingle = try? Jingle(element), jingle.action == action
        else { return child }
        for index in jingle.contents.indices where jingle.contents[index].name == name {
          jingle.contents[index].senders = senders
        }
        return .element(jingle.element)
      }
      return stanza
    }
  }

  /// The stream breaks, and may be resumed.
  func interrupt(_ host: CallHost) {
    waiting[ObjectIdentifier(host)] = []
  }

  /// The stream is resumed: what came meanwhile is delivered, and what the device said meanwhile is sent.
  func resume(_ host: CallHost) {
    for stanza in waiting.removeValue(forKey: ObjectIdentifier(host)) ?? [] { send(stanza, stampedBy: host) }
  }

  /// The stream is lost for good.
  func disconnect(_ host: CallHost) {
    gone.insert(ObjectIdentifier(host))
  }

  func send(_ stanza: XMLElement, from sender: CallHost) {
    var stanza = change(stanza)
    stanza["from"] = sender.jid.description
    send(stanza, stampedBy: sender)
  }

  private func send(_ stanza: XMLElement, stampedBy sender: CallHost) {
    guard !gone.contains(ObjectIdentifier(sender)) else { return }
    let isOfSender = stanza.from == sender.jid
    if isOfSender, waiting[ObjectIdentifier(sender)] != nil {
      waiting[ObjectIdentifier(sender)]?.append(stanza)
      return
    }
    guard let to = stanza.to else { return }
    for host in hosts where to == host.jid || to == host.jid.bare && host !== sender {
      if gone.contains(ObjectIdentifier(host)) { continue }
      if waiting[ObjectIdentifier(host)] != nil {
        waiting[ObjectIdentifier(host)]?.append(stanza)
      } else {
        host.deliver(stanza, at: host.now + delay)
      }
    }
  }
}
