/// What the capture times of a source count, and so who keeps its pace.
package enum VideoTimeline: Sendable {
  /// The monotonic clock, at the moment of exposure. The source comes at its own pace; the newest frame wins.
  case live
  /// Time from the start of the medium. Frames are there at once; whoever reads them waits until they are due.
  case media
}
