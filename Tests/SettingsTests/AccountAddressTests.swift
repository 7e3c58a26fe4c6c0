import Settings
import Testing

@Suite("The address of an account, as a person writes it") struct AccountAddressTests {
  @Test(
    "what may be a password is not repeated",
    arguments: ["cam:s3cret@example.net", "cam@example.net:s3cret", "cam:s3cret"])
  func secrets(_ text: String) {
    let error = #expect(throws: SettingError.self) { try AccountAddress.parse(text) }
    #expect(error?.description.contains("s3cret") == false && error?.description.contains("--password-file") == true)
  }

  @Test("a domain may be an IPv6 address, which has colons")
  func domainWithColons() throws {
    #expect(try AccountAddress.parse("cam@[2001:db8::1]").local == "cam")
  }
}
