import NIOCore
import Sound
import Synchronization
import Video

@testable import Studio

/// Whoever hears the sound of a broadcast.
final class SoundListener: FrameSink {
  private let heard = Mutex<[EncodedSound]>([])
  private let onSound: @Sendable (Int) -> Void
  private let onEnd: @Sendable () -> Void

  init(onSound: @escaping @Sendable (Int) -> Void = { _ in }, onEnd: @escaping @Sendable () -> Void = {}) {
    self.onSound = onSound
    self.onEnd = onEnd
  }

  var sounds: [EncodedSound] { heard.withLock { $0 } }

  func send(_ frame: EncodedFrame, _ counters: VideoCounters) {}

  func send(_ sound: EncodedSound, _ counters: SoundCounters) {
    let count = heard.withLock { heard in
      heard.append(sound)
      return heard.count
    }
    onSound(count)
  }

  func skip(_ frame: EncodedFrame, _ counters: VideoCounters) {}
  func sourceEnded(_ error: StudioError?) { onEnd() }
}

extension Broadcast {
  func joinAll(_ listeners: [SoundListener]) -> [BroadcastFeed] {
    listeners.map { listener in
      let feed = makeFeed()
      join(feed, listener)
      return feed
    }
  }

  func joinForSound(_ listener: SoundListener) -> BroadcastFeed {
    let feed = makeFeed()
    join(feed, listener, seesPictures: false)
    return feed
  }

  /// In the order of a call that begins.
  func joinAndAsk(_ listener: SoundListener) -> EventLoopFuture<Bool> {
    join(makeFeed(), listener)
    return hasSound()
  }

  /// A viewer of the picture calls, and before the camera is open the other one can hear.
  func joinWithPicture(
    _ listener: SoundListener, beside viewer: SoundListener
  ) -> (sound: BroadcastFeed, picture: BroadcastFeed) {
    let picture = makeFeed()
    join(picture, viewer)
    let sound = joinForSound(listener)
    startListening(sound)
    return (sound, picture)
  }

  func startListening(_ feed: BroadcastFeed) {
    start(feed.id)
    setListening(true, for: feed.id)
  }

  func setSource(_ source: String) { video.source = source }

  /// In the order of a call that begins after a reload.
  func changeAndAsk(_ sound: SoundConfiguration) -> EventLoopFuture<Bool> {
    video.sound = sound
    return hasSound()
  }

  func setSound(_ sound: SoundConfiguration) { video.sound = sound }

  /// Waits until a thread of the sound has told something.
  func awaitSound(_ isReached: (BroadcastSound) -> Bool) async {
    while !isReached(sound) { await Task.yield() }
  }
}
