import XMPP

/// XEP-0167 section 5: what one content carries over RTP.
package struct RTPDescription: ElementConvertible {
  /// RFC 3550 has 128 payload types.
  package static let payloadTypeLimit = 128
  /// RFC 8285 has 14 one-byte identifiers; browsers offer about 20.
  package static let headerExtensionLimit = 64
  package static let sourceLimit = 64

  package var media: Media
  package var ssrc: UInt32?
  package var payloadTypes: [PayloadType]
  /// XEP-0293: for every payload type.
  package var feedback: [Feedback]
  package var headerExtensions: [HeaderExtension]
  package var sources: [Source]
  package var sourceGroups: [SourceGroup]
  package var rtcpMux: Bool

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
    media = Media(rawValue: try element.required("media"))
    ssrc = try element.number("ssrc")
    payloadTypes = try element.decode("payload-type", Namespace.rtp, limit: Self.payloadTypeLimit)
    feedback = try element.decode("rtcp-fb", Namespace.rtcpFeedback, limit: Feedback.limit)
    headerExtensions = try element.decode(
      "rtp-hdrext", Namespace.headerExtensions, limit: Self.headerExtensionLimit)
    sources = try element.decode("source", Namespace.sources, limit: Self.sourceLimit)
    sourceGroups = try element.decode("ssrc-group", Namespace.sources, limit: Self.sourceLimit)
    rtcpMux = element.first("rtcp-mux", Namespace.rtp) != nil
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
