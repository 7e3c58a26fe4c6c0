import XMPP

/// The XML namespaces of calls.
extension Namespace {
  /// Jingle (XEP-0166).
  package static let jingle = "urn:xmpp:jingle:1"
  static let jingleErrors = "urn:xmpp:jingle:errors:1"
  /// Jingle RTP Sessions (XEP-0167).
  static let rtp = "urn:xmpp:jingle:apps:rtp:1"
  /// The feature of who takes video (XEP-0167, Determining Support).
  package static let rtpVideo = "urn:xmpp:jingle:apps:rtp:video"
  static let rtpInfo = "urn:xmpp:jingle:apps:rtp:info:1"
  /// Jingle ICE-UDP Transport Method (XEP-0176).
  static let iceUDP = "urn:xmpp:jingle:transports:ice-udp:1"
  /// Message Delivery Receipts (XEP-0184).
  package static let receipts = "urn:xmpp:receipts"
  /// Jingle RTP Feedback Negotiation (XEP-0293).
  static let rtcpFeedback = "urn:xmpp:jingle:apps:rtp:rtcp-fb:0"
  /// Jingle RTP Header Extensions Negotiation (XEP-0294).
  static let headerExtensions = "urn:xmpp:jingle:apps:rtp:rtp-hdrext:0"
  /// Use of DTLS-SRTP in Jingle Sessions (XEP-0320).
  static let dtls = "urn:xmpp:jingle:apps:dtls:0"
  /// Message Processing Hints (XEP-0334).
  static let hints = "urn:xmpp:hints"
  /// Jingle Grouping Framework (XEP-0338).
  static let grouping = "urn:xmpp:jingle:apps:grouping:0"
  /// Source-Specific Media Attributes in Jingle (XEP-0339).
  static let sources = "urn:xmpp:jingle:apps:rtp:ssma:0"
  /// Jingle Message Initiation (XEP-0353).
  package static let jingleMessage = "urn:xmpp:jingle-message:0"
}
