import NIOCore
import Synchronization
import Testing

@testable import XMPP

@Suite("Ad-hoc commands, XEP-0050")
struct AdHocCommandsTests {
  private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
  private var commands: AdHocCommands

  private static let form = DataForm(
    .form, title: "Configure Service", instructions: "Please select the service to configure.",
    fields: [
      .init(
        "service", .listSingle, label: "Service", value: "httpd",
        options: [.init(label: "Web server", value: "httpd"), .init(label: "XMPP server", value: "jabberd")])
    ])

  /// Session ids are that of the XEP, then others.
  init() {
    let names = [
      ("list", "List Service Configurations"), ("config", "Configure Service"),
      ("reset", "Reset Service Configuration"),
      ("start", "Start Service"), ("stop", "Stop Service"), ("restart", "Restart Service"),
    ]
    let made = Atomic<Int>(700)
    let counter = Counter(made: made)
    commands = AdHocCommands(names.map { .init(node: $0.0, name: $0.1) }) {
      "config:20020923T213616Z-\(counter.made.wrappingAdd(1, ordering: .relaxed).oldValue)"
    }
  }

  private final class Counter: Sendable {
    let made: Atomic<Int>
    init(made: consuming Atomic<Int>) { self.made = made }
  }

  private mutating func reply(_ stanza: XMLElement, at time: TimeAmount = .zero) -> XMLElement? {
    guard case .reply(let reply) = commands.receive(stanza, now: start + time) else { return nil }
    return reply
  }

  private mutating func request(_ stanza: XMLElement, at time: TimeAmount = .zero) -> AdHocCommands.Request? {
    guard case .perform(let request) = commands.receive(stanza, now: start + time) else { return nil }
    return request
  }

  /// As far as the form.
  private mutating func ask(at time: TimeAmount = .zero) throws -> XMLElement? {
    let request = try #require(request(try Fixture.element("commands-execute"), at: time))
    return commands.ask(request, Self.form, now: start + time)
  }

  @Test("commands are listed and described as in the XEP")
  mutating func discovery() throws {
    #expect(reply(try Fixture.element("commands-items-request")) == (try Fixture.element("commands-items-result")))
    #expect(reply(try Fixture.element("commands-info-request")) == (try Fixture.element("commands-info-result")))
    var unknown = try Fixture.element("commands-info-request")
    unknown.children = [
      .element(XMLElement("query", namespace: ServiceDiscovery.infoNamespace, attributes: ["node": "none"]))
    ]
    #expect(reply(unknown).map(StanzaError.init)?.condition == .itemNotFound)
  }

  @Test("a command asks for a form, takes the submitted form, and completes")
  mutating func form() throws {
    #expect(try ask() == Fixture.element("commands-form"))
    let request = try #require(request(try Fixture.element("commands-submit")))
    #expect(request.node == "config" && request.form?["service"] == "httpd")
    let done = commands.reply(to: request, "Service 'httpd' has been configured.")
    #expect(done == (try Fixture.element("commands-completed")))
    // The session is over.
    #expect(reply(try Fixture.element("commands-submit")).map(StanzaError.init)?.condition == .notAllowed)
  }

  @Test("a command can be cancelled")
  mutating func cancel() throws {
    _ = try ask()
    #expect(reply(try Fixture.element("commands-cancel")) == (try Fixture.element("commands-canceled")))
    #expect(reply(try Fixture.element("commands-submit")) != nil)
  }

  @Test("a session is identified by its ID, its command and the device that began it")
  mutating func sessionOwner() throws {
    _ = try ask()
    let submit = try Fixture.element("commands-submit")
    for (attribute, value) in [
      ("from", "requester@domain/other"), ("from", "requester@domain"), ("from", "evil@domain/r"),
    ] {
      var foreign = submit
      foreign[attribute] = value
      #expect(reply(foreign).map(StanzaError.init)?.condition == .notAllowed, "\(value)")
    }
    for (attribute, value) in [("node", "restart"), ("sessionid", "config:20020923T213616Z-701"), ("sessionid", "")] {
      let command = try #require(submit.elements.first)
      var changed = command
      changed[attribute] = value
      var stanza = submit
      stanza.children = [.element(changed)]
      #expect(reply(stanza).map(StanzaError.init)?.condition == .notAllowed, "\(value)")
    }
    #expect(request(submit) != nil)
  }

