/// The meaning of a source's capture times, which determines who keeps its pace.
package enum VideoTimeline: Sendable {
  /// Capture times are of the monotonic clock, at the exposure. The source has its own pace, and the newest frame is
  /// used.
  case live
  /// Capture times count from the start of the medium. Frames are available at once, and the reader waits until they
  /// are due.
  case media
}
