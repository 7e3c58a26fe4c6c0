import Testing

@testable import Server
@testable import Settings
@testable import XMPP

@Suite("Whom the camera asks for presence, and whom it takes its own from")
struct SubscriptionPlanTests {
  private func plan(
    allowing people: [String] = ["ann@example.net", "example.org"], approved: [String] = [],
    _ contacts: (String, String)...
  ) throws -> SubscriptionPlan {
    var access = AccessList()
    for person in people { access.allow(try JID(person), as: .viewer) }
    return SubscriptionPlan(
      account: try JID("cam@example.net/x"), access: access, roster: try Roster(contacts),
      approved: Set(try approved.map { try JID($0) }))
  }

  private func texts(_ jids: some Sequence<JID>) -> [String] { jids.map(\.description).sorted() }

  @Test("who is on the list by name is asked, unless that is done or was answered; nobody of a domain is")
  func asked() throws {
    #expect(try texts(plan().asked) == ["ann@example.net"])
    for subscription in ["none", "from"] {
      #expect(try texts(plan(("ann@example.net", subscription)).asked) == ["ann@example.net"])
    }
    for subscription in ["to", "both", "ask"] {
      #expect(try plan(("ann@example.net", subscription)).asked.isEmpty, "\(subscription)")
    }
    #expect(try plan(allowing: ["cam@example.net"]).asked.isEmpty, "the camera itself")
  }

  @Test("who is struck off loses it where the camera let him in", arguments: ["from", "both"])
  func struckOff(subscription: String) throws {
    let plan = try plan(approved: ["bob@example.net", "ann@example.net"], ("bob@example.net", subscription))
    #expect(texts(plan.struckOff) == ["bob@example.net"] && plan.others.isEmpty)
  }

  @Test("contacts whom others let in keep it, all of them", arguments: ["from", "both"])
  func others(subscription: String) throws {
    let plan = try plan(
      approved: ["eve@example.net"], ("bob@example.net", subscription), ("carl@example.net", subscription))
    #expect(plan.struckOff.isEmpty && texts(plan.others) == ["bob@example.net", "carl@example.net"])
  }

  @Test("those who do not have it are no concern", arguments: ["none", "to", "ask"])
  func without(subscription: String) throws {
    let plan = try plan(
      approved: ["bob@example.net"], ("bob@example.net", subscription), ("eve@evil.test", subscription))
    #expect(plan.struckOff.isEmpty && plan.others.isEmpty)
  }

  @Test("on an account of the camera's own, who is on its list by name counts as let in; on another's nobody does")
  func adopted() throws {
    let own = try plan(("ann@example.net", "both"), ("somebody@example.org", "both"), ("eve@evil.test", "to"))
    #expect(texts(own.adopted) == ["ann@example.net"])
    #expect(try plan(("ann@example.net", "to")).adopted.isEmpty)
    #expect(try plan(("ann@example.net", "both"), ("bob@example.net", "both")).adopted.isEmpty)
    let struckOff = try plan(approved: ["bob@example.net"], ("ann@example.net", "both"), ("bob@example.net", "both"))
    #expect(texts(struckOff.adopted) == ["ann@example.net"])
  }
}

extension Roster {
  /// Of addresses and subscriptions; `ask`: none, and we have asked.
  init(_ contacts: [(String, String)]) throws {
    self.init()
    var query = XMLElement("query", namespace: Roster.namespace)
    for (jid, subscription) in contacts {
      var item = XMLElement(
        "item", namespace: Roster.namespace, attributes: ["jid": jid, "subscription": subscription])
      if subscription == "ask" { (item["subscription"], item["ask"]) = ("none", "subscribe") }
      query.append(item)
    }
    try #require(receive(result: Roster.request(id: "1").result(query)))
  }
}
