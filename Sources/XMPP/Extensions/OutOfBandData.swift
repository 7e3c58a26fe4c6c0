/// A URL beside a message: Out of Band Data, XEP-0066 section 3. Where the message's text is the same URL, clients show
/// what is there, such as a picture, instead.
enum OutOfBandData {
  static let namespace = "jabber:x:oob"

  static func element(_ url: HTTPSURL) -> XMLElement {
    let text = XMLElement("url", namespace: namespace, children: [.text(url.description)])
    return XMLElement("x", namespace: namespace, children: [.element(text)])
  }
}
