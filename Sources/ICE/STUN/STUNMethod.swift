/// The method of a STUN message, 12 bits (RFC 8489 section 18.2, RFC 8656 section 17).
package struct STUNMethod: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt16

  package init(rawValue: UInt16) {
    precondition(rawValue <= 0xFFF, "a STUN method has 12 bits")
    self.rawValue = rawValue
  }

  package static let binding = STUNMethod(rawValue: 0x001)
  package static let allocate = STUNMethod(rawValue: 0x003)
  package static let refresh = STUNMethod(rawValue: 0x004)
  package static let send = STUNMethod(rawValue: 0x006)
  package static let data = STUNMethod(rawValue: 0x007)
  package static let createPermission = STUNMethod(rawValue: 0x008)
  package static let channelBind = STUNMethod(rawValue: 0x009)
}
