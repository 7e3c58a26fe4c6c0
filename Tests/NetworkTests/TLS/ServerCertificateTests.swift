import Logging
import NIOCore
import NIOPosix
import Testing

@testable import Account
@testable import Network
@testable import XMPP

/// Whom we speak to, on each of the ways that TLS is used.
@Suite("A server's certificate", .enabled(if: TestAuthority.isPossible))
struct ServerCertificateTests {
  enum Use: CaseIterable {
    case stream, relay, upload

    /// Connects where the server is, as to `name`; returns why the connection ended.
    func connect(to server: TLSServer, as name: String, caFile: String?) async throws -> String {
      let address = server.address
      switch self {
      case .stream:
        let connection = try await XMPPClient.Connection.open(
          .init(jid: JID(local: "cam", domain: name), password: "secret", caFile: caFile),
          to: ConnectionTarget(host: "127.0.0.1", port: address.port!, isDirectTLS: true),
          on: MultiThreadedEventLoopGroup.singleton.next(),
          logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return try await connection.ended.get()?.description ?? ""
      case .relay: return try await TURNConnectionTests.failure(.tls, at: address, name: name, caFile: caFile) ?? ""
      case .upload:
        let put = HTTPSPut(
          slot: try ServerCertificateTests.slot("https://\(name):\(address.port!)/picture.jpg"),
          file: ByteBuffer(string: "picture"), contentType: "image/jpeg",
          caFile: caFile, eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
          resolver: HostResolver { _, _ in [address] })
        do throws(HTTPSPut.Failure) {
          try await put.run()
          return ""
        } catch {
          return error.reason
        }
      }
    }
  }

  private static func slot(_ url: String) throws -> HTTPFileUpload.Slot {
    let urls = ["put", "get"].map { name in
      XMLElement.Node.element(XMLElement(name, namespace: HTTPFileUpload.namespace, attributes: ["url": url]))
    }
    let slot = XMLElement("slot", namespace: HTTPFileUpload.namespace, children: urls)
    return try HTTPFileUpload.Slot(parsing: XMLElement("iq", namespace: Namespace.client, children: [.element(slot)]))
  }

  struct Certificate: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var subject = "other.test"
    var names: String?
    var extensions = ["basicConstraints=CA:FALSE"]
    /// Of openssl-x509(1).
    var options = ["-days", "2"]
    var name = "media.test"
    var isGood = false
  }

