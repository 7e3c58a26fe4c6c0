import NIOCore

/// What the control of congestion has measured of the path to a viewer, and holds back from it, at one moment.
package struct PathStatistics: Sendable {
  /// The least time that packets waited before the bottleneck, by what was measured last.
  package var queueDelay: TimeAmount
  /// What the viewer told has arrived since the beginning, with all headers; nil without transport-wide feedback.
  package var bytesDelivered: Int?
  /// What the pacer holds, in bytes of payload.
  package var pacerBytes: Int
  /// How long the pacer has held the frame whose packets leave next.
  package var pacerDelay: TimeAmount
}
