import Glibc

/// The address of a camera, a film or a playlist on the network.
package struct NetworkAddress: Equatable, Sendable {
  let url: String

  /// Fails if `source` is not an http, https or rtsp address.
  package init?(_ source: String) {
    guard ["http", "https", "rtsp"].contains(Self.scheme(of: source)) else { return nil }
    url = source
  }

  /// The reason why an address is not played, or `nil` if `source` is a file or does not look like an address.
  package static func refusal(of source: String) -> CaptureError? {
    guard let scheme = scheme(of: source), access(source, F_OK) != 0 else { return nil }
    return .unsupported(
      path: shown(source),
      reason: scheme == "rtsps"
        ? "FFmpeg would not verify who is at the other end of rtsps; use https, or rtsp if you trust the network"
        : "only http, https and rtsp are supported")
  }

  package var isRTSP: Bool { Self.scheme(of: url) == "rtsp" }
  var isHTTPS: Bool { Self.scheme(of: url) == "https" }

  /// The address without possible secrets.
  var shown: String { Self.shown(url) }

  /// The scheme of a URL (RFC 3986 section 3.1) in lower case.
  static func scheme(of source: String) -> String? {
    guard let end = source.firstRange(of: "://")?.lowerBound else { return nil }
    let scheme = source[..<end]
    let isScheme =
      !scheme.isEmpty
      && scheme.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte & 0xdf) || "+-.".utf8.contains(byte)
      }
    return isScheme ? scheme.lowercased() : nil
  }

  /// `source` in a form that may be logged: without the user, password, query and fragment of an address.
  ///
  /// Everything before the last `@` is removed, since passwords are not always encoded as RFC 3986 requires.
  package static func shown(_ source: String) -> String {
    guard let scheme = scheme(of: source) else { return source }
    let behind = source.dropFirst(scheme.count + 3)
    let withoutUser = behind.lastIndex(of: "@").map { behind[behind.index(after: $0)...] } ?? behind
    return "\(scheme)://\(withoutUser.prefix { $0 != "?" && $0 != "#" })"
  }
}
