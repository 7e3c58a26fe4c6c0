import NIOCore
import Testing

@testable import XMPP

@Suite("Client stream negotiation, RFC 6120")
struct ClientStreamTests {
  typealias Action = ClientStream.Action

  /// A stream with the parser before it, fed text as a server would send it.
  final class Harness {
    let parser = XMLStreamParser()
    var stream: ClientStream
    var sent = ""
    var management: StreamManagement? { stream.management }
    var hasRegistered: Bool { stream.hasRegistered }
    var awaitsRegistration: Bool { stream.awaitsRegistration }

    init(
      resource: String? = "pi", isResumable: Bool = false, resumption: Resumption? = nil, hadSCRAM: Bool = false,
      registration: ClientStream.Configuration.Registration? = nil
    ) throws {
      var generator = SystemRandomNumberGenerator()
      var configuration = ClientStream.Configuration(
        jid: try JID("user@example.org"), password: "pencil", resource: resource)
      configuration.isResumable = isResumable
      configuration.resumption = resumption
      configuration.hadSCRAM = hadSCRAM
      configuration.registration = registration
      stream = ClientStream(configuration, generator: &generator)
    }

    /// The last action that is not `wait`.
    @discardableResult
    func receive(_ text: String) -> Action {
      parser.receive(ByteBuffer(string: text))
      var last = Action.wait
      while let event = parser.pollEvent() {
        let action = perform(stream.receive(event))
        if action != .wait { last = action }
      }
      return last
    }

    @discardableResult
    func perform(_ action: Action) -> Action {
      switch action {
      case .send(let bytes): sent = String(buffer: bytes)
      case .established(_, let bytes): sent = bytes.map { String(buffer: $0) } ?? ""
      case .restart(let bytes):
        parser.restart()
        sent = String(buffer: bytes)
      case .startTLS: parser.restart()
      default: break
      }
      return action
    }

    func header(_ features: String) -> Action {
      receive(
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
          + "<stream:features>\(features)</stream:features>")
    }

    func secure(by bindings: [ChannelBinding] = []) {
      perform(stream.opened())
      _ = header("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>")
      receive("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
      perform(stream.secured(by: bindings))
    }

    /// What the last element that was sent holds in base64.
    func sentData() throws -> String {
      let data = try #require(Base64.decode(sent.drop { $0 != ">" }.dropFirst().prefix { $0 != "<" }))
      return String(decoding: data, as: UTF8.self)
    }

    /// Up to our proof; returns the server's signature, in base64.
    func authenticate(_ mechanisms: String = scram) throws -> String {
      _ = header(mechanisms)
      let text = try sentData()
      let nonce = text.split(separator: ",").last?.dropFirst(2) ?? ""
      let serverFirst = "r=\(nonce)server,s=c2FsdA==,i=4096"
      let action = receive(sasl("challenge", serverFirst))
      guard case .derive(let derivation) = action else {
        Issue.record("no derivation: \(action)")
        return ""
      }
      let keys = try #require(derivation.derive())
      perform(stream.derived(keys))
      let firstBare = text.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)[2]
      let authMessage = "\(firstBare),\(serverFirst),c=biws,r=\(nonce)server"
      return Base64.encode(SCRAMHash.sha256.hmac(key: keys.server, Array(authMessage.utf8)))
    }

    func bind(_ more: String = "") throws -> Action {
      receive(sasl("success", "v=" + (try authenticate())))
      return header("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>" + more)
    }

    func establish(_ more: String = "") throws {
      secure()
      _ = try bind(more)
      receive(bound)
    }
  }

  static let scram = mechanisms("SCRAM-SHA-256")
  static let bound =
    "<iq type='result' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>user@example.org/x</jid></bind></iq>"

  static func mechanisms(_ names: String...) -> String {
    "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
      + names.map { "<mechanism>\($0)</mechanism>" }.joined() + "</mechanisms>"
  }

  static func sasl(_ name: String, _ text: String) -> String {
    "<\(name) xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\(Base64.encode(Array(text.utf8)))</\(name)>"
  }

