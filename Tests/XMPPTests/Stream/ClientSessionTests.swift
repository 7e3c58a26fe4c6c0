import NIOCore
import Testing

@testable import XMPP

@Suite("Client session, RFC 6121")
struct ClientSessionTests {
  let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
  var session: ClientSession

  init() throws {
    var generator = SystemRandomNumberGenerator()
    session = ClientSession(
      jid: try JID("cam@example.org/pi"),
      .init(name: "jinglecam", version: "1", node: "urn:test", type: "pc", features: ["urn:xmpp:jingle:1"]),
      generator: &generator, now: start)
  }

  static func session(
    _ start: NIODeadline, mayDiscover: (@Sendable (JID) -> Bool)? = nil
  ) throws -> ClientSession {
    var generator = SystemRandomNumberGenerator()
    var configuration = ClientSession.Configuration(name: "a", version: "1", node: "urn:a", type: "pc", features: [])
    configuration.mayDiscover = mayDiscover
    return ClientSession(jid: try JID("cam@example.org/pi"), configuration, generator: &generator, now: start)
  }

  mutating func sent() -> [XMLElement] {
    var all: [XMLElement] = []
    while let stanza = session.pollTransmit() { all.append(stanza) }
    return all
  }

  mutating func events() -> [ClientSession.Event] {
    var all: [ClientSession.Event] = []
    while let event = session.pollEvent() { all.append(event) }
    return all
  }

  /// Asks `to`, lets `from` answer, and tells whether that was taken for the answer.
  mutating func isTaken(to: String?, from: String?, type: String = "result") throws -> Bool {
    let payload = XMLElement("services", namespace: ExternalService.namespace)
    let id = session.request(
      .iq(.get, id: "", to: try to.map { try JID($0) }, payload), timeout: .seconds(5), now: start)
    let request = try #require(sent().last)
    var answer = XMLElement("iq", namespace: Namespace.client, attributes: ["type": type])
    answer["id"] = request["id"]
    answer["from"] = from
    session.receive(answer, now: start)
    let events = events()
    // What did not fit must leave the request open for whoever was asked.
    _ = session.pollEvent()
    return events.contains {
      if case .response(id, _) = $0 { true } else { false }
    }
  }

  @Test("a response is accepted only from the entity that was asked")
  mutating func answerFrom() throws {
    #expect(try isTaken(to: "ann@example.net/x", from: "ann@example.net/x"))
    #expect(try isTaken(to: "ann@example.net/x", from: "ann@example.net/x", type: "error"))
    for from in [nil, "ann@example.net", "ann@example.net/y", "example.net", "cam@example.org", "example.org", "@"] {
      #expect(try !isTaken(to: "ann@example.net/x", from: from), "\(from ?? "nobody")")
    }
    for from in [nil, "cam@example.org", "cam@example.org/pi", "example.org"] {
      #expect(try isTaken(to: nil, from: from), "\(from ?? "nobody")")
      #expect(try isTaken(to: "cam@example.org", from: from), "\(from ?? "nobody")")
    }
    for from in ["ann@example.net", "cam@example.net", "example.net", "cam@example.org/other", ""] {
      #expect(try !isTaken(to: nil, from: from), "\(from)")
    }
    #expect(try isTaken(to: "example.org", from: "example.org"))
    #expect(try isTaken(to: "example.org", from: nil))
    #expect(try !isTaken(to: "example.org", from: "cam@example.org"))
    #expect(try !isTaken(to: "example.net", from: nil))
  }

  @Test("a forged response leaves the request pending, and a second response is ignored")
  mutating func forgedThenTrue() throws {
    let payload = XMLElement("ping", namespace: Ping.namespace)
    let id = session.request(
      .iq(.get, id: "", to: try JID("example.org"), payload), timeout: .seconds(5), now: start)
    var answer = XMLElement("iq", namespace: Namespace.client, attributes: ["type": "result", "from": "evil.test"])
    answer["id"] = sent().last?["id"]
    session.receive(answer, now: start)
    #expect(events() == [.stanza(answer)])
    answer["from"] = "example.org"
    session.receive(answer, now: start)
    #expect(events() == [.response(id, .result(answer))])
    session.receive(answer, now: start)
    #expect(events() == [.stanza(answer)])
  }

