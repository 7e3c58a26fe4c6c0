import NIOSSL
import XMPP

extension XMPPClient {
  package struct Configuration: Sendable {
    /// The account. With a resource, that is asked for; else one is made from `resourcePrefix`.
    package var jid: JID
    package var password: String
    /// Connect there instead of where DNS says. What is verified is the JID's domain all the same.
    package var server: (host: String, port: Int)?
    /// PEM certificates to trust besides the system's.
    package var caFile: String?
    package var resourcePrefix = "jinglecam"
    package var session = ClientSession.Configuration(
      name: "jinglecam", version: "0.1", node: "jinglecam", type: "pc", features: callFeatures)

    package init(
      jid: JID, password: String, server: (host: String, port: Int)? = nil, caFile: String? = nil
    ) {
      self.jid = jid
      self.password = password
      self.server = server
      self.caFile = caFile
    }

    /// TLS 1.2 or later, the chain and the name verified; ALPN only where TLS comes first (XEP-0368 section 3).
    func makeTLSContext(isDirectTLS: Bool) throws(XMPPClientError) -> NIOSSLContext {
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.minimumTLSVersion = .tlsv12
      tls.certificateVerification = .fullVerification
      tls.shutdownTimeout = .seconds(1)
      if isDirectTLS { tls.applicationProtocols = ["xmpp-client"] }
      if let caFile {
        guard let authorities = try? NIOSSLCertificate.fromPEMFile(caFile), !authorities.isEmpty else {
          throw XMPPClientError(
            .unreadableFile, "no certificate can be read from \(caFile): give --ca-file a PEM file")
        }
        tls.additionalTrustRoots = [.certificates(authorities)]
      }
      do {
        return try NIOSSLContext(configuration: tls)
      } catch {
        throw XMPPClientError(.configuration, "TLS cannot be set up (\(error)): install the ca-certificates package")
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
    "urn:xmpp:jingle:apps:rtp:ssma:0",
    "urn:xmpp:jingle:apps:dtls:0",
    "urn:xmpp:jingle:apps:grouping:0",
    "urn:xmpp:jingle:transports:ice-udp:1",
    "urn:xmpp:jingle-message:0",
    "urn:xmpp:receipts",
  ]
}
