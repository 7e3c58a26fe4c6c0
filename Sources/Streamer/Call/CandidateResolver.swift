import ICE
import Jingle
import NIOCore

/// Candidates of browsers, which hide the address behind a name for the local link alone
/// (draft-ietf-mmusic-mdns-ice-candidates section 3.2).
///
/// The system's resolver knows such names where libnss-mdns or systemd-resolved is installed; else they are ignored.
struct CandidateResolver: Sendable {
  /// A browser has one a network interface; more under way at a time are ignored.
  static let limit = 8
  /// "a UUID … followed by ".local"": of 36 characters, and no more than a label may have (RFC 1035 section 2.3.4).
  private static let maximumLabel = 63

  private let resolver: HostResolver

  init(resolver: HostResolver) {
    var resolver = resolver
    resolver.threads = .peers
    self.resolver = resolver
  }

  /// Whether the name is one to ask for: "ends with ".local" and … contains exactly one ".""; others would make us ask
  /// DNS for whatever the peer likes.
  static func isMulticastName(_ name: String) -> Bool {
    guard name.hasSuffix(".local") else { return false }
    let label = name.utf8.dropLast(".local".utf8.count)
    return (1...maximumLabel).contains(label.count)
      && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
  }

  /// Nil where the name is unknown here. Of several addresses the first counts.
  func resolve(_ candidate: ICEUDPTransport.Candidate) async -> ICECandidate? {
    guard Self.isMulticastName(candidate.ip) else { return nil }
    let addresses = await resolver.addresses(of: candidate.ip, port: Int(candidate.port))
    guard let address = addresses.first?.ipAddress else { return nil }
    var resolved = candidate
    resolved.ip = address
    return JingleMapping.candidate(resolved)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
