/// The channel binding of a SCRAM exchange, as its `gs2-cbind-flag` states it (RFC 5802 section 6).
package enum ChannelBinding: Hashable, Sendable {
  /// `n`: the client does not support channel binding, or shares no binding type with the server (XEP-0440 section 3).
  case unsupported
  /// `y`: the client supports channel binding and believes that the server does not. A server that does will detect
  /// that an attacker hid it.
  case notOffered
  /// `p=tls-exporter`: bound to a secret of this TLS 1.3 connection (RFC 9266).
  case exporter([UInt8])
  /// `p=tls-server-end-point`: bound to the hash of the server's certificate (RFC 5929 section 4).
  case serverEndPoint([UInt8])

  /// The name in IANA's registry of channel-binding types; nil if there is no binding.
  var type: String? {
    switch self {
    case .unsupported, .notOffered: nil
    case .exporter: "tls-exporter"
    case .serverEndPoint: "tls-server-end-point"
    }
  }

  var gs2Header: String {
    if let type { return "p=\(type),," }
    return self == .notOffered ? "y,," : "n,,"
  }

  /// The `cbind-input` of RFC 5802 section 7.
  var input: [UInt8] {
    switch self {
    case .unsupported, .notOffered: Array(gs2Header.utf8)
    case .exporter(let data), .serverEndPoint(let data): Array(gs2Header.utf8) + data
    }
  }
}
