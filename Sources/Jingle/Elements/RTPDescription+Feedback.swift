import XMPP

extension RTPDescription {
  /// A type of RTCP feedback that the sender of the description accepts (XEP-0293, `rtcp-fb` of RFC 4585 section 4.2).
  package struct Feedback: ElementConvertible {
    package static let limit = 32

    package static let nack = Feedback(type: "nack")
    package static let pictureLossIndication = Feedback(type: "nack", subtype: "pli")
    package static let fullIntraRequest = Feedback(type: "ccm", subtype: "fir")
    package static let receiverEstimatedMaximumBitrate = Feedback(type: "goog-remb")
    package static let transportWide = Feedback(type: "transport-cc")

    package var type: String
    package var subtype: String?

    package init(type: String, subtype: String? = nil) {
      self.type = type
      self.subtype = subtype
    }

    package init(_ element: XMLElement) throws(JingleError) {
      try element.expect("rtcp-fb", Namespace.rtcpFeedback)
      guard let type = element.token("type") else { throw .missingAttribute("type", of: element.name) }
      self.type = type
      subtype = element.token("subtype")
    }

    package var element: XMLElement {
      var element = XMLElement("rtcp-fb", namespace: Namespace.rtcpFeedback, attributes: ["type": type])
      element["subtype"] = subtype
      return element
    }
  }
}
