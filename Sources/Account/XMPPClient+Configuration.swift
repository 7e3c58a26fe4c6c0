import NIOCore
import NIOSSL
import Network
import XMPP

extension XMPPClient {
  package struct Configuration: Sendable {
    /// The account. With a resource, that is asked for; else one is made from `resourcePrefix`.
    package var jid: JID
    package var password: String
    /// Connect there instead of where DNS says. What is verified is the JID's domain all the same.
    package var server: ConnectionTarget?
    /// Which accounts are given to no server that offers PLAIN alone.
    var scramAccounts = SCRAMAccounts.known
    /// PEM certificates to trust besides the system's.
    package var caFile: String?
    /// Where a server sent us when it ended the stream before: to be tried first, once.
    var redirection: Redirection?
    package var resourcePrefix = "jinglecam"
    /// Whether the server is to keep the session for a while where the connection breaks (XEP-0198).
    package var isResumable = false
    /// What is left of such a stream, to be resumed.
    package var resumption: Resumption?
    /// If it is not nil, the account is created before it logs in (XEP-0077).
    package var registration: ClientStream.Configuration.Registration?
    package var session = ClientSession.Configuration(
      name: "jinglecam", version: Version.text, node: "jinglecam", type: "pc", features: callFeatures)

    package init(
      jid: JID, password: String, server: (host: String, port: Int)? = nil, caFile: String? = nil
    ) {
      self.jid = jid
      self.password = password
      self.server = server.map(ConnectionTarget.init)
      self.caFile = caFile
    }

    package init(_ account: Account, password: String) {
      self.init(jid: account.jid, password: password, caFile: account.caFile)
      server = account.server
    }

    /// Where to connect, in order.
    func targets(on eventLoop: any EventLoop) async throws(XMPPClientError) -> [ConnectionTarget] {
      let redirected = try await redirection?.targets(on: eventLoop) ?? []
      if let server { return redirected + [server] }
      return try await redirected + ServiceResolver.targets(domain: jid.domain, on: eventLoop)
    }

    /// ALPN only where TLS comes first (XEP-0368 section 3).
    func makeTLSContext(isDirectTLS: Bool) throws(XMPPClientError) -> TLSClientContext {
      do throws(TLSClientContext.Failure) {
        return try TLSClientContext(
          caFile: caFile, applicationProtocols: isDirectTLS ? ["xmpp-client"] : [], isBindable: true)
      } catch {
        switch error {
        case .unreadable: throw XMPPClientError(.unreadableFile, error.line)
        case .unfit, .unavailable: throw XMPPClientError(.configuration, error.line)
        }
      }
    }
  }

  /// What makes other clients show a call button, beyond what the stream's session answers itself. `rtp:audio` is
  /// needed even without sound: some offer video calls only to who has both. Never `urn:ietf:rfc:3264`, at which some
  /// stop trickling candidates.
  package static let callFeatures: Set<String> = [
    "urn:xmpp:jingle:1",
    "urn:xmpp:jingle:apps:rtp:1",
    "urn:xmpp:jingle:apps:rtp:audio",
    "urn:xmpp:jingle:apps:rtp:video",
    "urn:xmpp:jingle:apps:rtp:rtcp-fb:0",
    "urn:xmpp:jingle:apps:rtp:rtp-hdrext:0",
    "urn:xmpp:jingle:apps:rtp:ssma:0",
    "urn:xmpp:jingle:apps:dtls:0",
    "urn:xmpp:jingle:apps:grouping:0",
    "urn:xmpp:jingle:transports:ice-udp:1",
    "urn:xmpp:jingle-message:0",
    "urn:xmpp:receipts",
  ]
}
