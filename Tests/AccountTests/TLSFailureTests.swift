import Logging
import NIOCore
import NIOPosix
import NIOSSL
import TestSupport
import Testing
import XMPP

@testable import Account
@testable import Network

@Suite("What is said where TLS fails: the cause, and what to do")
struct TLSFailureTests {
  static let loop = MultiThreadedEventLoopGroup.singleton.next()

  private let authority: AccountConnectionTests.Authority

  init() throws { authority = try .init() }

  private func connect(port: Int, isDirectTLS: Bool = true) async throws(XMPPClientError) -> XMPPClient {
    let jid: JID
    do { jid = try JID("lobby@xmpp.test") } catch { preconditionFailure("\(error)") }
    var configuration = XMPPClient.Configuration(jid: jid, password: "secret", caFile: authority.file)
    configuration.server = ConnectionTarget(host: "127.0.0.1", port: port, isDirectTLS: isDirectTLS)
    return try await XMPPClient.connect(configuration, on: Self.loop, logger: ConnectionTests.logger)
  }

  private func failure(port: Int, isDirectTLS: Bool = true) async throws -> String {
    let error = await #expect(throws: XMPPClientError.self) { try await connect(port: port, isDirectTLS: isDirectTLS) }
    return try #require(error).description
  }

  private func failure(
    _ certificate: TestCertificate = .good, _ configure: (inout TLSConfiguration) -> Void = { _ in }
  ) async throws -> String {
    let server = try await ScriptedXMPPServer.start(
      certificate: certificate, isDirectTLS: true, on: Self.loop, configure: configure)
    let text = try await failure(port: server.port)
    #expect(!server.wasTrusted)
    try await server.stop()
    return text
  }

  @Test("of the certificate: its name, its time by the clock, and its signer", .timeLimit(.minutes(1)))
  func certificates() async throws {
    let otherName = try await failure(.otherName)
    #expect(otherName.contains("for another name, other.test, *.other.test"), "\(otherName)")
    #expect(!otherName.contains("--ca-file"))
    let today = WallClock.date(WallClock.secondsSince1970)
    let expired = try await failure(.expired)
    #expect(expired.contains("expired on 2021-01-01") && expired.contains(today), "\(expired)")
    #expect(expired.contains("renew") && !expired.contains("--ca-file"))
    let notYetValid = try await failure(.notYetValid)
    #expect(notYetValid.contains("valid from 2110-01-01 on") && notYetValid.contains(today), "\(notYetValid)")
    #expect(notYetValid.contains("set the clock") && !notYetValid.contains("--ca-file"))
    let selfSigned = try await failure(.selfSigned)
    #expect(selfSigned.contains("no chain") && selfSigned.contains("--ca-file"), "\(selfSigned)")
  }

  @Test("whatever kind of key those use who sign themselves is taken", .timeLimit(.minutes(1)))
  func keys() async throws {
    for certificate in [TestCertificate.ed25519, .p521] {
      let server = try await ScriptedXMPPServer.start(certificate: certificate, isDirectTLS: true, on: Self.loop)
      try await connect(port: server.port).close()
      try await server.stop()
    }
  }

  @Test("of the versions and cipher suites", .timeLimit(.minutes(1)))
  func parameters() async throws {
    let old = try await failure { $0.maximumTLSVersion = .tlsv11 }
    #expect(old.contains("neither TLS 1.2 nor 1.3") && old.contains("enable TLS 1.2"), "\(old)")
    let odd = try await failure {
      $0.maximumTLSVersion = .tlsv12
      $0.cipherSuiteValues = [.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
    }
    #expect(odd.contains("handshake_failure") && odd.contains("Ed25519") && !odd.contains("must speak"), "\(odd)")
  }

  /// Answers the first octets by these.
  private final class Answer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
      context.close(promise: nil)
    }
  }

  private func failure(answer: [UInt8], isDirectTLS: Bool = true) async throws -> String {
    let listener = try await ServerBootstrap(group: Self.loop)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Answer(answer)) }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let text = try await failure(port: try #require(listener.localAddress?.port), isDirectTLS: isDirectTLS)
    try await listener.close()
    return text
  }

  @Test(
    "an alert has the name that RFC 8446 section 6 gives it, and its own advice", .timeLimit(.minutes(1)),
    arguments: [
      (40, "handshake_failure", "cipher suites"), (70, "neither TLS 1.2 nor 1.3", "enable TLS 1.2"),
      (80, "internal_error", "administrator"), (112, "unrecognized_name", "check --jid"),
      (116, "certificate_required", "let clients in"), (120, "no_application_protocol", "XMPP port"),
      (49, "access_denied", "administrator"), (71, "handshake_failure", "cipher suites"),
    ] as [(UInt8, String, String)])
  func alert(code: UInt8, name: String, advice: String) async throws {
    let text = try await failure(answer: [21, 3, 3, 0, 2, 2, code])
    #expect(text.contains(name) && text.contains(advice), "\(text)")
    #expect(!text.contains("Error") && !text.contains("OPENSSL"))
  }

  @Test("of a port where TLS does not come first, or does, or where something else listens", .timeLimit(.minutes(1)))
  func ports() async throws {
    let startTLS = try await failure(answer: Array("SSH-2.0-OpenSSH\r\n".utf8))
    #expect(startTLS.contains("does not speak TLS") && startTLS.contains("xmpp://"), "\(startTLS)")
    // A TLS server takes XML for a malformed record, and says so by an alert.
    for answer in [[21, 3, 1, 0, 2, 2, 70], Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)] as [[UInt8]] {
      let direct = try await failure(answer: answer, isDirectTLS: false)
      #expect(direct.contains("not an XMPP server") && direct.contains("xmpps://"), "\(direct)")
    }
    let closed = try await failure(answer: [])
    #expect(closed.contains("closed") && closed.contains("check the network"), "\(closed)")
  }

  @Test("where the clock is wrong, the certificate's day and the clock's stand beside each other")
  func clock() throws {
    let certificate = try NIOSSLCertificate(bytes: Array(TestCertificate.good.certificate.utf8), format: .pem)
    let early = TLSFailure.verification(of: certificate, now: 0)
    #expect(early == .notYetValid(from: 1_577_836_800, now: 0))
    #expect(early.cause == "it is valid from 2020-01-01 on, and by this computer's clock it is 1970-01-01")
    let late = TLSFailure.verification(of: certificate, now: 1 << 33)
    #expect(late.cause == "it expired on 2120-01-01, and by this computer's clock it is 2242-03-16")
    #expect(late.cure.contains("timedatectl"))
    #expect(TLSFailure.verification(of: certificate, now: 1_800_000_000) == .untrusted)
    #expect(TLSFailure.verification(of: nil, now: 0) == .untrusted)
  }
}
