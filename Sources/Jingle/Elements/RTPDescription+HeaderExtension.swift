import XMPP

extension RTPDescription {
  /// XEP-0294: an RTP header extension (RFC 8285 `extmap`).
  package struct HeaderExtension: ElementConvertible {
    /// RFC 8285 section 5: 1 to 255 in a packet, 4096 to 4351 in an offer of too many.
    package var id: UInt16
    package var uri: String
    /// `both` where absent.
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
