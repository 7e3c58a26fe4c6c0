/// What time it is for another entity, XEP-0202.
package enum EntityTime {
  package static let namespace = "urn:xmpp:time"

  /// The request's id is made when it is sent.
  package static func request(to: JID) -> XMLElement {
    .iq(.get, id: "", to: to, XMLElement("time", namespace: namespace))
  }

  /// Seconds since 1970, without fractions; nil where the answer tells no time.
  package static func secondsSince1970(_ result: XMLElement) -> Int64? {
    result.first("time", namespace)?.first("utc", namespace).flatMap { DateTime.secondsSince1970($0.text) }
  }
}