  @Test("an error response has condition and text, and a missing one times out once")
  mutating func errorAndTimeout() throws {
    let payload = XMLElement("x", namespace: "urn:x")
    let first = session.request(.iq(.set, id: "", payload), timeout: .seconds(5), now: start)
    var answer = XMLElement("iq", namespace: Namespace.client, attributes: ["type": "error"])
    answer["id"] = sent().last?["id"]
    let error = StanzaError(.wait, .resourceConstraint, text: "busy", application: XMLElement("y", namespace: "urn:y"))
    answer.append(error.element)
    session.receive(answer, now: start)
    #expect(events() == [.response(first, .error(error))])

    let second = session.request(.iq(.set, id: "", payload), timeout: .seconds(5), now: start)
    session.handleTimeout(now: start + .seconds(4))
    #expect(events().isEmpty)
    #expect(session.deadline == start + .seconds(5))
    session.handleTimeout(now: start + .seconds(5))
    session.handleTimeout(now: start + .seconds(6))
    #expect(events() == [.response(second, .timedOut)])
  }

  @Test("the roster is requested before the presence with capabilities is sent")
  mutating func online() throws {
    session.start(now: start)
    #expect(
      try goOnline(Self.roster("<both>", ("ann@example.net", "both"), ("bob@example.net/x", "to"), ("@", "to")))
        .map { $0.first("c", ServiceDiscovery.capsNamespace)?["hash"] } == ["sha-1"])
    #expect(events().isEmpty)
    #expect(session.roster.items.count == 2)
    #expect(session.roster[try JID("ann@example.net/phone")]?.subscription == .both)
  }

  /// Answers the request for the roster, and returns what is sent then.
  mutating func goOnline(_ roster: XMLElement? = nil) throws -> [XMLElement] {
    let requests = sent()
    #expect(requests.map { $0.elements.first?.namespace } == [Roster.namespace, EntityTime.namespace])
    var result = try #require(requests.first).result()
    result["to"] = nil
    result.append(roster ?? Self.roster(""))
    session.receive(result, now: start)
    return sent()
  }

  @Test("presence is sent even if the server returns no roster")
  mutating func withoutRoster() throws {
    session.start(now: start)
    let request = try #require(sent().first)
    session.receive(try #require(request.errorReply(StanzaError(.cancel, .serviceUnavailable))), now: start)
    #expect(sent().map(\.name) == ["presence"])

    session = try Self.session(start)
    session.start(now: start)
    _ = sent()
    session.handleTimeout(now: start + .seconds(30))
    #expect(sent().map(\.name) == ["presence"])
  }

  static func roster(_ name: String, _ items: (String, String)...) -> XMLElement { roster(name, items) }

  static func roster(_ name: String, _ items: [(String, String)]) -> XMLElement {
    XMLElement(
      "query", namespace: Roster.namespace,
      children: items.map {
        .element(
          XMLElement(
            "item", namespace: Roster.namespace, attributes: ["jid": $0.0, "subscription": $0.1, "name": name]))
      })
  }

  mutating func push(from: String?, _ query: XMLElement) -> [XMLElement] {
    var push = XMLElement.iq(.set, id: "p", query)
    push["from"] = from
    session.receive(push, now: start)
    return sent()
  }

  @Test("a roster push is accepted only without a sender or from our own bare JID")
  mutating func rosterPush() throws {
    let ann = try JID("ann@example.net")
    let strangers = [
      "evil@example.net", "example.org", "cam@example.org/other", "cam@example.net", "evil.test", "", "♥@b",
    ]
    for from in strangers {
      #expect(push(from: from, Self.roster("Eve", ("ann@example.net", "both"))).isEmpty, "\(from)")
    }
    #expect(session.roster[ann] == nil)
    // Left to the driver, which refuses them like all that nobody understands.
    #expect(events().count == strangers.count)
    #expect(push(from: nil, Self.roster("Ann", ("ann@example.net", "to"))).map { $0["type"] } == ["result"])
    #expect(session.roster[ann]?.subscription == .to)
    #expect(push(from: "cam@example.org", Self.roster("Ann", ("ann@example.net", "remove"))).count == 1)
    #expect(session.roster[ann] == nil)
    #expect(push(from: nil, Self.roster("Two", ("a@b", "to"), ("c@d", "to"))).isEmpty)
    #expect(session.roster.items.isEmpty && events().count == 1)
  }

  @Test("the roster is bounded, and known contacts can still change")
  mutating func rosterLimit() throws {
    for number in 0..<Roster.limit + 10 {
      _ = push(from: nil, Self.roster("", ("user\(number)@example.net", "to")))
    }
    #expect(session.roster.items.count == Roster.limit)
    _ = push(from: nil, Self.roster("", ("user0@example.net", "both")))
    #expect(session.roster[try JID("user0@example.net")]?.subscription == .both)
    _ = push(from: nil, Self.roster("", ("user0@example.net", "remove")))
    _ = push(from: nil, Self.roster("", ("new@example.net", "to")))
    #expect(session.roster[try JID("new@example.net")]?.subscription == .to)
  }

  @Test("only permitted contacts, our account and the server are answered")
  mutating func strangers() throws {
    let ann = try JID("ann@example.net/x")
    session = try Self.session(start, mayDiscover: { $0 == ann })
    func question(_ from: String?) -> XMLElement {
      var question = XMLElement.iq(.get, id: "q", XMLElement("ping", namespace: Ping.namespace))
      question["from"] = from
      return question
    }
    for from in [ann.description, nil, "example.org", "cam@example.org", "cam@example.org/other"] {
      session.receive(question(from), now: start)
      #expect(sent().map { $0["type"] } == ["result"] && events().isEmpty, "\(from ?? "nobody")")
    }
    // The last are malformed, which is not absent: some servers let names be registered that PRECIS refuses.
    for from in [
      "eve@example.net/x", "ann@example.net/y", "example.net", "eve@example.org/x", "♥@example.org/x", "", "@",
    ] {
      session.receive(question(from), now: start)
      #expect(sent().isEmpty && events() == [.stanza(question(from))], "\(from)")
    }
  }

  @Test("disco#info with and without the node, ping and version are answered")
  mutating func answers() throws {
    func ask(_ payload: XMLElement) -> XMLElement {
      var request = XMLElement.iq(.get, id: "q", payload)
      request["from"] = "ann@example.net/x"
      return request
    }
    session.start(now: start)
    let caps = try #require(goOnline().last?.first("c", ServiceDiscovery.capsNamespace))
    let node = "\(caps["node"] ?? "")#\(caps["ver"] ?? "")"
    for node in [nil, node] {
      var query = XMLElement("query", namespace: ServiceDiscovery.infoNamespace)
      query["node"] = node
      session.receive(ask(query), now: start)
      let answer = try #require(sent().first)
      #expect(answer["type"] == "result" && answer["to"] == "ann@example.net/x" && answer["id"] == "q")
      let info = try #require(answer.first("query", ServiceDiscovery.infoNamespace))
      #expect(info["node"] == node)
      #expect(info.all("identity", ServiceDiscovery.infoNamespace).first?["category"] == "client")
      #expect(info.all("feature", ServiceDiscovery.infoNamespace).contains { $0["var"] == "urn:xmpp:jingle:1" })
    }
    var unknown = XMLElement("query", namespace: ServiceDiscovery.infoNamespace)
    unknown["node"] = "other"
    session.receive(ask(unknown), now: start)
    #expect(sent().map { StanzaError(parsing: $0).condition } == [.itemNotFound])
    session.receive(ask(XMLElement("ping", namespace: Ping.namespace)), now: start)
    #expect(sent().map { $0["type"] } == ["result"])
    session.receive(ask(XMLElement("query", namespace: SoftwareVersion.namespace)), now: start)
    #expect(sent().first?.first("query", SoftwareVersion.namespace)?.elements.map(\.text) == ["jinglecam", "1"])
    #expect(events().isEmpty)
    let odd = ask(XMLElement("odd", namespace: "urn:odd"))
    session.receive(odd, now: start)
    #expect(events() == [.stanza(odd)] && sent().isEmpty)
  }

  @Test("a silent server is pinged and given up if it does not answer")
  mutating func silence() throws {
    #expect(session.deadline == start + .seconds(90))
    session.handleTimeout(now: start + .seconds(89))
    #expect(sent().isEmpty)
    session.handleTimeout(now: start + .seconds(90))
    #expect(sent().map { $0.first("ping", Ping.namespace) != nil } == [true])
    session.handleTimeout(now: start + .seconds(109))
    #expect(sent().isEmpty && events().isEmpty)
    session.handleTimeout(now: start + .seconds(110))
    #expect(events() == [.silent])
  }

  @Test("a server that sends anything is alive")
  mutating func alive() throws {
    session.heard(now: start + .seconds(60))
    session.handleTimeout(now: start + .seconds(90))
    #expect(sent().isEmpty)
    session.handleTimeout(now: start + .seconds(150))
    let ping = try #require(sent().first)
    var answer = ping.result()
    answer["from"] = "example.org"
    answer["to"] = nil
    session.receive(answer, now: start + .seconds(151))
    session.handleTimeout(now: start + .seconds(200))
    #expect(events().isEmpty)
    #expect(session.deadline == start + .seconds(241))
  }

  @Test("an unhandled stanza is answered as a server does for an unavailable resource")
  func unavailable() throws {
    func condition(_ name: String, _ type: String?) -> StanzaError.Condition? {
      let stanza = XMLElement(name, namespace: Namespace.client, attributes: type.map { ["type": $0] } ?? [:])
      return stanza.unavailableReply.map { StanzaError(parsing: $0).condition }
    }
    for (name, type) in [("iq", "get"), ("iq", "set"), ("message", "groupchat")] {
      #expect(condition(name, type) == .serviceUnavailable, "\(name) \(type)")
    }
    for type in [nil, "normal", "chat", "headline", "error", ""] { #expect(condition("message", type) == nil) }
    for type in [nil, "result", "error", "groupchat"] { #expect(condition("iq", type) == nil) }
    for type in [nil, "subscribe", "probe", "groupchat", "error"] { #expect(condition("presence", type) == nil) }
  }

  @Test("errors and results get no error reply, and other replies keep id and sender")
  func errorReplies() throws {
    for type in ["error", "result"] {
      #expect(
        XMLElement("iq", namespace: Namespace.client, attributes: ["type": type]).errorReply(.init(.cancel, .gone))
          == nil)
    }
    #expect(XMLElement("features", namespace: Namespace.streams).errorReply(.init(.cancel, .gone)) == nil)
    var request = XMLElement.iq(.set, id: "7", XMLElement("x", namespace: "urn:x"))
    request["from"] = "a@b/c"
    let reply = try #require(request.errorReply(StanzaError(.modify, .badRequest, text: "t")))
    #expect(reply["id"] == "7" && reply["to"] == "a@b/c" && reply["type"] == "error")
    #expect(StanzaError(parsing: reply) == StanzaError(.modify, .badRequest, text: "t"))
    #expect(StanzaError(parsing: XMLElement("iq", namespace: Namespace.client)).condition == .undefinedCondition)
  }

  @Test("a probe pings the server at once, which is silent after 20 s without any data")
  mutating func probe() {
    session.heard(now: start)
    session.probe(now: start + .seconds(1))
    // Not twice at a time.
    session.probe(now: start + .seconds(2))
    #expect(sent().count { $0.first("ping", Ping.namespace) != nil } == 1)
    session.handleTimeout(now: start + .seconds(20))
    #expect(events().isEmpty)
    session.handleTimeout(now: start + .seconds(21))
    #expect(events() == [.silent])
  }

  @Test("any data after the ping counts as an answer")
  mutating func probeAnswered() {
    session.probe(now: start + .seconds(1))
    session.heard(now: start + .seconds(2))
    session.handleTimeout(now: start + .seconds(21))
    #expect(events().isEmpty)
    _ = sent()
    session.probe(now: start + .seconds(22))
    #expect(sent().count == 1)
  }
}
