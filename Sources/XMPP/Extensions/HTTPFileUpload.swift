/// A service that keeps files and hands them out by URL: HTTP File Upload, XEP-0363.
package struct HTTPFileUpload: Hashable, Sendable {
  package static let namespace = "urn:xmpp:http:upload:0"

  package let service: JID
  /// In octets; nil: it does not say.
  package let maximumFileSize: Int?

  /// Nil: by its answer to disco#info `service` is none (section 3).
  package init?(_ service: JID, information: XMLElement) {
    guard let query = information.first("query", ServiceDiscovery.infoNamespace),
      query.all("feature", ServiceDiscovery.infoNamespace).contains(where: { $0["var"] == Self.namespace })
    else { return nil }
    let form = query.all("x", DataForm.namespace).lazy.compactMap { DataForm($0) }
      .first { $0["FORM_TYPE"] == Self.namespace }
    self.service = service
    maximumFileSize = form?["max-file-size"].flatMap { Int($0) }
  }

  package struct TooLarge: Error, Equatable {
    package let maximum: Int
  }

  /// Section 4, for a file that the service takes. Its id is made by who sends it.
  package func slotRequest(filename: String, size: Int, contentType: String) throws(TooLarge) -> XMLElement {
    if let maximumFileSize, size > maximumFileSize { throw TooLarge(maximum: maximumFileSize) }
    return .iq(
      .get, id: "", to: service,
      XMLElement(
        "request", namespace: Self.namespace,
        attributes: ["filename": filename, "size": String(size), "content-type": contentType]))
  }

  /// Where the file is put, and where others fetch it (section 4). Take it only from who was asked.
  package struct Slot: Hashable, Sendable {
    package struct Header: Hashable, Sendable {
      package let name: String
      package let value: String
    }

    package enum Failure: Error, Equatable {
      case missing
      /// "The host MUST provide Transport Layer Security"; or it is no URL at all.
      case notHTTPS
      /// Too many, too long, or of what HTTP cannot carry.
      case unusableHeader
    }

    /// "Only the following header names are allowed: Authorization, Cookie, Expires."
    private static let allowedHeaders = ["authorization", "cookie", "expires"]
    /// One or two are usual.
    static let headerLimit = 8
    /// Of each; a token has some hundreds of octets.
    static let maximumHeaderLength = 8000

    package let put: HTTPSURL
    /// In the order in which they must be sent, with `put` alone.
    package let headers: [Header]
    package let get: HTTPSURL

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

    /// Section 8: "Requesting entities MUST strip any newline characters from the HTTP header names and values before
    /// making the PUT request", or a service could make it say something else.
    private static func withoutNewlines(_ text: String) -> String {
      String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\r" && $0 != "\n" }))
    }

    /// RFC 9110 section 5.5: printable, of ASCII.
    private static func isUsable(_ value: String) -> Bool {
      value.utf8.count <= maximumHeaderLength && value.utf8.allSatisfy { (0x20...0x7e).contains($0) }
    }
  }
}
