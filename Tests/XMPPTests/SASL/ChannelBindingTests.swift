import Testing

@testable import XMPP

@Suite("tls-exporter, RFC 9266, and tls-server-end-point, RFC 5929 section 4")
struct ChannelBindingTests {
  /// Self-signed by `openssl req -x509` with ECDSA and the named hash, or Ed25519; the hashes are `openssl dgst`'s.
  static let sha256 =
    "MIIBbzCCARWgAwIBAgIUdPFL6Pnjx8IAMCBiHDhgPLMXEcMwCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBeDAgFw0yNjExMjMxOTE3NTdaGA8yMTI2"
    + "MTAzMDE5MTc1N1owDDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDa2+L9JQaMuwbaIwy4f8frDT7pM67/cJy4wH+dEZ0zg"
    + "bDY0M1/g4OL5xBGu8S3K/rQOWcLh7xZTnn5nXurMcKSjUzBRMB0GA1UdDgQWBBR5wADVhHXWDX5TbtrWrYj6ziyX5jAfBgNVHSMEGDAWgBR5wADV"
    + "hHXWDX5TbtrWrYj6ziyX5jAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCICBEIDd+EzH5g3MubovjkZVviw49KvxDBWd34D/SesJs"
    + "AiEA75xRFGZz2DrnsjXldBSQLZHjguKpCVy/ygqcyj9rx94="
  static let sha384 =
    "MIIBbjCCARWgAwIBAgIUQ27DHzyAj21lKmKJrHkXlUPx4cAwCgYIKoZIzj0EAwMwDDEKMAgGA1UEAwwBeDAgFw0yNjExMjMxOTE3NTdaGA8yMTI2"
    + "MTAzMDE5MTc1N1owDDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNTQIeYHIVK6X8vn8Mb5x7FhhOxDlTinJfJ3cy5DseeA"
    + "kC1vQ1fYhP+wZpEc9A18UC304eHnjW4N9RLAIsHZyVKjUzBRMB0GA1UdDgQWBBRL7+JjNGnXCwFB8oCuZawM5WZlajAfBgNVHSMEGDAWgBRL7+Jj"
    + "NGnXCwFB8oCuZawM5WZlajAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMDA0cAMEQCIFtu+ed39rXmTwWzp4F3OLdMhe7CMhuxOXVSE9bhpD96"
    + "AiAziqMTbVpjqwRZgHvkKEdh8hs79UB+ovPagf16LOZhlw=="
  static let ed25519 =
    "MIIBLjCB4aADAgECAhRAhD4RM2r2GIHKmT79tffaLxMAhjAFBgMrZXAwDDEKMAgGA1UEAwwBeDAgFw0yNjExMjMxOTE3NTdaGA8yMTI2MTAzMDE5"
    + "MTc1N1owDDEKMAgGA1UEAwwBeDAqMAUGAytlcAMhAGe7w2EgD0b/ew7raAZcAeJLK8cmdsMHn43Jwj7v7q5co1MwUTAdBgNVHQ4EFgQU6TnkXh9D"
    + "uKHI5mV6cZt11aO84awwHwYDVR0jBBgwFoAU6TnkXh9DuKHI5mV6cZt11aO84awwDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQAy4uJNC6Vxk1aL"
    + "cMmhDkKgt5FQqLCseyixHrcaljeU4WUR9ca9OOFZ7btrFZtZNgTYosaW52lbzZcJ4K/SaHQF"

  func hex(_ binding: ChannelBinding?) -> String? {
    let bytes: [UInt8]? =
      switch binding {
      case .exporter(let data), .serverEndPoint(let data): data
      default: nil
      }
    return bytes?.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  @Test("the certificate is hashed by the hash function of its signature, which Ed25519 does not have")
  func hashes() throws {
    let sha256 = try #require(Base64.decode(Self.sha256))
    #expect(
      hex(ChannelBinding.serverEndPoint(certificate: sha256))
        == "7794226ba6c52defd1ae105804c671ae449d576ae43cd2a524690880e6c01222")
    let sha384 = try #require(Base64.decode(Self.sha384))
    #expect(
      hex(ChannelBinding.serverEndPoint(certificate: sha384))
        == "c7d95085d4a15f5d05e0a83449239736d8a36860facbb8d120e83e9ecfd620fd4177876e6004d8d3d8fac9f66eb0321f")
    let ed25519 = try #require(Base64.decode(Self.ed25519))
    #expect(ChannelBinding.serverEndPoint(certificate: ed25519) == nil)
  }

  @Test("malformed certificates have no binding")
  func corrupt() throws {
    let whole = try #require(Base64.decode(Self.sha256))
    for length in 0..<whole.count {
      #expect(ChannelBinding.serverEndPoint(certificate: Array(whole.prefix(length))) == nil)
    }
    #expect(ChannelBinding.serverEndPoint(certificate: [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]) == nil)
  }

  /// Worked out by Python's hmac; StreamerTests hold that OpenSSL exports the same.
  @Test("the exported value is derived by the hash function that matches the length of the secret")
  func exporter() {
    #expect(
      hex(.exporter(masterSecret: Array(0..<32)))
        == "34a93b1dd3c2b63ebc1bced0d7d37ade4e53c057e4d368578a5bef73771e2a1b")
    #expect(
      hex(.exporter(masterSecret: Array(0..<48)))
        == "611c8f80782a86df99c005b09cafa11d5c3ef90ffcfbaa44cd1eda33d03ccdee")
    #expect(ChannelBinding.exporter(masterSecret: []) == nil)
    #expect(ChannelBinding.exporter(masterSecret: Array(0..<64)) == nil)
  }
}
