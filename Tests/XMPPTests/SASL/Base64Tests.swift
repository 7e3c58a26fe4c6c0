import Testing

@testable import XMPP

@Suite("Base64, RFC 4648")
struct Base64Tests {
  @Test(
    "the vectors of RFC 4648 section 10 are encoded and decoded",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
      ("foobar", "Zm9vYmFy"),
    ])
  func vectors(text: String, coded: String) {
    #expect(Base64.encode(Array(text.utf8)) == coded)
    #expect(Base64.decode(coded) == Array(text.utf8))
  }

  @Test(
    "malformed text as described in RFC 4648 section 3 is refused",
    arguments: ["Z", "Zg", "Zg=", "Zg===", "====", "Z===", "Zm9v\n", "Zm 9", "Zh==", "Zm9=", "Zg==Zg==", "Zm-_"])
  func malformed(coded: String) {
    #expect(Base64.decode(coded) == nil)
  }

  @Test("every octet is encoded and decoded")
  func octets() {
    let bytes = Array(UInt8.min...UInt8.max)
    #expect(Base64.decode(Base64.encode(bytes)) == bytes)
  }
}
