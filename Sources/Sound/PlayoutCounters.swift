/// What was made of one person's packets, named as in RTCInboundRtpStreamStats of W3C webrtc-stats.
package struct PlayoutCounters: Sendable, Equatable {
  /// All samples for one channel, with those that were made up.
  package var totalSamplesReceived = 0
  /// Those made up for packets that were lost or late. libopus does not tell which of them in-band FEC has recovered.
  package var concealedSamples = 0
  /// The times that it began to make samples up.
  package var concealmentEvents = 0
  /// The samples that were taken out of the jitter buffer, and the seconds that each was in it, all together.
  package var jitterBufferEmittedCount = 0
  package var jitterBufferDelay = 0.0
  /// Those made up to lengthen the delay, which are no concealed ones.
  package var insertedSamplesForDeceleration = 0
  /// Those left out to shorten the delay.
  package var removedSamplesForAcceleration = 0
  /// The packets that came later than their turn.
  package var packetsDiscarded = 0
  /// The level of the last 20 ms, from 0 to 1: the root of the mean square.
  package var audioLevel = 0.0

  package init() {}
}
