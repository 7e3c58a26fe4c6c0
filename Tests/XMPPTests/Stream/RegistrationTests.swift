import NIOCore
import Testing

@testable import XMPP

@Suite("The creation of an account, XEP-0077 and XEP-0445")
struct RegistrationTests {
  typealias Harness = ClientStreamTests.Harness

  // What Prosody 0.12.3 and ejabberd 23.01 send.
  static let feature = "<register xmlns='http://jabber.org/features/iq-register'/>"
  static let tokenFeatures =
    "<register xmlns='urn:xmpp:invite'/><register xmlns='urn:xmpp:ibr-token:0'/>\(feature)"
  static let prosodyForm = """
    <iq type='result' id='form' from='example.org'><query xmlns='jabber:iq:register'><instructions>Choose a username and \
    password for use with this service.</instructions><username/><password/><x xmlns='jabber:x:data' type='form'>\
    <title>Creating a new account</title><instructions>Choose a username and password for use with this \
    service.</instructions><field type='hidden' var='FORM_TYPE'><value>jabber:iq:register</value></field>\
    <field type='text-single' label='Username' var='username'><required/></field>\
    <field type='text-private' label='Password' var='password'><required/></field></x></query></iq>
    """
  static let ejabberdForm = """
    <iq xml:lang='en' from='example.org' type='result' id='form'><query xmlns='jabber:iq:register'><username/><password/>\
    <instructions>Choose a username and password to register with this server</instructions></query></iq>
    """
  static let created = "<iq type='result' id='register' from='example.org'/>"

  static func error(_ id: String, _ type: String, _ condition: String, _ text: String) -> String {
    """
    <iq type='error' id='\(id)' from='example.org'><error type='\(type)'>\
    <\(condition) xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
    <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>\(text)</text></error></iq>
    """
  }

  /// A stream within TLS, whose server offers `features` besides SCRAM.
  private func begin(_ features: String = feature, token: String? = nil) throws -> (Harness, ClientStream.Action) {
    let harness = try Harness(registration: .init(token: token))
    harness.secure()
    return (harness, harness.header(ClientStreamTests.scram + features))
  }

  private func failure(_ action: ClientStream.Action) -> ClientStreamError? {
    if case .fail(let error, _) = action { error } else { nil }
  }

