import NIOCore

/// How long to wait for an answer before a flight is sent again, doubling each time (RFC 6347 section 4.2.4.1).
///
/// "Implementations SHOULD use an initial timer value of 1 second"; shorter here, because ICE has just proved the path
/// and a viewer waits for the picture. OpenSSL gives a flight up after twelve repetitions.
package struct DTLSRetransmission: Hashable, Sendable {
  package var initial: TimeAmount
  package var maximum: TimeAmount

  package init(initial: TimeAmount = .milliseconds(250), maximum: TimeAmount = .seconds(4)) {
    precondition(initial > .zero && maximum >= initial && maximum <= .seconds(60))
    self.initial = initial
    self.maximum = maximum
  }

  /// What follows `microseconds`, or the first wait of a flight after 0.
  func next(after microseconds: UInt32) -> UInt32 {
    let doubled = Int64(microseconds) * 2
    return UInt32(clamping: min(max(doubled, initial.nanoseconds / 1000), maximum.nanoseconds / 1000))
  }
}