  @Test("a form is forgotten after ten minutes, and the oldest one if there are too many")
  mutating func bounds() throws {
    _ = try ask()
    let submit = try Fixture.element("commands-submit")
    #expect(reply(submit, at: AdHocCommands.patience).map(StanzaError.init)?.application?.name == "session-expired")

    for second in 0...AdHocCommands.sessionLimit {
      let request = try #require(request(try Fixture.element("commands-execute"), at: .seconds(Int64(second))))
      _ = commands.ask(request, Self.form, now: start + .seconds(Int64(second)))
    }
    func submission(_ number: Int) throws -> XMLElement {
      var command = try #require(submit.elements.first)
      command["sessionid"] = "config:20020923T213616Z-\(number)"
      var stanza = submit
      stanza.children = [.element(command)]
      return stanza
    }
    #expect(request(try submission(701), at: .seconds(20)) == nil)
    #expect(request(try submission(702), at: .seconds(20)) != nil)
  }

  @Test(
    "malformed commands are refused",
    arguments: [
      ("node='none'", StanzaError.Condition.itemNotFound, nil), ("action='execute'", .itemNotFound, nil),
      ("node='list' action='jump'", .badRequest, "malformed-action"),
      ("node='list' action='prev'", .badRequest, "bad-action"),
      ("node='list' sessionid='1'", .notAllowed, "session-expired"),
    ])
  mutating func malformed(attributes: String, condition: StanzaError.Condition, problem: String?) throws {
    let error = reply(
      try Fixture.parse(
        "<iq type='set' from='a@b/c' id='1'><command xmlns='http://jabber.org/protocol/commands' \(attributes)/></iq>")
    ).map(StanzaError.init)
    #expect(error?.condition == condition && error?.application?.name == problem)
  }

  @Test("only a submitted form of limited size is accepted")
  mutating func payload() throws {
    _ = try ask()
    let submit = try Fixture.element("commands-submit")
    let field = "<field var='service'><value>httpd</value></field>"
    for form in [
      "", "<x xmlns='jabber:x:data' type='cancel'/>", "<x xmlns='jabber:x:data'>\(field)</x>",
      "<x xmlns='jabber:x:data' type='submit'>" + String(repeating: field, count: DataForm.fieldLimit + 1) + "</x>",
    ] {
      let session = "sessionid='config:20020923T213616Z-700' node='config'"
      let stanza = try Fixture.parse(
        "<iq type='set' from='requester@domain/resource' id='1'><command xmlns='http://jabber.org/protocol/commands' "
          + "\(session)>\(form)</command></iq>")
      #expect(reply(stanza).map(StanzaError.init)?.application?.name == "bad-payload", "\(form)")
    }
    #expect(request(submit) != nil)
  }

  @Test("a command with a delay stamp is ignored")
  mutating func delayed() throws {
    var stanza = try Fixture.element("commands-execute")
    stanza.append(XMLElement("delay", namespace: "urn:xmpp:delay", attributes: ["stamp": "2026-01-01T00:00:00Z"]))
    #expect(request(stanza) == nil && reply(stanza) == nil)
  }

  @Test("commands and queries for them are forbidden without permission, and nothing else is")
  func forbidden() throws {
    for name in ["commands-items-request", "commands-info-request", "commands-execute", "commands-submit"] {
      let stanza = try Fixture.element(name)
      #expect(AdHocCommands.forbid(stanza).map(StanzaError.init)?.condition == .forbidden, "\(name)")
    }
    #expect(AdHocCommands.forbid(try Fixture.element("commands-form")) == nil)
    #expect(AdHocCommands.forbid(try Fixture.parse("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>")) == nil)
  }
}
