/// What a ``Broadcast`` has counted, at one moment.
package struct BroadcastStatistics: Sendable {
  /// The sum over all sources so far; the target bitrate is 0 while there is no encoder.
  package var video = VideoCounters()
  package var sourceFailures = 0
  package var watching = 0
}