  /// Where it is refused, 127.0.0.1 is the address that the name leads to all the same.
  static let certificates = [
    Certificate(testDescription: "for the name", names: "DNS:media.test", isGood: true),
    Certificate(
      testDescription: "for the name among others", names: "IP:192.0.2.1,DNS:a.test,DNS:MEDIA.test", isGood: true),
    Certificate(
      testDescription: "for all names beside it", names: "DNS:*.media.test", name: "a.media.test", isGood: true),
    Certificate(
      testDescription: "for all names beside an internationalized one", names: "DNS:*.media.test",
      name: "xn--mnchen-3ya.media.test", isGood: true),
    Certificate(
      testDescription: "for the address that is the name", names: "IP:127.0.0.1", name: "127.0.0.1", isGood: true),
    Certificate(
      testDescription: "for the address of IPv6 that is the name, in brackets", names: "IP:::1", name: "[::1]",
      isGood: true),
    Certificate(
      testDescription: "for another address of IPv6 than the name in brackets", names: "IP:::2,DNS:[::1]",
      name: "[::1]"),
    Certificate(
      testDescription: "for the A-labels of a name in U-labels", names: "DNS:xn--mnchen-3ya.test",
      name: "m\u{FC}nchen.test", isGood: true),
    Certificate(testDescription: "for another name", names: "DNS:other.test"),
    Certificate(testDescription: "for another name and the address", names: "DNS:other.test,IP:127.0.0.1"),
    Certificate(testDescription: "for the address alone", names: "IP:127.0.0.1"),
    Certificate(testDescription: "for another address", names: "IP:127.0.0.2,DNS:127.0.0.1", name: "127.0.0.1"),
    Certificate(
      testDescription: "for a name of the same octets as the address", names: "DNS:abcd", name: "97.98.99.100"),
    Certificate(testDescription: "for the name by its subject alone", subject: "media.test"),
    Certificate(
      testDescription: "for the name by its subject, for others beside", subject: "media.test", names: "DNS:a.test"),
    Certificate(testDescription: "for a URI with the name", names: "URI:https://media.test/"),
    Certificate(testDescription: "for an e-mail address that is the name", names: "email:media.test"),
    Certificate(
      testDescription: "for the name as XMPP once had it (id-on-xmppAddr)",
      names: "otherName:1.3.6.1.5.5.7.8.5;UTF8:media.test"),
    Certificate(
      testDescription: "for a service of the name (id-on-dnsSRV)",
      names: "otherName:1.3.6.1.5.5.7.8.7;IA5STRING:_xmpp-client.media.test"),
    Certificate(testDescription: "for the names below it", names: "DNS:*.media.test"),
    Certificate(testDescription: "for names two below", names: "DNS:*.test", name: "a.media.test"),
    Certificate(testDescription: "for a whole top-level domain", names: "DNS:*.test"),
    Certificate(testDescription: "with an asterisk within a label", names: "DNS:med*.test"),
    Certificate(
      testDescription: "with an asterisk within an A-label", names: "DNS:xn--*.media.test",
      name: "xn--mnchen-3ya.media.test"),
    Certificate(
      testDescription: "with an asterisk that is not the first label", names: "DNS:a.*.test", name: "a.media.test"),
    Certificate(
      testDescription: "for the name, but for clients", names: "DNS:media.test",
      extensions: ["extendedKeyUsage=clientAuth"]),
    Certificate(
      testDescription: "for the name, with a critical extension that nobody knows", names: "DNS:media.test",
      extensions: ["1.3.6.1.4.1.32473.1=critical,ASN1:NULL"]),
    Certificate(
      testDescription: "for the name, and nothing else, as openssl-x509(1) makes it", names: "DNS:media.test",
      extensions: [], isGood: true),
    Certificate(
      testDescription: "for the name, and for servers", names: "DNS:media.test",
      extensions: [
        "basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature,keyEncipherment",
        "extendedKeyUsage=serverAuth,clientAuth", "subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid",
      ], isGood: true),
    Certificate(
      testDescription: "for the name, and an authority's", names: "DNS:media.test",
      extensions: ["basicConstraints=critical,CA:TRUE", "keyUsage=digitalSignature"]),
    Certificate(
      testDescription: "for the name, with the right to sign certificates", names: "DNS:media.test",
      extensions: ["basicConstraints=CA:FALSE", "keyUsage=digitalSignature,keyCertSign"]),
    Certificate(
      testDescription: "for the name, with constraints for those that it signs", names: "DNS:media.test",
      extensions: ["nameConstraints=permitted;DNS:media.test"]),
    Certificate(
      testDescription: "for the name, with a serial number of 20 octets", names: "DNS:media.test",
      options: ["-days", "2", "-set_serial", "0x" + String(repeating: "F7", count: 20)], isGood: true),
    Certificate(
      testDescription: "for the name, with a serial number of 21 octets", names: "DNS:media.test",
      options: ["-days", "2", "-set_serial", "0x" + String(repeating: "17", count: 21)]),
    Certificate(
      testDescription: "for the name, with a serial number of zero", names: "DNS:media.test",
      options: ["-days", "2", "-set_serial", "0"], isGood: true),
    Certificate(
      testDescription: "for the name, without a subject", subject: "", names: "critical,DNS:media.test", isGood: true),
    Certificate(
      testDescription: "for the name, without a subject, which only a critical subjectAltName may stand for",
      subject: "", names: "DNS:media.test"),
    Certificate(
      testDescription: "for the name, and for one that begins with a period", names: "DNS:media.test,DNS:.media.test"),
    Certificate(
      testDescription: "for the name, and for one with an empty label", names: "DNS:media.test,DNS:a..media.test"),
    Certificate(
      testDescription: "for the name, and for one with the root's dot", names: "DNS:media.test,DNS:a.media.test.",
      isGood: true),
    Certificate(
      testDescription: "for the name, that tells where its issuer is found", names: "DNS:media.test",
      extensions: ["authorityInfoAccess=OCSP;URI:http://a.test/,caIssuers;URI:http://a.test/ca"], isGood: true),
    Certificate(
      testDescription: "for the name, that tells of its issuer what nobody can read", names: "DNS:media.test",
      extensions: ["authorityInfoAccess=DER:0C:02:61:62"]),
    Certificate(
      testDescription: "for the name, that says that it tells of its issuer, and does not", names: "DNS:media.test",
      extensions: ["authorityInfoAccess=DER:30:00"]),
    Certificate(
      testDescription: "for the name, that tells of its issuer half", names: "DNS:media.test",
      extensions: ["authorityInfoAccess=DER:30:0C:30:0A:06:08:2B:06:01:05:05:07:30:01"]),
  ]

