import Network
import Testing

@testable import Account
@testable import Diagnosis
@testable import Settings
@testable import XMPP

@Suite("What a doctor says of the XMPP server and the contacts")
struct ServerReportTests {
  private let account: JID

  init() throws { account = try JID("cam@example.net") }

  // MARK: Login

  @Test("who is let in, and by what")
  func login() {
    let finding = LoginReport(account: account, error: nil).finding
    #expect(finding.level == .ok && finding.text.contains("cam@example.net"))
  }

  @Test("who is not let in, why, what to do, and sysexits' code, in the words of check")
  func refused() {
    let error = XMPPClientError.stream(
      .authenticationFailed(condition: "not-authorized", text: "nope: really"), jid: account)
    let finding = LoginReport(account: account, error: error).finding
    #expect(
      finding
        == .problem(
          .login, "example.net refuses the password of cam@example.net",
          fix: "check --jid and JINGLECAM_PASSWORD or --password-file", .account(.credentials)))
    let untrusted = LoginReport(
      account: account, error: .tls(.untrusted, domain: "example.net")
    ).finding
    #expect(untrusted.cause == .account(.protocolViolation) && untrusted.fix?.contains("--ca-file") == true)
    let unreachable = LoginReport(
      account: account,
      error: .unreachable(ConnectionTarget(host: "example.net", port: 5222), isNamed: false, "Connection refused")
    ).finding
    #expect(unreachable.cause == .account(.unreachable) && unreachable.fix?.hasPrefix("check the network") == true)
  }

  @Test("a server's own words stay in the cause")
  func words() {
    let error = XMPPClientError.stream(
      .authenticationFailed(condition: "other", text: "pay here: http://evil.test"), jid: account)
    #expect(error.cause.contains("evil.test") && error.cure == "check --jid")
  }

  // MARK: What the server does

  @Test("what the server does, in one line")
  func complete() {
    let findings = ServerReport(
      domain: "example.net", isResumable: true, services: 3, namedRelays: 0, takesFiles: true
    ).findings
    #expect(findings.map(\.level) == [.ok])
    for xep in ["0198", "0215", "0363"] { #expect(findings[0].text.contains(xep)) }
  }

  @Test("what the server does not do, what that costs, and who can change it")
  func missing() {
    let findings = ServerReport(
      domain: "example.net", isResumable: false, services: 0, namedRelays: 0, takesFiles: false
    ).findings
    #expect(findings.map(\.level) == [.warning, .warning, .warning])
    for (finding, words) in zip(
      findings, [["0198", "smacks"], ["0215", "turn_external"], ["0363", "http_file_share"]])
    {
      #expect(finding.text.contains(words[0]) && finding.fix?.contains(words[1]) == true)
    }
  }

  @Test("a TURN server that the user names does for the server's")
  func named() {
    let findings = ServerReport(
      domain: "example.net", isResumable: true, services: 0, namedRelays: 1, takesFiles: true
    ).findings
    #expect(findings.map(\.level) == [.ok] && !findings[0].text.contains("0215"))
  }

  // MARK: Contacts

  private func contacts(
    _ item: (subscription: String, ask: String?)?, allowing people: [String] = ["ann@example.net"]
  ) throws -> [DoctorFinding] {
    var query = XMLElement("query", namespace: Roster.namespace)
    if let item {
      var element = XMLElement(
        "item", namespace: Roster.namespace, attributes: ["jid": "ann@example.net", "subscription": item.subscription])
      element["ask"] = item.ask
      query.append(element)
    }
    var roster = Roster()
    _ = roster.receive(result: Roster.request(id: "1").result(query))
    var access = AccessList()
    for person in people { access.allow(try JID(person), as: .viewer) }
    return ContactsReport(account: account, access: access, roster: roster).findings
  }

  @Test("presence both ways is what a call button needs")
  func mutual() throws {
    let findings = try contacts(("both", nil), allowing: ["ann@example.net", "example.org"])
    #expect(findings == [.ok(.contacts, "1 of 1 who may watch shares presence with the camera")])
    #expect(try contacts(nil, allowing: ["example.org"]) == [], "of a domain nobody is known")
    #expect(try contacts(nil, allowing: ["cam@example.net"]) == [], "the camera is no contact of itself")
  }

  @Test(
    "anything less is a warning that says who has to do what",
    arguments: [
      ("none", nil, "start jinglecam serve"), ("none", "subscribe", "accept it in"),
      ("from", "subscribe", "accept it in"),
      ("from", nil, "start jinglecam serve"), ("to", nil, "add cam@example.net"),
    ] as [(String, String?, String)])
  func partial(subscription: String, ask: String?, fix: String) throws {
    let findings = try contacts((subscription, ask))
    #expect(findings.map(\.level) == [.warning])
    #expect(findings[0].text.hasPrefix("ann@example.net") && findings[0].fix?.hasPrefix(fix) == true)
  }

  @Test("contacts who may not watch are a person's: the camera wants an account of its own")
  func others() throws {
    let findings = try contacts(("both", nil), allowing: ["example.org"])
    #expect(findings.map(\.level) == [.warning])
    #expect(findings[0].text == "1 of the account's contacts may not watch, and sees that it is online")
    #expect(try contacts(("to", nil), allowing: ["example.org"]).isEmpty)
  }

  @Test("who is no contact is told like who has not been asked")
  func stranger() throws {
    #expect(try contacts(nil) == contacts(("none", nil)))
  }
}
