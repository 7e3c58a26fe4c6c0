import ICE
import NIOCore
import SRTP
import Testing
import Video

@testable import Account
@testable import Network
@testable import Streamer
@testable import XMPP

@Suite("What people read holds no values as Swift writes them")
struct PlainWordsTests {
  private static let domain = "example.net"
  private static let target = ConnectionTarget(host: "example.net", port: 5222)

  private static func stream(_ error: ClientStreamError) -> XMPPClientError {
    guard let jid = try? JID("cam@example.net") else { preconditionFailure("the address is right") }
    return .stream(error, jid: jid, target: target, isNamed: true, isSecured: true)
  }

  private static let errors: [any Error] = [
    stream(.xml(.notWellFormed)), stream(.xml(.tooLarge)), stream(.management(.malformed)),
    stream(.management(.handledCountTooHigh(h: 7, sent: 5))), stream(.sasl(.malformedMessage)),
    stream(.sasl(.serverError("unknown-user"))), stream(.sasl(.keyDerivationFailed)),
    stream(.bindFailed(StanzaError(.cancel, .resourceConstraint))),
    stream(.stream(.policyViolation, text: nil, host: nil)),
    XMPPClientError.tls(.alert("internal_error"), domain: domain),
    XMPPClientError.tls(.broken("decode_error"), domain: domain),
    XMPPClientError.tls(.wrongName(presented: ["a.test", "b.test"]), domain: domain),
    XMPPClientError.addressLost(domain, "192.0.2.1"),
    XMPPClientError.unreachable(
      target, isNamed: false, NetworkFailure.reason(ChannelError.connectTimeout(.seconds(10)))),
    DTLSError.fingerprintMismatch, DTLSError.alert(40), DTLSError.handshake("no shared cipher"),
    SRTPError.library(7), SRTPError.keyExpired, VideoError.encodingFailed("out of memory"),
  ]

  @Test("of no error")
  func ofErrors() {
    for error in Self.errors {
      let text = "\(error)"
      #expect(!text.contains(Self.swiftValue) && !text.contains(#/[a-z][A-Z]/#), "\(text)")
    }
  }

  @Test("of a network's error, also of one that nobody expected")
  func network() {
    struct OddError: Error { let code = 7 }
    for error in [ChannelError.eof, ChannelError.connectTimeout(.seconds(1)), OddError(), CancellationError()]
      as [any Error]
    {
      #expect(!NetworkFailure.reason(error).contains(Self.swiftValue))
    }
  }

  @Test("of a pair of candidates")
  func pair() throws {
    func candidate(_ address: String, _ kind: ICECandidate.Kind) throws -> ICECandidate {
      ICECandidate(
        foundation: "1", priority: 1, address: try SocketAddress(ipAddress: address, port: 9), kind: kind,
        relatedAddress: nil)
    }
    let pair = CandidatePairDescription(
      local: try candidate("192.0.2.1", .host), remote: try candidate("2001:db8::1", .relayed), isNominated: true)
    #expect(pair.text == "host 192.0.2.1:9 to relay [2001:db8::1]:9")
  }

  /// As in `name(…)`: in a sentence a space comes before a parenthesis.
  private static var swiftValue: Regex<Substring> { #/[A-Za-z]\(/# }
}
