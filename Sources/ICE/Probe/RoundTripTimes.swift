import NIOCore

/// The shortest, longest and average of several round-trip times.
package struct RoundTripTimes: Hashable, Sendable {
  package private(set) var count = 0
  package private(set) var minimum = TimeAmount.nanoseconds(.max)
  package private(set) var maximum = TimeAmount.zero
  private var total = TimeAmount.zero

  package init() {}

  package mutating func record(_ time: TimeAmount) {
    count += 1
    minimum = min(minimum, time)
    maximum = max(maximum, time)
    total = total + time
  }

  /// The average; nil without any round trip.
  package var average: TimeAmount? { count == 0 ? nil : .nanoseconds(total.nanoseconds / Int64(count)) }
}
