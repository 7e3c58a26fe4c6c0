import Testing

@testable import XMPP

@Suite("Base64, RFC 4648")
struct Base64Tests {
  @Test(
    "codes the vectors of section 10 both ways",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
      ("foobar", "Zm9vYmFy"),
    ])
  func vectors(text: String, coded: String) {
    #expect(Base64.encode(Array(text.utf8)) == coded)
    #expect(Base64.decode(coded) == Array(text.utf8))
  }

  @Test(
    "refuses what section 3 warns of",
    arguments: ["Z", "Zg", "Zg=", "Zg===", "====", "Z===", "Zm9v\n", "Zm 9", "Zh==", "Zm9=", "Zg==Zg==", "Zm-_"])
  func malformed(coded: String) {
    #expect(Base64.decode(coded) == nil)
  }

  @Test("every octet survives")
  func octets() {
    let bytes = Array(UInt8.min...UInt8.max)
    #expect(Base64.decode(Base64.encode(bytes)) == bytes)
  }
}
