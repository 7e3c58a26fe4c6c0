/// The 96-bit transaction ID of a STUN message (RFC 8489 section 5).
package struct TransactionID: Hashable, Sendable {
  package let high: UInt32
  package let low: UInt64

  package init(high: UInt32, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Draws an ID, which "MUST be uniformly and randomly chosen": outside of tests the generator has to be a
  /// cryptographic one.
  package init(using generator: inout some RandomNumberGenerator) {
    high = generator.next()
    low = generator.next()
  }
}
