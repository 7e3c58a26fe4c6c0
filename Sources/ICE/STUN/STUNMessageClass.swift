/// The class of a STUN message (RFC 8489 section 5). The raw value is the bits C1 and C0 of the message type.
package enum STUNMessageClass: UInt16, Hashable, Sendable {
  case request = 0b00
  case indication = 0b01
  case success = 0b10
  case error = 0b11
}
