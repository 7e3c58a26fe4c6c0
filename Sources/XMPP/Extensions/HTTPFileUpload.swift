/// A service that stores files and publishes them by URL: HTTP File Upload (XEP-0363).
package struct HTTPFileUpload: Hashable, Sendable {
  package static let namespace = "urn:xmpp:http:upload:0"

  package let service: JID
  /// The largest file that the service accepts, in bytes; nil if it does not say.
  package let maximumFileSize: Int?

  /// Reads the response of `service` to a disco#info query; returns nil if it is no upload service (XEP-0363 section
  /// 3).
  package init?(_ service: JID, information: XMLElement) {
    guard let query = information.first("query", ServiceDiscovery.infoNamespace),
      query.all("feature", ServiceDiscovery.infoNamespace).contains(where: { $0["var"] == Self.namespace })
    else { return nil }
    let form = query.all("x", DataForm.namespace).lazy.compactMap { DataForm($0) }
      .first { $0["FORM_TYPE"] == Self.namespace }
    self.service = service
    maximumFileSize = form?["max-file-size"].flatMap { Int($0) }
  }

  /// The file is larger than the service accepts.
  package struct TooLarge: Error, Equatable {
    package let maximum: Int
  }

  /// Makes the request for a slot (XEP-0363 section 4). Its id is set when it is sent.
  ///
  /// - Parameter size: the size of the file in bytes.
  /// - Throws: `TooLarge`.
  package func slotRequest(filename: String, size: Int, contentType: String) throws(TooLarge) -> XMLElement {
    if let maximumFileSize, size > maximumFileSize { throw TooLarge(maximum: maximumFileSize) }
    return .iq(
      .get, id: "", to: service,
      XMLElement(
        "request", namespace: Self.namespace,
        attributes: ["filename": filename, "size": String(size), "content-type": contentType]))
  }

  /// The URL to which the file is uploaded, and the one from which others fetch it (XEP-0363 section 4). A slot must be
  /// taken only from the service that was asked.
  package struct Slot: Hashable, Sendable {
    package struct Header: Hashable, Sendable {
      package let name: String
      package let value: String
    }

    package enum Failure: Error, Equatable {
      case missing
      /// A URL is malformed, or does not use TLS: "The host MUST provide Transport Layer Security".
      case notHTTPS
      /// There are too many headers, or one is too long or contains characters that HTTP does not allow.
      case unusableHeader
    }

    /// The headers that are used: "Only the following header names are allowed: Authorization, Cookie, Expires"
    /// (XEP-0363 section 4).
    private static let allowedHeaders = ["authorization", "cookie", "expires"]
    /// The most headers accepted; one or two are usual.
    static let headerLimit = 8
    /// The greatest length of a header value in bytes; a token has some hundreds.
    static let maximumHeaderLength = 8000

    package let put: HTTPSURL
    /// The headers to be sent with `put` alone, in this order.
    package let headers: [Header]
    package let get: HTTPSURL

    /// Reads the response to a slot request.
    ///
    /// - Throws: `Failure`.
    package init(parsing result: XMLElement) throws(Failure) {
      guard let slot = result.first("slot", namespace), let put = slot.first("put", namespace),
        let get = slot.first("get", namespace)
      else { throw .missing }
      guard let putURL = put["url"].flatMap({ HTTPSURL($0) }), let getURL = get["url"].flatMap({ HTTPSURL($0) }) else {
        throw .notHTTPS
      }
      self.put = putURL
      self.get = getURL
      let headers = put.all("header", namespace).map {
        Header(name: Self.withoutNewlines($0["name"] ?? ""), value: Self.withoutNewlines($0.text))
      }.filter { Self.allowedHeaders.contains($0.name.lowercased()) }
      guard headers.count <= Self.headerLimit, headers.allSatisfy({ Self.isUsable($0.value) }) else {
        throw .unusableHeader
      }
      self.headers = headers
    }

    /// Removes line breaks, by which a service could alter the request: "Requesting entities MUST strip any newline
    /// characters from the HTTP header names and values before making the PUT request" (XEP-0363 section 8).
    private static func withoutNewlines(_ text: String) -> String {
      String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\r" && $0 != "\n" }))
    }

    /// Whether a header value consists of printable ASCII characters (RFC 9110 section 5.5) and is not too long.
    private static func isUsable(_ value: String) -> Bool {
      value.utf8.count <= maximumHeaderLength && value.utf8.allSatisfy { (0x20...0x7e).contains($0) }
    }
  }
}
