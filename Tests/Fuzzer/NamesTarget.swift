import NIOCore
import Network

@testable import Account

extension FuzzTarget {
  /// Where DNS and a server say that the server is.
  static let names = FuzzTarget("names", seeds: seeds) { bytes in
    for record in ServiceRecord.parse(bytes.octets) { require(record.target.utf8.count < 1025, "no name is so long") }
    let text = String(buffer: bytes)
    guard let redirection = Redirection(text, from: ConnectionTarget(host: "example.org", port: 5222)) else { return }
    require(!redirection.host.isEmpty && !redirection.host.contains(where: \.isWhitespace), "no host: \(redirection)")
    require((1...65_535).contains(redirection.port ?? 1), "no port: \(redirection)")
  }

  private static func seeds() -> [[UInt8]] {
    let header: [UInt8] = [0, 1, 0x81, 0x80, 0, 0, 0, 2, 0, 0, 0, 0]
    let record: [UInt8] = [0, 0, 33, 0, 1, 0, 0, 0, 60, 0, 9, 0, 5, 0, 0, 0x14, 0x66]
    let texts = ["[2001:db8::1]:5222", "xmpp.example.org:443", "2001:db8::1", "192.0.2.1"]
    return [header + record + [1, 97, 0] + record + [0xC0, 29]] + texts.map { Array($0.utf8) }
  }
}
