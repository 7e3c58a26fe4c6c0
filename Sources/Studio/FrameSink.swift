import Sound
import Video

/// Takes the encoded pictures of a ``Broadcast``, on its event loop: a call, or in time a recording.
package protocol FrameSink: AnyObject, Sendable {
  /// One encoded picture, and what was counted up to it.
  func send(_ frame: EncodedFrame, _ counters: VideoCounters)
  /// 20 ms of the sound that belongs to the pictures, and what was counted up to it.
  func send(_ sound: EncodedSound, _ counters: SoundCounters)
  /// A picture was encoded that this sink is not sent, since its network takes less; no later one refers to it.
  func skip(_ frame: EncodedFrame, _ counters: VideoCounters)
  /// There are no more pictures: the source has ended, or could not be opened or encoded.
  func sourceEnded(_ error: StudioError?)
}
