import CResolv
import NIOCore
import Network
import XMPP

/// Finds where a domain's XMPP server is, RFC 6120 section 3.2 and XEP-0368. libc's resolver blocks, so it runs on
/// threads of its own.
enum ServiceResolver {
  /// A DNS answer cannot be longer over TCP.
  private static let maximumAnswer = 65535

  /// Empty where the domain says that it has no XMPP service. Where it has no SRV records, or DNS does not answer, the
  /// domain itself at port 5222.
  static func targets(
    domain: String, on eventLoop: any EventLoop
  ) async throws(XMPPClientError) -> [ConnectionTarget] {
    // RFC 6120 section 3.2.3: an address literal has no records.
    if domain.utf8.first == UInt8(ascii: "[") {
      return [ConnectionTarget(host: String(domain.dropFirst().dropLast()), port: ConnectionTarget.defaultPort)]
    }
    return try await records(of: domain, on: eventLoop)
      ?? [ConnectionTarget(host: domain, port: ConnectionTarget.defaultPort)]
  }

  /// The places that SRV records name, in order; nil where there are none.
  static func records(
    of domain: String, on eventLoop: any EventLoop
  ) async throws(XMPPClientError) -> [ConnectionTarget]? {
    let direct = query("_xmpps-client._tcp.\(domain)", on: eventLoop)
    let startTLS = query("_xmpp-client._tcp.\(domain)", on: eventLoop)
    let records: ([ServiceRecord], [ServiceRecord])
    do {
      records = try await direct.and(startTLS).get { _ in }
    } catch {
      throw .cancelled
    }
    var generator = SystemRandomNumberGenerator()
    return ConnectionTarget.order(direct: records.0, startTLS: records.1, using: &generator)
  }

  private static func query(_ name: String, on eventLoop: any EventLoop) -> EventLoopFuture<[ServiceRecord]> {
    ResolverThreads.servers.run(on: eventLoop) {
      var answer = [UInt8](repeating: 0, count: maximumAnswer)
      let length = jc_res_query_srv(IDNA.ascii(name), 3, 2, &answer, Int32(answer.count))
      return length > 0 ? ServiceRecord.parse(Array(answer.prefix(Int(length)))) : []
    }
  }
}
