/// The account's roster, RFC 6121 section 2.
package struct Roster: Hashable, Sendable {
  package static let namespace = "jabber:iq:roster"

  /// RFC 6121 section 2.1.2.5.
  package enum Subscription: String, Hashable, Sendable {
    case none, to, from, both
  }

  package struct Item: Hashable, Sendable {
    package var jid: JID
    package var name: String?
    package var subscription: Subscription
    /// RFC 6121 section 2.1.2.2: our request to subscribe is not answered yet.
    package var isAsking: Bool
    package var groups: [String]
  }

  /// Far more people than a camera has, and a few megabytes.
  package static let limit = 10_000

  package private(set) var items: [JID: Item] = [:]

  package init() {}

  package subscript(jid: JID) -> Item? { items[jid.bare] }

  /// Those who have a subscription to our presence.
  package var subscribers: [Item] { items.values.filter { $0.subscription == .from || $0.subscription == .both } }

  static func request(id: String) -> XMLElement {
    .iq(.get, id: id, XMLElement("query", namespace: namespace))
  }

  /// Takes the answer to a roster get, whose sender has been checked with the request; false where it tells no roster.
  mutating func receive(result: XMLElement) -> Bool {
    guard result.iqType == .result, let query = result.first("query", Self.namespace) else { return false }
    items.removeAll()
    for element in query.all("item", Self.namespace) { update(element) }
    return true
  }

  /// Takes a roster push; false where it is none, or none of the server's making, which RFC 6121 section 2.1.6 lets us
  /// see by its `from`: absent, or our own bare JID. Such a one has no effect, and is answered like any request that
  /// nobody understands, since no answer at all would tell a stranger that we are here.
  mutating func receive(push: XMLElement, local: JID) -> Bool {
    guard push.iqType == .set, let query = push.first("query", Self.namespace) else { return false }
    guard push["from"] == nil || push.from == local.bare else { return false }
    // RFC 6121 section 2.1.6: a push has exactly one item.
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
