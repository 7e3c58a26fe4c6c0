import XMPP

/// The RTP description of a content (XEP-0167 section 5).
package struct RTPDescription: ElementConvertible {
  /// The most payload types accepted: all that the seven bits of RFC 3550 section 5.1 allow.
  package static let payloadTypeLimit = 128
  /// The most header extensions accepted: browsers offer about 20, although there are only 14 one-byte identifiers (RFC
  /// 8285 section 4.2).
  package static let headerExtensionLimit = 64
  package static let sourceLimit = 64

  package var media: Media
  package var ssrc: UInt32?
  package var payloadTypes: [PayloadType]
  /// The RTCP feedback for every payload type (XEP-0293).
  package var feedback: [Feedback]
  package var headerExtensions: [HeaderExtension]
  package var sources: [Source]
  package var sourceGroups: [SourceGroup]
  package var rtcpMux: Bool
  /// The parts that could not be read and were left out.
  package private(set) var skipped: [JingleError] = []

  package init(
    media: Media, ssrc: UInt32? = nil, payloadTypes: [PayloadType] = [], feedback: [Feedback] = [],
    headerExtensions: [HeaderExtension] = [], sources: [Source] = [], sourceGroups: [SourceGroup] = [],
    rtcpMux: Bool = false
  ) {
    self.media = media
    self.ssrc = ssrc
    self.payloadTypes = payloadTypes
    self.feedback = feedback
    self.headerExtensions = headerExtensions
    self.sources = sources
    self.sourceGroups = sourceGroups
    self.rtcpMux = rtcpMux
  }

  package init(_ element: XMLElement) throws(JingleError) {
    try element.expect("description", Namespace.rtp)
    guard let media = element.token("media") else { throw .missingAttribute("media", of: element.name) }
    self.media = Media(rawValue: media.lowercased())
    do throws(JingleError) { ssrc = try element.number("ssrc") } catch { skipped.append(error) }
    payloadTypes = element.decode("payload-type", Namespace.rtp, limit: Self.payloadTypeLimit, skipped: &skipped)
    feedback = element.decode("rtcp-fb", Namespace.rtcpFeedback, limit: Feedback.limit, skipped: &skipped)
    headerExtensions = element.decode(
      "rtp-hdrext", Namespace.headerExtensions, limit: Self.headerExtensionLimit, skipped: &skipped)
    sources = element.decode("source", Namespace.sources, limit: Self.sourceLimit, skipped: &skipped)
    sourceGroups = element.decode("ssrc-group", Namespace.sources, limit: Self.sourceLimit, skipped: &skipped)
    rtcpMux = element.first("rtcp-mux", Namespace.rtp) != nil
    skipped += payloadTypes.flatMap(\.skipped)
  }

  package var element: XMLElement {
    var element = XMLElement(
      "description", namespace: Namespace.rtp, attributes: ["media": media.rawValue])
    element["ssrc"] = ssrc.map { String($0) }
    element.append(payloadTypes)
    element.append(feedback)
    element.append(headerExtensions)
    element.append(sources)
    element.append(sourceGroups)
    if rtcpMux { element.append(XMLElement("rtcp-mux", namespace: Namespace.rtp)) }
    return element
  }
}
