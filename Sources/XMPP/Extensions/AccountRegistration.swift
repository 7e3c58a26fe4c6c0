/// The creation of an account on its server: In-Band Registration (XEP-0077), and Pre-Authenticated In-Band Registration
/// (XEP-0445) for a server that creates accounts only for those with an invitation.
package enum AccountRegistration {
  static let namespace = "jabber:iq:register"
  /// The stream feature of a server that creates accounts (XEP-0077 section 8).
  static let feature = "http://jabber.org/features/iq-register"
  /// The stream feature of a server that takes the tokens of invitations (XEP-0445 section 4).
  static let invitationFeature = "urn:xmpp:ibr-token:0"
  /// The namespace in which a token is presented (XEP-0445 section 4, XEP-0379).
  private static let preauthentication = "urn:xmpp:pars:0"
  /// Out-of-Band Data in its form for requests (XEP-0066 section 4), by which a server names a web page.
  private static let outOfBand = "jabber:x:oob"
  private static let captcha = "urn:xmpp:captcha"
  private static let media = "urn:xmpp:media-element"

  /// What a server wants to know besides the user name and the password, which only a person can answer.
  package enum Obstacle: Error, Hashable, Sendable {
    /// A CAPTCHA (XEP-0158).
    case captcha(page: HTTPSURL?)
    /// It creates accounts on a web page.
    case page(HTTPSURL?)
    /// These fields.
    case fields([String])
    /// The form asks for no user name and no password, or cannot be read.
    case unreadable
  }

  /// The most characters that a field may have whose value is returned to the server as it is.
  private static let valueLimit = 4096

  static func isOffered(by features: XMLElement) -> Bool { features.first("register", feature) != nil }

  static func takesInvitations(_ features: XMLElement) -> Bool {
    features.first("register", invitationFeature) != nil
  }

  /// Presents the token of an invitation (XEP-0445 section 4).
  static func preauthentication(id: String, to server: JID, token: String) -> XMLElement {
    .iq(.set, id: id, to: server, XMLElement("preauth", namespace: preauthentication, attributes: ["token": token]))
  }

  /// Asks which fields the server wants.
  static func formRequest(id: String, to server: JID) -> XMLElement {
    .iq(.get, id: id, to: server, XMLElement("query", namespace: namespace))
  }

  /// Deletes the account that is logged in (XEP-0077 section 3.2).
  package static var removal: XMLElement {
    var query = XMLElement("query", namespace: namespace)
    query.append(XMLElement("remove", namespace: namespace))
    return .iq(.set, id: "", query)
  }

  /// Fills in the form that a server has sent.
  ///
  /// - Parameter form: the result of ``formRequest(id:to:)``.
  /// - Throws: `Obstacle`, if the user name and the password do not suffice.
  static func submission(
    of form: XMLElement, id: String, to server: JID, username: String, password: String
  ) throws(Obstacle) -> XMLElement {
    guard let query = form.first("query", namespace) else { throw .unreadable }
    let page = query.first("x", outOfBand)?.first("url", outOfBand).flatMap { HTTPSURL($0.text) }
    var answer = XMLElement("query", namespace: namespace)
    // A form goes before the fields of old, and they go before a web page (XEP-0077 section 6).
    if let form = query.first("x", DataForm.namespace) {
      answer.append(try filled(form, page: page, username: username, password: password))
    } else {
      answer.children = try fields(of: query, page: page, username: username, password: password).map { .element($0) }
    }
    return .iq(.set, id: id, to: server, answer)
  }

  private static func fields(
    of query: XMLElement, page: HTTPSURL?, username: String, password: String
  ) throws(Obstacle) -> [XMLElement] {
    let wanted = query.elements.filter { $0.namespace == namespace && $0.name != "instructions" }
    guard wanted.contains(where: { $0.name == "username" }), wanted.contains(where: { $0.name == "password" }) else {
      guard wanted.isEmpty, query.first("x", outOfBand) != nil else { throw .unreadable }
      throw .page(page)
    }
    var answers: [XMLElement] = []
    var unknown: [String] = []
    for field in wanted {
      let value: String
      switch field.name {
      case "username": value = username
      case "password": value = password
      // What old servers recognize their own form by (XEP-0077 section 7).
      case "key" where field.text.utf8.count <= valueLimit: value = field.text
      default:
        unknown.append(field.name)
        continue
      }
      answers.append(XMLElement(field.name, namespace: namespace, children: [.text(value)]))
    }
    guard unknown.isEmpty else { throw .fields(unknown) }
    return answers
  }

  private static func filled(
    _ form: XMLElement, page: HTTPSURL?, username: String, password: String
  ) throws(Obstacle) -> XMLElement {
    let fields = form.all("field", DataForm.namespace)
    guard form["type"] == "form", fields.count <= DataForm.fieldLimit else { throw .unreadable }
    let isCaptcha = fields.contains { field in
      field.first("media", media) != nil || field["var"] == "FORM_TYPE" && value(of: field) == captcha
    }
    if isCaptcha { throw .captcha(page: page) }
    var answers = XMLElement("x", namespace: DataForm.namespace, attributes: ["type": "submit"])
    var unknown: [String] = []
    var known: Set<String> = []
    for field in fields {
      guard let name = field["var"], field["type"] != "fixed" else { continue }
      let answer: String
      switch (name, value(of: field)) {
      case ("username", _): answer = username
      case ("password", _): answer = password
      // "Hidden fields ... MUST be returned" (XEP-0004 section 3.3); what the form fills in itself is left as it is.
      case (_, let given?) where given.utf8.count <= valueLimit: answer = given
      case _ where field.first("required", DataForm.namespace) != nil:
        unknown.append(field["label"] ?? name)
        continue
      default: continue
      }
      known.insert(name)
      let value = XMLElement("value", namespace: DataForm.namespace, children: [.text(answer)])
      answers.append(
        XMLElement("field", namespace: DataForm.namespace, attributes: ["var": name], children: [.element(value)]))
    }
    guard unknown.isEmpty else { throw .fields(unknown) }
    guard known.isSuperset(of: ["username", "password"]) else { throw .unreadable }
    return answers
  }

  private static func value(of field: XMLElement) -> String? { field.first("value", DataForm.namespace)?.text }

  /// Makes a password that nobody has to remember: 24 letters and digits, which are 142 bits.
  package static func makePassword(using generator: inout some RandomNumberGenerator) -> String {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    return String((0..<24).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] })
  }
}
