import Testing

@testable import XMPP

@Suite("HTTP File Upload, XEP-0363")
struct HTTPFileUploadTests {
  private static let head = "<iq from='upload.montague.tld' id='step_03' to='romeo@montague.tld/garden' type='result'>"
  private static let get = "<get url='https://download.montague.tld/4a771ac1-f0b2/my-juliet.jpg'/>"

  private func slot(_ content: String) throws -> HTTPFileUpload.Slot {
    try HTTPFileUpload.Slot(
      parsing: try Fixture.parse("\(Self.head)<slot xmlns='urn:xmpp:http:upload:0'>\(content)</slot></iq>"))
  }

  private func slot(headers: String) throws -> HTTPFileUpload.Slot {
    try slot("<put url='https://upload.montague.tld/a'>\(headers)</put>\(Self.get)")
  }

  private func service(_ query: String) throws -> HTTPFileUpload? {
    HTTPFileUpload(
      try JID("upload.montague.tld"),
      information: try Fixture.parse(
        "\(Self.head)<query xmlns='http://jabber.org/protocol/disco#info'>\(query)</query></iq>"))
  }

  private static let feature = "<feature var='urn:xmpp:http:upload:0'/>"

  @Test("an upload service is found by its feature, and its size limit by its form (examples 2 and 4)")
  func discovery() throws {
    let contact = "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE'><value>urn:x</value></field></x>"
    let form =
      "<x type='result' xmlns='jabber:x:data'><field var='FORM_TYPE' type='hidden'><value>urn:xmpp:http:upload:0</value>"
      + "</field><field var='max-file-size'><value>5242880</value></field></x>"
    let found = try #require(
      try service("<identity category='store' type='file' name='HTTP File Upload'/>" + Self.feature + contact + form))
    #expect(found.service == (try JID("upload.montague.tld")) && found.maximumFileSize == 5_242_880)
    #expect(try service(Self.feature)?.maximumFileSize == nil)
    #expect(try service(form) == nil && service("<feature var='urn:xmpp:http:upload'/>") == nil)
  }

  @Test("a slot is requested by name, size and type (example 5)")
  func request() throws {
    let service = try #require(try service(Self.feature))
    let request = try service.slotRequest(filename: "my-juliet.jpg", size: 23_456, contentType: "image/jpeg")
    #expect(
      request
        == (try Fixture.parse(
          "<iq id='' to='upload.montague.tld' type='get'><request xmlns='urn:xmpp:http:upload:0' "
            + "filename='my-juliet.jpg' size='23456' content-type='image/jpeg'/></iq>")))
  }

  @Test("no slot is requested for a file that is larger than the service accepts")
  func tooLarge() throws {
    let form =
      "<x type='result' xmlns='jabber:x:data'><field var='FORM_TYPE'><value>urn:xmpp:http:upload:0</value></field>"
      + "<field var='max-file-size'><value>1000</value></field></x>"
    let service = try #require(try service(Self.feature + form))
    #expect(throws: Never.self) { try service.slotRequest(filename: "p.jpg", size: 1000, contentType: "image/jpeg") }
    #expect(throws: HTTPFileUpload.TooLarge(maximum: 1000)) {
      try service.slotRequest(filename: "p.jpg", size: 1001, contentType: "image/jpeg")
    }
  }

  @Test("a slot has a URL for the upload with its allowed headers and one for the download (example 6)")
  func slotParts() throws {
    let slot = try slot(
      headers: "<header name='Authorization'>Basic Base64String==</header><header name='cookie'>foo=bar</header>"
        + "<header name='Host'>montague.tld</header><header name='COOKIE'>a=b</header><header>x</header>")
    #expect(slot.put.description == "https://upload.montague.tld/a")
    #expect(slot.get.host == "download.montague.tld")
    #expect(
      slot.headers == [
        .init(name: "Authorization", value: "Basic Base64String=="), .init(name: "cookie", value: "foo=bar"),
        .init(name: "COOKIE", value: "a=b"),
      ])
  }

  @Test("newlines are removed from headers, so that they cannot contain another header")
  func newlines() throws {
    let slot = try slot(headers: "<header name='Coo&#13;&#10;kie'>a=b&#13;&#10;Host: evil.test&#10;</header>")
    #expect(slot.headers == [.init(name: "Cookie", value: "a=bHost: evil.test")])
  }

  @Test("a slot without TLS or with another scheme is refused")
  func insecure() throws {
    for url in ["http://upload.montague.tld/a", "ftp://upload.montague.tld/a", "upload.montague.tld/a", ""] {
      #expect(throws: HTTPFileUpload.Slot.Failure.notHTTPS) { try slot("<put url='\(url)'/>\(Self.get)") }
      #expect(throws: HTTPFileUpload.Slot.Failure.notHTTPS) {
        try slot("<put url='https://upload.montague.tld/a'/><get url='\(url)'/>")
      }
    }
  }

  @Test("a malformed slot, or one with unsuitable headers, is refused")
  func malformed() throws {
    for content in ["", Self.get, "<put url='https://upload.montague.tld/a'/>"] {
      #expect(throws: HTTPFileUpload.Slot.Failure.missing) { try slot(content) }
    }
    #expect(throws: HTTPFileUpload.Slot.Failure.missing) {
      try HTTPFileUpload.Slot(parsing: try Fixture.parse("\(Self.head)</iq>"))
    }
    let longest = String(repeating: "a", count: HTTPFileUpload.Slot.maximumHeaderLength)
    let cookie = "<header name='Cookie'>a</header>"
    #expect(try slot(headers: "<header name='Cookie'>\(longest)</header>").headers.count == 1)
    for headers in [
      "<header name='Cookie'>\(longest)a</header>", "<header name='Cookie'>\u{e9}</header>",
      "<header name='Cookie'>a&#9;b</header>", String(repeating: cookie, count: HTTPFileUpload.Slot.headerLimit + 1),
    ] {
      #expect(throws: HTTPFileUpload.Slot.Failure.unusableHeader) { try slot(headers: headers) }
    }
  }

  @Test("an https URL is split into its parts, and other URLs are refused")
  func urls() throws {
    let url = try #require(HTTPSURL("HTTPS://Upload.example:8443/a%20b/c.jpg?x=1&y"))
    #expect(url.host == "Upload.example" && url.port == 8443 && url.authority == "Upload.example:8443")
    #expect(url.target == "/a%20b/c.jpg?x=1&y")
    #expect(HTTPSURL("https://h")?.target == "/" && HTTPSURL("https://h?q")?.target == "/?q")
    let address = try #require(HTTPSURL("https://[2001:db8::1]:1/"))
    #expect(address.host == "2001:db8::1" && address.port == 1 && address.authority == "[2001:db8::1]:1")
    #expect(HTTPSURL("https://[::1]/")?.port == 443 && HTTPSURL("https://192.0.2.1/")?.host == "192.0.2.1")
    let umlaut = try #require(HTTPSURL("https://b\u{FC}cher.example:1/a"))
    #expect(umlaut.host == "xn--bcher-kva.example" && umlaut.authority == "xn--bcher-kva.example:1")
    for text in [
      "https://", "https:///a", "https://a b/", "https://user@h/", "https://user:p@h/", "https://h/#f", "https://h:/",
      "https://h:0/", "https://h:65536/", "https://h:+1/", "https://::1/", "https://[x]/", "https://[]/",
      "https://h/\u{e9}", "https://h\u{2764}/", "https://user\u{FF20}h\u{e9}/", "https://h/\r\nHost:e", "https://h\\a/",
      "https:h", " https://h/",
      "https://h/" + String(repeating: "a", count: HTTPSURL.maximumLength),
    ] {
      #expect(HTTPSURL(text) == nil, "\(text.prefix(40))")
    }
  }

  @Test("the message of a picture has the URL as its text and as out-of-band data, in the thread")
  func message() throws {
    let url = try #require(HTTPSURL("https://h/p.jpg"))
    let asked = "<message from='ann@example.net/p' type='chat'><body>snapshot</body><thread>t</thread></message>"
    let message = try #require(ChatMessage(live: try Fixture.parse(asked), local: try JID("cam@example.org/pi")))
    #expect(
      message.reply(url.description, showing: url)
        == (try Fixture.parse(
          "<message to='ann@example.net/p' type='chat'><body>https://h/p.jpg</body>"
            + "<x xmlns='jabber:x:oob'><url>https://h/p.jpg</url></x><thread>t</thread></message>")))
  }
}
