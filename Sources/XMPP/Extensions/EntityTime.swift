/// The clock of another entity: Entity Time (XEP-0202).
package enum EntityTime {
  package static let namespace = "urn:xmpp:time"

  /// Makes a request, whose id is set when it is sent.
  package static func request(to: JID) -> XMLElement {
    .iq(.get, id: "", to: to, XMLElement("time", namespace: namespace))
  }

  /// Returns the time of a response in seconds since 1970 without fractions, or nil if it has none.
  package static func secondsSince1970(_ result: XMLElement) -> Int64? {
    result.first("time", namespace)?.first("utc", namespace).flatMap { DateTime.secondsSince1970($0.text) }
  }
}
