/// What a ``Broadcast`` has counted, at one moment.
package struct BroadcastStatistics: Sendable {
  /// Of all sources so far.
  package var video = VideoCounters()
  /// What the encoder aims at, in bits per second; 0 while there is none.
  package var targetBitrate = 0
  package var sourceFailures = 0
  package var watching = 0
}
