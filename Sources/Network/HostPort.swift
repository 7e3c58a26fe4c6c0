import NIOCore

/// `HOST`, `HOST:PORT`, `IPV6` or `[IPV6]:PORT` as a person writes it.
package struct HostPort: Hashable, Sendable, CustomStringConvertible {
  package let host: String
  package let port: Int

  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  package var description: String { Self.text(host: host, port: port) }

  /// Host and port as in a URI, where an IPv6 address is in brackets (RFC 3986 section 3.2.2).
  package static func text(host: String, port: Int?) -> String {
    (host.contains(":") ? "[\(host)]" : host) + (port.map { ":\($0)" } ?? "")
  }

  /// All of a text that can be an address of IPv6 is one, although its end may look like a port. The root's dot at the
  /// end of a name is left out: a certificate's names have none (RFC 6066 section 3).
  package static func split(_ text: Substring) -> (host: String, port: Int?)? {
    var host = text
    var portText: Substring?
    if text.hasPrefix("[") {
      guard let bracket = text.firstIndex(of: "]") else { return nil }
      host = text[text.index(after: text.startIndex)..<bracket]
      let tail = text[text.index(after: bracket)...]
      guard host.contains(":"), tail.isEmpty || tail.hasPrefix(":") else { return nil }
      portText = tail.isEmpty ? nil : tail.dropFirst()
    } else if text.contains(":"), (try? SocketAddress(ipAddress: String(text), port: 0)) != nil {
      return (String(text), nil)
    } else if let colon = text.lastIndex(of: ":") {
      host = text[..<colon]
      portText = text[text.index(after: colon)...]
      guard !host.contains(":") else { return nil }
    }
    if host.hasSuffix(".") { host = host.dropLast() }
    guard !host.isEmpty, host.unicodeScalars.allSatisfy(isPartOfName) else { return nil }
    guard let portText else { return (String(host), nil) }
    // Swift would read "+1" as well.
    guard portText.first?.isNumber == true, let port = UInt16(portText), port > 0 else { return nil }
    return (String(host), Int(port))
  }

  /// Not so what parts a URL, nor what nobody sees.
  private static func isPartOfName(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator: false
    default: !"/@?#[]".unicodeScalars.contains(scalar)
    }
  }
}
