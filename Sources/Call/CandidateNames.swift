import ICE
import Jingle
import Peer

/// Candidates of browsers, which hide the address behind a name for the local link alone
/// (draft-ietf-mmusic-mdns-ice-candidates section 3.2), and the names that are being resolved.
package struct CandidateNames: Sendable {
  package struct Request: Hashable, Sendable {
    package let candidate: ICEUDPTransport.Candidate
    package let kind: MediaKind

    package var name: String { candidate.ip }
  }

  /// A browser has one a network interface; more under way at a time are ignored.
  package static let limit = 8
  /// "a UUID … followed by ".local"": of 36 characters, and no more than a label may have (RFC 1035 section 2.3.4).
  private static let maximumLabel = 63

  private var underWay: Set<Request> = []

  /// The names among these candidates that are to be resolved.
  mutating func requests(for candidates: [ICEUDPTransport.Candidate], of kind: MediaKind) -> [Request] {
    candidates.compactMap { candidate in
      guard Self.isMulticastName(candidate.ip), underWay.count < Self.limit else { return nil }
      let request = Request(candidate: candidate, kind: kind)
      return underWay.insert(request).inserted ? request : nil
    }
  }

  /// The candidate with its address; nil where there is none, or nobody asked.
  mutating func answer(_ request: Request, _ address: String?) -> ICECandidate? {
    guard underWay.remove(request) != nil, let address else { return nil }
    var candidate = request.candidate
    candidate.ip = address
    return JingleMapping.candidate(candidate)
  }

  /// Whether the name is one to ask for: "ends with ".local" and … contains exactly one ".""; others would make us ask
  /// DNS for whatever the peer likes.
  static func isMulticastName(_ name: String) -> Bool {
    guard name.hasSuffix(".local") else { return false }
    let label = name.utf8.dropLast(".local".utf8.count)
    return (1...maximumLabel).contains(label.count)
      && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
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