  @Test(
    "is taken where it is for the name that was meant, and from no other a byte is sent", .timeLimit(.minutes(1)),
    arguments: certificates)
  func name(certificate: Certificate) async throws {
    let authority = try TestAuthority()
    let names = certificate.names.map { ["subjectAltName=\($0)"] } ?? []
    let identity = try authority.sign(
      "server", subject: certificate.subject, extensions: names + certificate.extensions, options: certificate.options)
    try await expect(certificate.isGood, identity, as: certificate.name, caFile: authority.caFile)
    try authority.remove()
  }

  /// Extensions of certificates that vouch for themselves: openssl-req(1)'s, with `prosodyctl cert generate`'s names, and
  /// those of Debian's make-ssl-cert(8).
  static let ownExtensions = [
    ["subjectAltName=DNS:media.test", "basicConstraints=critical,CA:TRUE"],
    [
      "subjectAltName=DNS:media.test,otherName:1.3.6.1.5.5.7.8.5;UTF8:media.test", "basicConstraints=CA:TRUE",
    ],
    ["subjectAltName=DNS:media.test", "basicConstraints=CA:FALSE"],
    ["subjectAltName=DNS:media.test"],
    ["subjectAltName=DNS:media.test,DNS:.media.test", "authorityInfoAccess=DER:30:00"],
  ]

  @Test(
    "that vouches for itself is taken where the user names that very one, and nowhere else", .timeLimit(.minutes(1)),
    arguments: ownExtensions)
  func selfSigned(extensions: [String]) async throws {
    let stranger = try TestAuthority()
    let server = try TestAuthority(extensions: extensions)
    let identity = TestAuthority.Identity(certificate: server.caFile, key: server.directory + "/ca.key")
    try await expect(true, identity, as: "media.test", caFile: server.caFile)
    try await expect(false, identity, as: "media.test", caFile: stranger.caFile)
    try server.remove()
    try stranger.remove()
  }

  private static let signer = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"]

