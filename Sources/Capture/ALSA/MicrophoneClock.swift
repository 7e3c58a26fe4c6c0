import NIOCore

/// The monotonic clock, which ALSA's timestamps are of; a test has another in its place.
struct MicrophoneClock {
  let now: () -> NIODeadline
  /// Blocks the calling thread until that time.
  let sleep: (NIODeadline) -> Void

  static var monotonic: MicrophoneClock { MicrophoneClock(now: { .now() }, sleep: MonotonicClock.sleep(until:)) }
}
