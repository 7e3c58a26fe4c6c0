import NIOCore
import Testing

@testable import SRTP

/// What a packet becomes under a known master key: computed apart from libsrtp2, by a program that first reproduces the
/// session keys of RFC 3711 B.3 and the packet of RFC 7714 section 16.1.1 (whose own session key no API lets one set).
struct SRTPVector: Sendable, CustomTestStringConvertible {
  let profile: SRTPProfile
  let keyAndSalt: [UInt8]
  let protectedPacket: [UInt8]
  let protectedControl: [UInt8]

  var testDescription: String { "\(profile)" }

  static let packet = hex("800f1234decafbadcafebabe") + [UInt8](repeating: 0xAB, count: 16)
  static let control = hex("81c8000bcafebabe") + [UInt8](repeating: 0xAB, count: 16)

  static let all = [
    SRTPVector(
      profile: .aes128CMHMACSHA1x80,
      keyAndSalt: hex("e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6"),
      protectedPacket: hex("800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb"),
      protectedControl: hex("81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798")),
    SRTPVector(
      profile: .aeadAES128GCM,
      keyAndSalt: Array(0..<16) + Array(0xA0..<0xAC),
      protectedPacket: hex(
        "800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392"),
      protectedControl: hex(
        "81c8000bcafebabec98b8b5df0392a55852b6c21ac8e7025c52c6fbea2b3b446ea31123ba88ce61e80000001")),
    SRTPVector(
      profile: .aeadAES256GCM,
      keyAndSalt: Array(0..<32) + Array(0xA0..<0xAC),
      protectedPacket: hex(
        "800f1234decafbadcafebabe0af7f21e8a90bdad7a425c9c31ed4bb1d90238917e7390a2793500e1681acaea"),
      protectedControl: hex(
        "81c8000bcafebabe8abfafa780070a90e80f9161cf4aac081ed93aaa53c15b0f3ed1a3b984167b0380000001")),
  ]

  private static func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap { $0.hexDigitValue }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
