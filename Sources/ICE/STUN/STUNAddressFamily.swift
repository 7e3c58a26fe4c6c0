/// An address family with its number in STUN (RFC 8489 section 14.1, RFC 8656 section 18.6).
package enum STUNAddressFamily: UInt8, Hashable, Sendable {
  case ipv4 = 0x01
  case ipv6 = 0x02
}
