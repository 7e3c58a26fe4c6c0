import NIOCore
import Peer
import RTP

/// The sound of both sides.
extension Call {
  /// Sends 20 ms of sound, in Opus.
  ///
  /// - Parameter source: what was counted up to it.
  package func send(sound frame: RTPFrame, source: CallStatistics.SoundSource, now: NIODeadline) {
    collector.soundSource = source
    guard outcome == nil, let connection, timeline.isStreaming, !contents.isMuted(.audio) else { return }
    if connection.send(sound: frame, now: now) {
      collector.soundSent(captureTime: frame.captureTime, now: now)
      if !connection.media.contains(.video) { timeline.frameSent(now: now) }
    }
    drain(now)
  }

  /// Drops what comes of the peer's sound from now on, unread, also where it is still to be agreed on.
  package func stopHearing() {
    hearsPeer = false
    connection?.stopReceivingSound()
  }

  /// What the decoder and the loudspeaker have made of the peer's sound until now.
  package typealias PlayoutReader =
    @Sendable () -> (decoded: CallStatistics.DecodedSound, speaker: CallStatistics.Playout)
}
