import NIOCore

/// How long to wait for an answer before a flight is sent again (RFC 6347 section 4.2.4.1).
///
/// "Implementations SHOULD use an initial timer value of 1 second" and double it; shorter and steady at first here,
/// because ICE has just proved the path, a viewer waits for the picture, and clients that call take our first flights only
/// a second later (Dino). OpenSSL gives a flight up after twelve repetitions, some 20 s as they lie here.
package struct DTLSRetransmission: Hashable, Sendable {
  /// So often it is sent again before the waits double.
  private static let steadyRepetitions = 5

  package var initial: TimeAmount
  package var maximum: TimeAmount

  package init(initial: TimeAmount = .milliseconds(250), maximum: TimeAmount = .seconds(4)) {
    precondition(initial > .zero && maximum >= initial && maximum <= .seconds(60))
    self.initial = initial
    self.maximum = maximum
  }

  /// What follows a flight's first sending (0) or its repetitions.
  func wait(after repetition: Int) -> TimeAmount {
    let doublings = min(max(0, repetition - Self.steadyRepetitions), 30)
    return min(.nanoseconds(initial.nanoseconds << Int64(doublings)), maximum)
  }
}
