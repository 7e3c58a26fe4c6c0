import Crypto

extension ChannelBinding {
  /// The `tls-exporter` binding of RFC 9266 section 2, derived as RFC 8446 section 7.5 says from the `exporter_master_secret`
  /// of a TLS 1.3 connection. Nil where the secret has the length of no hash that TLS 1.3 uses.
  package static func exporter(masterSecret: [UInt8]) -> ChannelBinding? {
    switch masterSecret.count {
    case SHA256.byteCount: .exporter(exported(masterSecret, SHA256.self))
    case SHA384.byteCount: .exporter(exported(masterSecret, SHA384.self))
    default: nil
    }
  }

  private static func exported<Hash: HashFunction>(_ masterSecret: [UInt8], _: Hash.Type) -> [UInt8] {
    // The context value is empty, and of the transcript there is nothing left to say.
    let empty = Array(Hash.hash(data: [UInt8]()))
    let secret = expandLabel(masterSecret, "EXPORTER-Channel-Binding", empty, count: Hash.Digest.byteCount, Hash.self)
    return expandLabel(secret, "exporter", empty, count: 32, Hash.self)
  }

  /// `HKDF-Expand-Label` of RFC 8446 section 7.1.
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