  @Test(
    "in the user's own list of authorities is refused where it must not vouch for others", .timeLimit(.minutes(1)),
    arguments: [
      (["keyUsage=keyCertSign"], .notAuthority),
      (["basicConstraints=critical,CA:FALSE", "keyUsage=digitalSignature,keyCertSign"], .notAuthority),
      (["basicConstraints=CA:TRUE", "1.3.6.1.4.1.32473.1=critical,ASN1:NULL"], .criticalExtension),
      (["basicConstraints=CA:TRUE", "subjectKeyIdentifier=critical,hash"], .criticalExtension),
      (["basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=critical,keyCertSign,cRLSign"], nil),
      (["basicConstraints=CA:TRUE", "nameConstraints=critical,permitted;DNS:media.test"], nil),
      (signer + ["nameConstraints=critical,permitted;DNS:media.test,permitted;IP:192.0.2.0/255.255.255.0"], nil),
      (signer + ["nameConstraints=permitted;DNS:media.test"], .nameConstraints),
      (signer + ["nameConstraints=critical,permitted;DNS:.media.test"], .nameConstraints),
      (signer + ["nameConstraints=critical,permitted;DNS:a.test,excluded;DNS:.media.test"], .nameConstraints),
      (signer + ["nameConstraints=critical,DER:30:00"], .nameConstraints),
      (signer + ["nameConstraints=critical,DER:30:02:A0:00"], .nameConstraints),
      (signer + ["nameConstraints=critical,DER:05:00"], .nameConstraints),
      (signer + ["authorityKeyIdentifier=DER:30:03:82:01:01"], .keyIdentifier),
      (signer + ["authorityInfoAccess=DER:30:00"], .informationAccess),
      // Easy-RSA's.
      (
        [
          "basicConstraints=CA:TRUE", "subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid:always,issuer:always",
          "keyUsage=cRLSign,keyCertSign",
        ], nil
      ),
      ([], nil),
    ] as [([String], CertificateFields.Fault?)])
  func anchor(extensions: [String], fault: CertificateFields.Fault?) throws {
    let authority = try TestAuthority(extensions: extensions)
    defer { try? authority.remove() }
    guard let fault else {
      _ = try TLSClientContext(caFile: authority.caFile)
      return
    }
    #expect(throws: TLSClientContext.Failure.unfit(authority.caFile, fault)) {
      try TLSClientContext(caFile: authority.caFile)
    }
    let configuration = XMPPClient.Configuration(
      jid: try JID(local: "cam", domain: "media.test"), password: "secret", caFile: authority.caFile)
    let error = #expect(throws: XMPPClientError.self) { try configuration.makeTLSContext(isDirectTLS: true) }
    #expect(error?.kind == .configuration)
    #expect(
      error?.description.contains("\(authority.caFile): no certificate in it can be trusted (\(fault.cause))") == true)
  }

  @Test("of an unfit authority costs those beside it in the user's list nothing", .timeLimit(.minutes(1)))
  func unfitBesideFit() async throws {
    let (unfit, authority) = (try TestAuthority(extensions: ["keyUsage=keyCertSign"]), try TestAuthority())
    for (issuer, isGood) in [(authority, true), (unfit, false)] {
      let identity = try issuer.sign("server", subject: "server", extensions: ["subjectAltName=DNS:media.test"])
      let both = TestAuthority.Identity(certificate: unfit.caFile, key: "")
      let list = try TestAuthority.Identity(certificate: authority.caFile, key: "").with(intermediate: both)
      try await expect(isGood, identity, as: "media.test", caFile: list.certificate)
    }
    try unfit.remove()
    try authority.remove()
  }

  @Test("whose key is of a kind that nobody uses any more is no authority's, and ends nothing")
  func oddKeys() throws {
    for key in [
      ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime192v1", "-nodes"], ["-newkey", "ed448", "-nodes"],
    ] {
      let authority = try TestAuthority(key: key)
      _ = try TLSClientContext(caFile: authority.caFile)
      try authority.remove()
    }
    for (length, fault) in [(1024, .weakKey), (2052, .oddKey)] as [(Int, CertificateFields.Fault)] {
      let authority = try TestAuthority(key: ["-newkey", "rsa:\(length)", "-nodes"])
      #expect(throws: TLSClientContext.Failure.unfit(authority.caFile, fault)) {
        try TLSClientContext(caFile: authority.caFile)
      }
      try authority.remove()
    }
  }

  /// `intermediate` is the chain's last but one, `leaf` the server's.
  struct Chain: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var intermediate = ["basicConstraints=critical,CA:TRUE", "keyUsage=keyCertSign"]
    var key: [String]?
    var options = ["-days", "2"]
    var isTrusted = true
    var isGood = false
  }

  static let chains = [
    Chain(testDescription: "of good certificates", isGood: true),
    Chain(testDescription: "to an authority that nobody trusts", isTrusted: false),
    Chain(
      testDescription: "by a certificate that is no authority's", intermediate: ["basicConstraints=critical,CA:FALSE"]),
    Chain(testDescription: "by a certificate that does not say what it is", intermediate: ["keyUsage=keyCertSign"]),
    Chain(
      testDescription: "by an authority that may not sign certificates",
      intermediate: ["basicConstraints=critical,CA:TRUE", "keyUsage=digitalSignature"]),
    Chain(
      testDescription: "by an authority for other names",
      intermediate: ["basicConstraints=critical,CA:TRUE", "nameConstraints=critical,permitted;DNS:example.org"]),
    Chain(
      testDescription: "by an authority for all names but this",
      intermediate: ["basicConstraints=critical,CA:TRUE", "nameConstraints=critical,excluded;DNS:media.test"]),
    // At once: OpenSSL 3.5 makes none that ends before it begins.
    Chain(testDescription: "to a certificate that has expired", options: ["-days", "0"]),
    Chain(testDescription: "to a key that can be broken", key: ["-newkey", "rsa:1024", "-nodes"]),
    Chain(testDescription: "to a key of an odd length", key: ["-newkey", "rsa:2052", "-nodes"]),
    Chain(testDescription: "to a key that cannot", key: ["-newkey", "rsa:2048", "-nodes"], isGood: true),
  ]

  @Test(
    "is taken where a chain of authorities leads to it that could vouch for it", .timeLimit(.minutes(1)),
    arguments: chains)
  func chain(chain: Chain) async throws {
    let (authority, stranger) = (try TestAuthority(), try TestAuthority())
    let between = try authority.sign("between", subject: "between", extensions: chain.intermediate)
    var identity = try authority.sign(
      "server", subject: "server", extensions: ["subjectAltName=DNS:media.test"],
      key: chain.key ?? TestAuthority.newKey,
      issuer: "between", options: chain.options)
    identity = try identity.with(intermediate: between)
    let caFile = chain.isTrusted ? authority.caFile : stranger.caFile
    try await expect(chain.isGood, identity, as: "media.test", caFile: caFile)
    try authority.remove()
    try stranger.remove()
  }

  private func expect(
    _ isGood: Bool, _ identity: TestAuthority.Identity, as name: String, caFile: String
  ) async throws {
    for use in Use.allCases {
      let server = try await TLSServer(identity)
      let told = try await use.connect(to: server, as: name, caFile: caFile)
      #expect(server.received.isEmpty == !isGood, "\(use): \(told)")
      #expect(told.contains("certificate") == !isGood, "\(use): \(told)")
      try await server.stop()
    }
  }
}
