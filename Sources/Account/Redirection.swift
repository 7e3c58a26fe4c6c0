import NIOCore
import Network

/// Where a server sends its client, RFC 6120 section 4.9.3.19. Whose certificate the other host must have stays the same:
/// "using the same reference identifier(s) it would have used for the original connection attempt".
struct Redirection: Hashable, Sendable {
  let host: String
  let port: Int?
  /// The connection on which it was said.
  let origin: ConnectionTarget

  /// "a valid domainpart or a domainpart plus port number", an IPv6 address in brackets, or without as some write it.
  /// Nil where it is none of these.
  init?(_ text: String, from origin: ConnectionTarget) {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 1, words[0].utf8.count <= 1024, let (host, port) = HostPort.split(words[0]) else { return nil }
    (self.host, self.port) = (host, port)
    self.origin = origin
  }

  /// "the initiating entity MUST resolve the FQDN … as described under Section 3.2". Where there is neither a port nor an
  /// SRV record it is the port that we came by, as the hosts of a cluster are alike.
  func targets(on eventLoop: any EventLoop) async throws(XMPPClientError) -> [ConnectionTarget] {
    if let port {
      // What is said of a port that is known for one way to begin TLS holds; of others, that the way stays.
      let usual = ConnectionTarget(host: host, port: port)
      let isKnown = usual.isDirectTLS || port == ConnectionTarget.defaultPort
      return [
        isKnown ? usual : ConnectionTarget(host: host, port: port, isDirectTLS: origin.isDirectTLS)
      ]
    }
    let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
    let records = isAddress ? nil : try await ServiceResolver.records(of: host, on: eventLoop)
    return records ?? [ConnectionTarget(host: host, port: origin.port, isDirectTLS: origin.isDirectTLS)]
  }
}
