/// A URL attached to a message: Out of Band Data (XEP-0066 section 3). If the text of the message is the same URL,
/// clients show the resource, such as a picture, instead.
enum OutOfBandData {
  static let namespace = "jabber:x:oob"

  static func element(_ url: HTTPSURL) -> XMLElement {
    let text = XMLElement("url", namespace: namespace, children: [.text(url.description)])
    return XMLElement("x", namespace: namespace, children: [.element(text)])
  }
}
