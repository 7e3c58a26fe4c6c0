import Crypto

extension ChannelBinding {
  /// Makes a `tls-exporter` binding (RFC 9266 section 2), derived from the `exporter_master_secret` of a TLS 1.3
  /// connection (RFC 8446 section 7.5). Returns nil if the length of the secret is not that of a hash that TLS 1.3
  /// uses.
  package static func exporter(masterSecret: [UInt8]) -> ChannelBinding? {
    switch masterSecret.count {
    case SHA256.byteCount: .exporter(exported(masterSecret, SHA256.self))
    case SHA384.byteCount: .exporter(exported(masterSecret, SHA384.self))
    default: nil
    }
  }

  private static func exported<Hash: HashFunction>(_ masterSecret: [UInt8], _: Hash.Type) -> [UInt8] {
    // The context value and the list of messages are empty in an exporter, so that both hashes are those of nothing.
    let empty = Array(Hash.hash(data: [UInt8]()))
    let secret = expandLabel(masterSecret, "EXPORTER-Channel-Binding", empty, count: Hash.Digest.byteCount, Hash.self)
    return expandLabel(secret, "exporter", empty, count: 32, Hash.self)
  }

  /// The function `HKDF-Expand-Label` of RFC 8446 section 7.1.
  private static func expandLabel<Hash: HashFunction>(
    _ secret: [UInt8], _ label: String, _ context: [UInt8], count: Int, _: Hash.Type
  ) -> [UInt8] {
    let label = Array("tls13 \(label)".utf8)
    let info =
      [UInt8(count >> 8), UInt8(count & 0xFF), UInt8(label.count)] + label + [UInt8(context.count)] + context
    return HKDF<Hash>.expand(pseudoRandomKey: secret, info: info, outputByteCount: count)
      .withUnsafeBytes { Array($0) }
  }
}
