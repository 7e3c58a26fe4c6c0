/// What a SCRAM message says about channel binding, RFC 5802 section 6, in its `gs2-cbind-flag`.
package enum ChannelBinding: Hashable, Sendable {
  /// `n`: the client cannot bind, or has no binding type in common with the server (XEP-0440 section 4).
  case unsupported
  /// `y`: the client can, and thinks that the server cannot. A server that can will see that somebody hid it.
  case notOffered
  /// `p=tls-server-end-point`: bound to the hash of the server's certificate, RFC 5929 section 4.
  case serverEndPoint([UInt8])

  static let serverEndPointName = "tls-server-end-point"

  var gs2Header: String {
    switch self {
    case .unsupported: "n,,"
    case .notOffered: "y,,"
    case .serverEndPoint: "p=\(Self.serverEndPointName),,"
    }
  }

  var isBound: Bool {
    if case .serverEndPoint = self { true } else { false }
  }

  /// The `cbind-input` of RFC 5802 section 7.
  var input: [UInt8] {
    switch self {
    case .unsupported, .notOffered: Array(gs2Header.utf8)
    case .serverEndPoint(let hash): Array(gs2Header.utf8) + hash
    }
  }
}