  func failure(_ action: Action) -> ClientStreamError? {
    if case .fail(let error, let bytes) = action {
      #expect(String(buffer: bytes).hasSuffix("</stream:stream>"))
      return error
    }
    return nil
  }

  @Test("a stream consists of STARTTLS, SCRAM, binding, stanzas and its end")
  func whole() throws {
    let harness = try Harness()
    harness.perform(harness.stream.opened())
    #expect(harness.sent.contains(" to='example.org'") && !harness.sent.contains(" from="))
    #expect(harness.sent.contains(" version='1.0'"))
    _ = harness.header("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" + Self.scram)
    #expect(harness.sent == "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    #expect(harness.receive("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>") == .startTLS)
    harness.perform(harness.stream.secured(by: []))
    #expect(harness.sent.contains(" from='user@example.org'"))
    let signature = try harness.authenticate()
    #expect(harness.sent.hasPrefix("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"))
    guard case .restart = harness.receive(Self.sasl("success", "v=" + signature)) else {
      Issue.record("no restart"); return
    }
    _ = harness.header("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")
    #expect(
      harness.sent == "<iq id='bind' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
        + "<resource>pi</resource></bind></iq>")
    guard case .established(let session, nil) = harness.receive(Self.bound) else { Issue.record("not bound"); return }
    #expect(session.jid.description == "user@example.org/x")
    #expect(harness.receive("<presence/>") == .stanza(XMLElement("presence", namespace: Namespace.client)))
    #expect(harness.receive("<r xmlns='urn:xmpp:sm:3'/>") == .wait)
    #expect(harness.perform(harness.stream.close()) == .send(ByteBuffer(string: "</stream:stream>")))
    #expect(harness.receive("</stream:stream>") == .close(nil))
  }

  @Test(
    "only STARTTLS is sent without encryption",
    arguments: ["", Self.scram, "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"])
  func tlsStripped(features: String) throws {
    let harness = try Harness()
    harness.perform(harness.stream.opened())
    #expect(failure(harness.header(features)) == .tlsNotOffered)
    #expect(!harness.sent.contains("user") && !harness.sent.contains("auth"))
  }

  @Test("a refused STARTTLS ends the stream")
  func tlsRefused() throws {
    let harness = try Harness()
    harness.perform(harness.stream.opened())
    _ = harness.header("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    #expect(failure(harness.receive("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")) == .tlsRefused)
  }

  @Test("data injected before TLS does not affect the stream within TLS")
  func injection() throws {
    let harness = try Harness()
    harness.perform(harness.stream.opened())
    _ = harness.header("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    let evil = "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
    #expect(harness.receive("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" + evil) == .startTLS)
    harness.perform(harness.stream.secured(by: []))
    #expect(failure(harness.receive("</mechanisms></stream:features>")) == .xml(.notWellFormed))
    // A driver that forgot to restart its parser would not be fooled either.
    var generator = SystemRandomNumberGenerator()
    var stream = ClientStream(
      .init(jid: try JID("user@example.org"), password: "pencil", resource: nil), generator: &generator)
    _ = stream.opened()
    _ = stream.receive(
      .opened(XMLElement("stream", namespace: Namespace.streams, attributes: ["version": "1.0"])))
    let offer = XMLElement(
      "features", namespace: Namespace.streams, children: [.element(XMLElement("starttls", namespace: Namespace.tls))])
    _ = stream.receive(.stanza(offer))
    #expect(stream.receive(.stanza(XMLElement("proceed", namespace: Namespace.tls))) == .startTLS)
    #expect(failure(stream.receive(.stanza(offer))) == .unexpected("features"))
  }

  @Test("a success without a valid server signature is refused")
  func impostor() throws {
    for (success, error) in [
      ("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", SASLError.serverNotAuthenticated),
      (Self.sasl("success", "v=AAAA"), .wrongServerSignature),
      (Self.sasl("success", "hello"), .malformedMessage),
    ] {
      let harness = try Harness()
      harness.secure()
      _ = try harness.authenticate()
      #expect(failure(harness.receive(success)) == .sasl(error))
    }
    let early = try Harness()
    early.secure()
    _ = early.header(Self.scram)
    #expect(
      failure(early.receive("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")) == .sasl(.serverNotAuthenticated))
  }

  @Test("the server signature may arrive in a challenge before the success")
  func proofInChallenge() throws {
    let harness = try Harness()
    harness.secure()
    harness.receive(Self.sasl("challenge", "v=" + (try harness.authenticate())))
    #expect(harness.sent == "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
    guard case .restart = harness.receive("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>") else {
      Issue.record("no restart"); return
    }
  }

  @Test("a stream to an internationalized domain is opened with the spelling of the address")
  func internationalized() throws {
    for (jid, spelling) in [
      (try JID("user@xn--bcher-kva.example").inULabels, "b\u{FC}cher.example"),
      (try JID("user@b\u{FC}cher.example").inALabels, "xn--bcher-kva.example"),
    ] {
      var generator = SystemRandomNumberGenerator()
      var stream = ClientStream(.init(jid: jid, password: "pencil", resource: nil), generator: &generator)
      guard case .send(let bytes) = stream.opened() else { Issue.record("no header"); return }
      #expect(String(buffer: bytes).contains(" to='\(spelling)'"))
    }
  }

  @Test("a SASL failure of the server is reported with its condition")
  func saslFailure() throws {
    let harness = try Harness()
    harness.secure()
    _ = try harness.authenticate()
    let text = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/><text>no</text></failure>"
    #expect(failure(harness.receive(text)) == .authenticationFailed(condition: "not-authorized", text: "no"))
  }

  @Test("the gs2 flag reveals to the server that -PLUS was removed from its list")
  func downgrade() throws {
    let harness = try Harness()
    harness.secure(by: [.serverEndPoint([1, 2, 3])])
    _ = harness.header(Self.scram)
    #expect(try harness.sentData().hasPrefix("y,,n=user,r="))
  }

  @Test("a channel binding that the server lists is used and covered by the proof")
  func channelBinding() throws {
    let harness = try Harness()
    harness.secure(by: [.exporter([9]), .serverEndPoint([1, 2, 3])])
    _ = harness.header(
      "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-unique'/>"
        + "<channel-binding/><channel-binding type='tls-exporter'/></sasl-channel-binding>"
        + Self.mechanisms("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"))
    #expect(harness.sent.contains("mechanism='SCRAM-SHA-256-PLUS'"))
    #expect(try harness.sentData().hasPrefix("p=tls-exporter,,n=user,r="))
  }

  @Test("a login by SCRAM is reported, and later no password is sent to a server with PLAIN only")
  func scramWithdrawn() throws {
    let first = try Harness()
    first.secure()
    _ = try first.bind()
    guard case .established(let session, _) = first.receive(Self.bound) else { Issue.record("not bound"); return }
    #expect(session.hadSCRAM)
    let second = try Harness(hadSCRAM: true)
    second.secure()
    #expect(failure(second.header(Self.mechanisms("PLAIN"))) == .sasl(.scramWithdrawn))
    #expect(!second.sent.contains("<auth"))
    let other = try Harness()
    other.secure()
    _ = other.header(Self.mechanisms("PLAIN"))
    #expect(other.sent.contains("mechanism='PLAIN'"))
    other.receive("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
    _ = other.header("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")
    guard case .established(let session, _) = other.receive(Self.bound) else { Issue.record("not bound"); return }
    #expect(!session.hadSCRAM)
  }

  @Test("unknown stream features, such as SASL2, are ignored")
  func unknownFeatures() throws {
    let unknown =
      "<authentication xmlns='urn:xmpp:sasl:2'><mechanism>SCRAM-SHA-256</mechanism><mechanism>PLAIN</mechanism>"
      + "<inline><bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:sm:3'/></inline></bind></inline>"
      + "</authentication><limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>10000</max-bytes></limits>"
      + "<register xmlns='http://jabber.org/features/iq-register'/><x xmlns='urn:example:unknown'><required/></x>"
    let harness = try Harness()
    harness.secure()
    harness.receive(Self.sasl("success", "v=" + (try harness.authenticate(unknown + Self.scram))))
    _ = harness.header(unknown + "<bind xmlns='\(Namespace.bind)'><required/></bind>")
    guard case .established = harness.receive(Self.bound) else { Issue.record("not bound"); return }
  }

  @Test("a stream error is reported with condition, text and other host, and ends the stream")
  func streamErrors() throws {
    let harness = try Harness()
    try harness.establish()
    let text =
      "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
      + "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>Replaced</text></stream:error>"
    #expect(failure(harness.receive(text)) == .stream(.conflict, text: "Replaced", host: nil))
    #expect(harness.receive("<presence/></stream:stream>") == .wait)
    let other = try Harness()
    try other.establish()
    #expect(
      failure(
        other.receive(
          "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>h:1</see-other-host></stream:error>"
        ))
        == .stream(.seeOtherHost, text: nil, host: "h:1"))
  }

  @Test("unreadable XML is answered with its stream error")
  func xmlError() throws {
    let harness = try Harness()
    try harness.establish()
    guard case .fail(.xml(.restrictedXML, from: nil), let bytes) = harness.receive("<!DOCTYPE a>") else {
      Issue.record("no failure"); return
    }
    #expect(
      String(buffer: bytes) == "<stream:error><restricted-xml xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
        + "</stream:error></stream:stream>")
  }

  @Test("a server without XMPP 1.0 is refused")
  func version() throws {
    for header in [
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='0.9'>",
      "<html xmlns='http://www.w3.org/1999/xhtml' version='1.0'>",
    ] {
      let harness = try Harness()
      harness.perform(harness.stream.opened())
      #expect(failure(harness.receive(header)) == .notXMPP)
    }
  }

  @Test("binding handles a conflict, an invalid JID, a foreign response and the old session")
  func binding() throws {
    let conflict = try Harness()
    conflict.secure()
    _ = try conflict.bind()
    let error =
      "<iq type='error' id='bind'><error type='cancel'><conflict xmlns='\(Namespace.stanzaErrors)'/></error></iq>"
    // The server has the last word on the resource.
    conflict.receive(error)
    #expect(conflict.sent.hasSuffix("><bind xmlns='\(Namespace.bind)'/></iq>"))
    #expect(failure(conflict.receive(error)) == .bindFailed(StanzaError(.cancel, .conflict)))
    let bare = try Harness()
    bare.secure()
    _ = try bare.bind()
    #expect(bare.receive(Self.bound.replacing("id='bind'", with: "id='other'")) == .wait)
    #expect(failure(bare.receive(Self.bound.replacing("/x<", with: "<"))) == .unexpected("bind"))
    let old = try Harness()
    old.secure()
    old.receive(Self.sasl("success", "v=" + (try old.authenticate())))
    _ = old.header("<bind xmlns='\(Namespace.bind)'/><session xmlns='\(Namespace.session)'/>")
    old.receive(Self.bound)
    #expect(old.sent.contains("<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"))
    guard case .established = old.receive("<iq type='result' id='session'/>") else {
      Issue.record("no session"); return
    }
    let new = try Harness()
    new.secure()
    _ = try new.bind("<session xmlns='\(Namespace.session)'><optional/></session>")
    guard case .established = new.receive(Self.bound) else { Issue.record("an optional session was opened"); return }
  }

  @Test("a server that closes the stream during negotiation has failed, and later it has ended")
  func closedByServer() throws {
    let early = try Harness()
    early.secure()
    _ = early.header(Self.scram)
    #expect(failure(early.receive("</stream:stream>")) == .closedByServer)
    let late = try Harness()
    try late.establish()
    #expect(late.receive("</stream:stream>") == .close(ByteBuffer(string: "</stream:stream>")))
  }
}
