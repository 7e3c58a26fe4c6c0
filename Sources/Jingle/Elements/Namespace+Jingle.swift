import XMPP

/// The namespaces of calls.
extension Namespace {
  /// XEP-0166.
  package static let jingle = "urn:xmpp:jingle:1"
  static let jingleErrors = "urn:xmpp:jingle:errors:1"
  /// XEP-0167.
  static let rtp = "urn:xmpp:jingle:apps:rtp:1"
  static let rtpInfo = "urn:xmpp:jingle:apps:rtp:info:1"
  /// XEP-0176.
  static let iceUDP = "urn:xmpp:jingle:transports:ice-udp:1"
  /// XEP-0184.
  package static let receipts = "urn:xmpp:receipts"
  /// XEP-0293.
  static let rtcpFeedback = "urn:xmpp:jingle:apps:rtp:rtcp-fb:0"
  /// XEP-0294.
  static let headerExtensions = "urn:xmpp:jingle:apps:rtp:rtp-hdrext:0"
  /// XEP-0320.
  static let dtls = "urn:xmpp:jingle:apps:dtls:0"
  /// XEP-0334.
  static let hints = "urn:xmpp:hints"
  /// XEP-0338.
  static let grouping = "urn:xmpp:jingle:apps:grouping:0"
  /// XEP-0339.
  static let sources = "urn:xmpp:jingle:apps:rtp:ssma:0"
  /// XEP-0353.
  package static let jingleMessage = "urn:xmpp:jingle-message:0"
}
