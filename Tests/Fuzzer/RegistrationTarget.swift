import NIOCore

@testable import XMPP

extension FuzzTarget {
  /// All that a server says where an account is to be created, with the token of an invitation or without; what zero
  /// separates comes at different times. And each of its stanzas as if it were a form.
  static let registration = FuzzTarget(text: "registration", seeds: seeds, words: words) { bytes in
    for token in [nil, "token"] {
      var scene = StreamScene(registration: .init(token: token))
      for piece in bytes.readableBytesView.split(separator: 0) { scene.receive(ByteBuffer(bytes: piece)) }
      scene.end()
    }
    let text = bytes.readableBytesView.split(separator: 0).last.map { ByteBuffer(bytes: $0) } ?? ByteBuffer()
    for case .stanza(let stanza) in events(text, step: .max) { fill(stanza) }
  }

  /// A form that is filled in has the user name and the password, and nothing else that the server did not ask for.
  private static func fill(_ form: XMLElement) {
    guard let server = try? JID("example.org"),
      let filled = try? AccountRegistration.submission(
        of: form, id: "r", to: server, username: "user", password: "pencil")
    else { return }
    guard case .stanza(let read)? = events(XMLWriter.bytes(of: filled), step: .max).first,
      let query = read.first("query", AccountRegistration.namespace)
    else { fatalError("a form that nobody can read") }
    var answers: [(name: String, value: String)] = []
    if let fields = query.first("x", DataForm.namespace) {
      require(fields["type"] == "submit" && query.elements.count == 1)
      for field in fields.all("field", DataForm.namespace) {
        answers.append((field["var"] ?? "", field.first("value", DataForm.namespace)?.text ?? ""))
      }
      require(answers.count <= DataForm.fieldLimit, "\(answers.count) fields")
    } else {
      answers = query.elements.map { ($0.name, $0.text) }
    }
    for (name, value) in answers {
      require(value.utf8.count <= 3 * 4096, "a value of \(value.utf8.count) bytes")
      if name == "username" { require(value == "user") }
      if name == "password" { require(value == "pencil") }
    }
    require(Set(answers.map(\.name)).isSuperset(of: ["username", "password"]), "an account without a password")
  }

  private static let secured =
    "\(header)<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>\0"
    + "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\0"
  private static let offered =
    "\(secured)\(header)<stream:features><register xmlns='http://jabber.org/features/iq-register'/>"
    + "<register xmlns='urn:xmpp:ibr-token:0'/><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
    + "<mechanism>SCRAM-SHA-256</mechanism></mechanisms></stream:features>\0"
  private static let accepted = "<iq type='result' id='preauth'/>\0"

  private static func form(_ content: String) -> String {
    "<iq type='result' id='form'><query xmlns='jabber:iq:register'>\(content)</query></iq>"
  }

  private static func fields(_ content: String) -> String {
    form("<username/><password/><x xmlns='jabber:x:data' type='form'>\(content)</x>")
  }

  private static let seeds = [
    offered + form("<instructions>x</instructions><username/><password/>") + "\0<iq type='result' id='register'/>\0"
      + "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cj1hLHM9YyxpPTQwOTY=</challenge>",
    offered + accepted
      + fields(
        "<field type='hidden' var='FORM_TYPE'><value>jabber:iq:register</value></field><field var='username'><required/>"
          + "</field><field type='text-private' var='password'><required/></field><field type='fixed'><value>x</value></field>"
          + "<field var='email' label='E-mail'><required/></field>"),
    offered + accepted + fields("<field var='username'/><field var='password'/>") + "\0"
      + "<iq type='error' id='register'><error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
      + "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>taken</text></error></iq>",
    offered
      + "<iq type='error' id='preauth'><error type='cancel'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
      + "</error></iq>",
    offered
      + fields(
        "<field type='hidden' var='FORM_TYPE'><value>urn:xmpp:captcha</value></field><field var='ocr'>"
          + "<media xmlns='urn:xmpp:media-element'><uri type='image/png'>cid:a@b</uri></media><required/></field>"),
    offered + form("<x xmlns='jabber:x:oob'><url>https://example.org/register</url></x>"),
    offered + form("<key>abc</key><username/><password/><email/>"),
  ]

  private static let words = [
    "\0", "<field var='", "<field type='hidden' var='", " label='", "<value>", "</value>", "</field>", "<required/>",
    "<username/>", "<password/>", "<key>", "</key>", "<registered/>", "<remove/>", "jabber:x:data", "jabber:x:oob",
    "<url>https://", "</url>", "urn:xmpp:captcha", "<media xmlns='urn:xmpp:media-element'/>", "<error type='",
    "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>", "</text>", "<resource-constraint/>", "<conflict/>",
    "<iq type='error' id='form'>", "<iq type='result' id='register'/>", accepted,
  ]
}
