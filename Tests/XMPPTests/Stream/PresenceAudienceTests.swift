import Synchronization
import Testing

@testable import XMPP

@Suite("Who gets our presence, RFC 6121 section 4")
struct PresenceAudienceTests {
  /// Everybody of example.net may know, and whoever was let in since.
  private final class Audience {
    var value: PresenceAudience
    var roster: Roster? = Roster()

    init(mayKnow: (@Sendable (JID) -> Bool)? = { $0.domain == "example.net" }) {
      value = PresenceAudience(mayKnow: mayKnow)
    }

    func contacts(_ contacts: (String, String)...) {
      var roster = Roster()
      _ = roster.receive(result: .iq(.result, id: "r", ClientSessionTests.roster("", contacts)))
      self.roster = roster
    }

    /// What is sent, as `TYPE to TO`, `full` being that which is announced.
    func announce(_ status: String = "ready") -> [String] {
      let presence = PresenceAudienceTests.presence(status)
      return value.announce(presence, roster: roster).map { stanza in
        var bare = stanza
        bare["to"] = nil
        let kind = bare == presence ? "full" : stanza["type"] ?? (stanza.children.isEmpty ? "available" : "other")
        return stanza["to"].map { "\(kind) to \($0)" } ?? kind
      }
    }

    func receive(_ from: String, _ type: String? = nil) -> Bool {
      var presence = XMLElement("presence", namespace: Namespace.client)
      (presence["from"], presence["type"]) = (from, type)
      return value.receive(presence)
    }
  }

  private static func presence(_ status: String) -> XMLElement {
    XMLElement(
      "presence", namespace: Namespace.client,
      children: [.element(XMLElement("status", namespace: Namespace.client, children: [.text(status)]))])
  }

  @Test("presence is broadcast once if all subscribers are permitted")
  func broadcast() {
    let audience = Audience()
    audience.contacts(("ann@example.net", "both"), ("eve@evil.test", "to"), ("mallory@evil.test", "none"))
    #expect(audience.announce() == ["full"])
    #expect(audience.announce().isEmpty)
    _ = audience.receive("ann@example.net/phone")
    #expect(audience.announce().isEmpty)
    #expect(audience.announce("2 watching") == ["full"])
  }

  @Test("presence is broadcast if everybody is permitted, whoever is in the roster")
  func everybody() {
    let audience = Audience(mayKnow: nil)
    audience.contacts(("eve@evil.test", "both"))
    #expect(audience.announce() == ["full"])
    audience.roster = nil
    #expect(audience.announce("busy") == ["full"])
  }

  @Test(
    "with other subscribers only availability is broadcast, and permitted devices get full presence",
    arguments: ["from", "both", nil])
  func shared(subscription: String?) {
    let audience = Audience()
    audience.contacts(("ann@example.net", "both"), ("eve@evil.test", subscription ?? "to"))
    if subscription == nil { audience.roster = nil }
    #expect(audience.announce() == ["available"])
    #expect(audience.receive("ann@example.net/phone"))
    #expect(audience.announce() == ["full to ann@example.net/phone"])
    #expect(!audience.receive("ann@example.net/phone"))
    #expect(audience.announce().isEmpty)
    for (from, type) in [("eve@evil.test/x", nil), ("ann@example.net", nil), ("bob@example.net/x", "subscribe")] {
      #expect(!audience.receive(from, type), "\(from)")
    }
    #expect(audience.announce("2 watching") == ["full to ann@example.net/phone"])
    #expect(audience.receive("ann@example.net/desk"))
    #expect(audience.announce("2 watching") == ["full to ann@example.net/desk"])
  }

  @Test(
    "an unavailable device gets no presence, and a returning one gets it again", arguments: ["unavailable", "error"])
  func gone(type: String) {
    let audience = Audience()
    audience.contacts(("eve@evil.test", "from"))
    _ = audience.announce()
    _ = audience.receive("ann@example.net/phone")
    _ = audience.announce()
    #expect(!audience.receive("ann@example.net/phone", type))
    #expect(audience.announce("2 watching").isEmpty)
    #expect(audience.receive("ann@example.net/phone"))
    #expect(audience.announce("2 watching") == ["full to ann@example.net/phone"])
  }

  @Test("a new unpermitted contact withdraws the broadcast presence, and its removal restores it")
  func change() {
    let audience = Audience()
    _ = audience.receive("ann@example.net/phone")
    #expect(audience.announce() == ["full"])
    audience.contacts(("eve@evil.test", "from"))
    #expect(audience.announce() == ["available", "full to ann@example.net/phone"])
    audience.contacts()
    #expect(audience.announce() == ["full"])
  }

  @Test("a device that loses its permission is sent unavailable presence")
  func struckOff() {
    let isAllowed = Atomic(true)
    let audience = Audience(mayKnow: { _ in isAllowed.load(ordering: .relaxed) })
    audience.roster = nil
    _ = audience.receive("ann@example.net/phone")
    #expect(audience.announce() == ["available", "full to ann@example.net/phone"])
    isAllowed.store(false, ordering: .relaxed)
    #expect(audience.announce() == ["unavailable to ann@example.net/phone"])
    #expect(audience.announce("2 watching").isEmpty)
  }

  @Test("the number of devices is bounded")
  func bound() {
    let audience = Audience()
    audience.roster = nil
    for number in 0..<PresenceAudience.limit { #expect(audience.receive("ann@example.net/\(number)")) }
    #expect(!audience.receive("ann@example.net/more"))
    #expect(audience.announce().count == PresenceAudience.limit + 1)
  }
}
