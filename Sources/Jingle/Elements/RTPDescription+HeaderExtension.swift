import XMPP

extension RTPDescription {
  /// An RTP header extension (XEP-0294, `extmap` of RFC 8285 section 5).
  package struct HeaderExtension: ElementConvertible {
    /// The identifier: 1 to 255 in packets, and 4096 to 4351 in offers with too many (RFC 8285 section 5).
    package var id: UInt16
    package var uri: String
    /// The senders, `both` if the attribute is absent.
    package var senders: Content.Senders

    package init(id: UInt16, uri: String, senders: Content.Senders = .both) {
      self.id = id
      self.uri = uri
      self.senders = senders
    }

    package init(_ element: XMLElement) throws(JingleError) {
      try element.expect("rtp-hdrext", Namespace.headerExtensions)
      id = try element.requiredNumber("id")
      uri = try element.required("uri")
      senders = try element.choice("senders") ?? .both
    }

    package var element: XMLElement {
      var element = XMLElement(
        "rtp-hdrext", namespace: Namespace.headerExtensions, attributes: ["id": String(id), "uri": uri])
      if senders != .both { element["senders"] = senders.rawValue }
      return element
    }
  }
}
