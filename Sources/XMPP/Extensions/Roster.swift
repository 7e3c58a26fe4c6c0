/// The roster of the account (RFC 6121 section 2).
package struct Roster: Hashable, Sendable {
  package static let namespace = "jabber:iq:roster"

  /// The state of a presence subscription (RFC 6121 section 2.1.2.5).
  package enum Subscription: String, Hashable, Sendable {
    case none, to, from, both
  }

  package struct Item: Hashable, Sendable {
    package var jid: JID
    package var name: String?
    package var subscription: Subscription
    /// Whether our subscription request is unanswered so far (RFC 6121 section 2.1.2.2).
    package var isAsking: Bool
    package var groups: [String]
  }

  /// The most contacts kept: far more than a camera has, and a few megabytes.
  package static let limit = 10_000

  package private(set) var items: [JID: Item] = [:]

  package init() {}

  package subscript(jid: JID) -> Item? { items[jid.bare] }

  /// The contacts that are subscribed to our presence.
  package var subscribers: [Item] { items.values.filter { $0.subscription == .from || $0.subscription == .both } }

  static func request(id: String) -> XMLElement {
    .iq(.get, id: id, XMLElement("query", namespace: namespace))
  }

  /// Takes the response to a roster get, whose sender has been verified with the request; returns false if it contains
  /// no roster.
  mutating func receive(result: XMLElement) -> Bool {
    guard result.iqType == .result, let query = result.first("query", Self.namespace) else { return false }
    items.removeAll()
    for element in query.all("item", Self.namespace) { update(element) }
    return true
  }

  /// Takes a roster push; returns false if the stanza is none, or does not come from the server, in which case it has
  /// no effect. A genuine push has no `from` or our bare JID as its `from` (RFC 6121 section 2.1.6). A forged one is
  /// answered like any unknown request, since silence would reveal to a stranger that we are online.
  mutating func receive(push: XMLElement, local: JID) -> Bool {
    guard push.iqType == .set, let query = push.first("query", Self.namespace) else { return false }
    guard push["from"] == nil || push.from == local.bare else { return false }
    // A push has exactly one item (RFC 6121 section 2.1.6).
    guard let item = query.elements.first, query.elements.count == 1 else { return false }
    update(item)
    return true
  }

  private mutating func update(_ element: XMLElement) {
    guard element.is("item", Self.namespace), let jid = element["jid"].flatMap({ try? JID($0).bare }) else { return }
    if element["subscription"] == "remove" {
      items[jid] = nil
      return
    }
    guard items.count < Self.limit || items[jid] != nil else { return }
    items[jid] = Item(
      jid: jid, name: element["name"],
      subscription: element["subscription"].flatMap(Subscription.init) ?? .none,
      isAsking: element["ask"] == "subscribe", groups: element.all("group", Self.namespace).map(\.text))
  }
}
