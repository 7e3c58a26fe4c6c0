import CResolv
import NIOPosix

/// Finds where a domain's XMPP server is, RFC 6120 section 3.2 and XEP-0368. libc's resolver blocks, so it runs on
/// NIO's thread pool.
enum ServiceResolver {
  /// A DNS answer cannot be longer over TCP.
  private static let maximumAnswer = 65535

  /// Empty where the domain says that it has no XMPP service. Where it has no SRV records, or DNS does not answer, the
  /// domain itself at port 5222.
  static func targets(domain: String) async -> [ConnectionTarget] {
    // RFC 6120 section 3.2.3: an address literal has no records.
    if domain.utf8.first == UInt8(ascii: "[") {
      return [ConnectionTarget(host: String(domain.dropFirst().dropLast()), port: ConnectionTarget.defaultPort)]
    }
    async let direct = records("_xmpps-client._tcp.\(domain)")
    async let startTLS = records("_xmpp-client._tcp.\(domain)")
    var generator = SystemRandomNumberGenerator()
    return ConnectionTarget.order(direct: await direct, startTLS: await startTLS, using: &generator)
      ?? [ConnectionTarget(host: domain, port: ConnectionTarget.defaultPort)]
  }

  private static func records(_ name: String) async -> [ServiceRecord] {
    let records = try? await NIOThreadPool.singleton.runIfActive {
      var answer = [UInt8](repeating: 0, count: maximumAnswer)
      let length = jc_res_query_srv(name, 3, 2, &answer, Int32(answer.count))
      return length > 0 ? ServiceRecord.parse(Array(answer.prefix(Int(length)))) : []
    }
    return records ?? []
  }
}