  @Test(
    "the account is created within TLS, in the server's own form, and then logs in on the same stream",
    arguments: [
      (
        prosodyForm,
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>jabber:iq:register</value></field>"
          + "<field var='username'><value>user</value></field><field var='password'><value>pencil</value></field></x>"
      ),
      (ejabberdForm, "<username>user</username><password>pencil</password>"),
    ])
  func whole(form: String, answer: String) throws {
    let (harness, _) = try begin()
    #expect(harness.sent == "<iq id='form' to='example.org' type='get'><query xmlns='jabber:iq:register'/></iq>")
    #expect(!harness.awaitsRegistration)
    harness.receive(form)
    #expect(harness.awaitsRegistration)
    #expect(
      harness.sent
        == "<iq id='register' to='example.org' type='set'><query xmlns='jabber:iq:register'>\(answer)</query></iq>")
    #expect(!harness.hasRegistered)
    harness.receive(Self.created)
    #expect(harness.hasRegistered && !harness.awaitsRegistration)
    #expect(harness.sent.hasPrefix("<auth ") && harness.sent.contains("SCRAM-SHA-256"))
  }

  @Test("the token of an invitation is presented first")
  func invitation() throws {
    let (harness, _) = try begin(Self.tokenFeatures, token: "t&1")
    #expect(
      harness.sent
        == "<iq id='preauth' to='example.org' type='set'><preauth xmlns='urn:xmpp:pars:0' token='t&amp;1'/></iq>")
    harness.receive("<iq type='result' id='preauth' from='invited.example.org'/>")
    #expect(harness.sent.contains("id='form'"))
    harness.receive(Self.prosodyForm)
    harness.receive(Self.created)
    #expect(harness.hasRegistered)
  }

  @Test("a server that offers no registration, or takes no tokens, is told nothing")
  func notOffered() throws {
    let (plain, refusal) = try begin("")
    #expect(failure(refusal) == .registrationNotOffered)
    #expect(!plain.sent.contains("pencil"))
    let (_, other) = try begin(Self.feature, token: "t")
    #expect(failure(other) == .invitationsNotOffered)
  }

  @Test("nothing of a registration is sent before TLS")
  func beforeTLS() throws {
    let harness = try Harness(registration: .init(token: nil))
    harness.perform(harness.stream.opened())
    #expect(failure(harness.header(Self.feature)) == .tlsNotOffered)
    #expect(!harness.sent.contains("register"))
  }

  @Test(
    "a refusal ends the stream with the server's reason, and no account counts as created",
    arguments: [
      ("cancel", StanzaError.Condition.conflict, "The requested username already exists."),
      ("modify", .notAcceptable, "The requested username is invalid."),
      ("cancel", .notAllowed, "Registration is not allowed"),
      ("wait", .resourceConstraint, "Users are not allowed to register accounts so quickly"),
      ("modify", .policyViolation, "Encryption is required"),
    ])
  func refusal(type: String, condition: StanzaError.Condition, text: String) throws {
    let (harness, _) = try begin()
    harness.receive(Self.prosodyForm)
    guard
      case .registrationRefused(let error)? = failure(
        harness.receive(Self.error("register", type, condition.rawValue, text)))
    else {
      Issue.record("not refused"); return
    }
    #expect(error.condition == condition && error.text == text)
    #expect(!harness.hasRegistered && !harness.awaitsRegistration)
  }

  @Test("an invitation that was used is refused")
  func usedInvitation() throws {
    let (harness, _) = try begin(Self.tokenFeatures, token: "t")
    let refusal = Self.error("preauth", "cancel", "forbidden", "The invite token is invalid or expired")
    guard case .invitationRefused(let error)? = failure(harness.receive(refusal)) else {
      Issue.record("not refused"); return
    }
    #expect(error.condition == .forbidden)
    #expect(!harness.sent.contains("pencil"))
  }

  @Test("other stanzas, and answers to other requests, do not count")
  func strangers() throws {
    let (harness, _) = try begin()
    for stanza in [
      "<message from='x@example.org'><body>hello</body></message>", Self.created, "<iq type='set' id='form'/>",
      "<iq id='form'/>",
    ] {
      #expect(harness.receive(stanza) == .wait)
    }
    harness.receive(Self.prosodyForm)
    #expect(harness.sent.contains("pencil"))
    #expect(harness.receive(Self.prosodyForm) == .wait)
    #expect(!harness.hasRegistered)
  }

  // MARK: What only a person can answer

  static func form(_ content: String) -> String {
    "<iq type='result' id='form'><query xmlns='jabber:iq:register'>\(content)</query></iq>"
  }

  static func dataForm(_ fields: String, type: String = "form") -> String {
    """
    <x xmlns='jabber:x:data' type='\(type)'><field type='text-single' var='username'><required/></field>\
    <field type='text-private' var='password'><required/></field>\(fields)</x>
    """
  }

  static let page = "<x xmlns='jabber:x:oob'><url>https://example.org/register</url></x>"
  static let captcha = """
    <field type='hidden' var='FORM_TYPE'><value>urn:xmpp:captcha</value></field>\
    <field var='ocr' label='Enter the text you see'><media xmlns='urn:xmpp:media-element'/><required/></field>
    """

  @Test(
    "what asks for more than a user name and a password is not answered",
    arguments: [
      (form(page), AccountRegistration.Obstacle.page(HTTPSURL("https://example.org/register"))),
      (form("<x xmlns='jabber:x:oob'><url>http://example.org/register</url></x>"), .page(nil)),
      (form("<username/><password/><email/><name/>"), .fields(["email", "name"])),
      (form(dataForm("<field var='email' label='E-mail'><required/></field>")), .fields(["E-mail"])),
      (
        form("<username/><password/>" + dataForm(captcha) + page),
        .captcha(page: HTTPSURL("https://example.org/register"))
      ),
      (form(dataForm(captcha)), .captcha(page: nil)),
      (form(""), .unreadable), (form("<username/>"), .unreadable), (form(dataForm("", type: "result")), .unreadable),
      (form(dataForm(String(repeating: "<field var='x'/>", count: 40))), .unreadable),
      (form("<x xmlns='jabber:x:data' type='form'><field var='username'/></x>"), .unreadable),
      ("<iq type='result' id='form'/>", .unreadable),
    ])
  func obstacles(form: String, obstacle: AccountRegistration.Obstacle) throws {
    let (harness, _) = try begin()
    #expect(failure(harness.receive(form)) == .registrationObstructed(obstacle))
    #expect(!harness.sent.contains("pencil"))
  }

  @Test("a form's hidden fields and what it has filled in itself are returned; optional ones are left out")
  func filledIn() throws {
    let (harness, _) = try begin()
    harness.receive(
      Self.form(
        Self.dataForm(
          "<field var='lang' type='list-single'><required/><value>en</value></field><field var='email'/>"
            + "<field type='fixed' var='note'><value>read this</value></field>"
            + "<field type='hidden' var='sid'><value>7</value></field>")))
    #expect(harness.sent.contains("<field var='lang'><value>en</value></field>"))
    #expect(harness.sent.contains("<field var='sid'><value>7</value></field>"))
    #expect(!harness.sent.contains("email") && !harness.sent.contains("note"))
  }

  @Test("a password has 24 letters and digits, each time others")
  func password() {
    var generator = SystemRandomNumberGenerator()
    let passwords = Set((0..<100).map { _ in AccountRegistration.makePassword(using: &generator) })
    #expect(passwords.count == 100)
    #expect(passwords.allSatisfy { $0.count == 24 && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } })
  }
}
