import NIOCore

/// The time to wait for an answer before a flight is sent again (RFC 6347 section 4.2.4.1).
///
/// "Implementations SHOULD use an initial timer value of 1 second" and double it. Here the first waits are shorter and
/// constant, because ICE has just verified the path, a viewer waits for the picture, and a client that calls may
/// process our first flights only a second later (Dino). OpenSSL gives up after twelve repetitions, which are some 20 s
/// with these waits.
package struct DTLSRetransmission: Hashable, Sendable {
  /// The number of repetitions before the waits double.
  private static let steadyRepetitions = 5

  package var initial: TimeAmount
  package var maximum: TimeAmount

  package init(initial: TimeAmount = .milliseconds(250), maximum: TimeAmount = .seconds(4)) {
    precondition(initial > .zero && maximum >= initial && maximum <= .seconds(60))
    self.initial = initial
    self.maximum = maximum
  }

  /// The time to wait after a flight was sent first (0) or repeated for the given number of times.
  func wait(after repetition: Int) -> TimeAmount {
    let doublings = min(max(0, repetition - Self.steadyRepetitions), 30)
    return min(.nanoseconds(initial.nanoseconds << Int64(doublings)), maximum)
  }
}
