/// What a SCRAM message says about channel binding, RFC 5802 section 6, in its `gs2-cbind-flag`.
package enum ChannelBinding: Hashable, Sendable {
  /// `n`: the client cannot bind, or has no binding type in common with the server (XEP-0440 section 3).
  case unsupported
  /// `y`: the client can, and thinks that the server cannot. A server that can will see that somebody hid it.
  case notOffered
  /// `p=tls-exporter`: bound to a secret of this very TLS 1.3 connection, RFC 9266.
  case exporter([UInt8])
  /// `p=tls-server-end-point`: bound to the hash of the server's certificate, RFC 5929 section 4.
  case serverEndPoint([UInt8])

  /// The name in IANA's registry of channel-binding types; nil where nothing is bound.
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
