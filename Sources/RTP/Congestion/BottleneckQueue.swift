import NIOCore

/// The bytes that wait before the bottleneck, as far as they are ours: what was sent, less what its capacity has carried
/// off since.
struct BottleneckQueue: Sendable {
  private var bytes = 0.0
  private var time: NIODeadline

  init(now: NIODeadline) {
    time = now
  }

  /// In bytes.
  ///
  /// - Parameter rate: the capacity in bits per second.
  func length(rate: Double, now: NIODeadline) -> Double {
    max(0, bytes - rate / 8 * (now - time).seconds)
  }

  /// When no more than so many bytes wait, if none are added.
  func time(ofLength length: Double, rate: Double) -> NIODeadline {
    bytes <= length ? time : time + .nanoseconds(Int64((bytes - length) * 8 / rate * 1e9))
  }

  mutating func add(_ size: Double, rate: Double, now: NIODeadline) {
    bytes = length(rate: rate, now: now) + size
    time = now
  }

  /// Sets what is known of a time that has passed; what was sent since is added after.
  mutating func reset(to length: Double, at time: NIODeadline) {
    bytes = length
    self.time = time
  }
}
