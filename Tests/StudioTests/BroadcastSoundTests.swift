import Capture
import NIOCore
import NIOPosix
import Sound
import Synchronization
import Testing
import Video

@testable import Studio

/// Whoever hears the sound of a broadcast.
private final class Listener: FrameSink {
  private let heard = Mutex<[EncodedSound]>([])
  private let onSound: @Sendable (Int) -> Void

  init(onSound: @escaping @Sendable (Int) -> Void = { _ in }) {
    self.onSound = onSound
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
  func sourceEnded(_ error: StudioError?) {}
}

@Suite("The sound of one source for all who watch", .timeLimit(.minutes(1)))
struct BroadcastSoundTests {
  private let loop = MultiThreadedEventLoopGroup.singleton.next()
  private let microphone = MadeUpMicrophone()

  private func broadcast(_ sound: SoundConfiguration, source: String = "pattern:64x64@100") -> Broadcast {
    var video = VideoConfiguration(source: source, limits: .init(maximumBitrate: 200_000))
    video.sound = sound
    return Broadcast(
      video, on: loop,
      openMicrophone: { [microphone] name, _ throws(MicrophoneError) in try microphone.open(name) })
  }

  @Test("the microphone is opened for the first who watches, and encoded once for all of them")
  func once() async throws {
    let (counts, continuation) = AsyncStream.makeStream(of: Int.self)
    let broadcast = broadcast(.microphone("Mic"))
    let listeners = [Listener(), Listener(onSound: { continuation.yield($0) }), Listener()]
    let feeds = await broadcast.joinAll(listeners)
    // A picture is no reason to listen.
    _ = try await broadcast.takeSnapshot().get()
    #expect(microphone.names.isEmpty)
    await broadcast.start(feeds[0].id)
    await broadcast.start(feeds[1].id)
    _ = await counts.first { $0 == 50 }
    for feed in feeds { await broadcast.leave(feed.id) }
    #expect(microphone.names == ["Mic"])
    while await broadcast.sound.control != nil { await Task.yield() }
    let counters = await broadcast.statistics.sound
    #expect(counters.totalSamplesDuration >= 1 && counters.audioLevel == 0)
    // A sine with half of the full scale, and in the second channel a quarter.
    #expect(abs(counters.totalAudioEnergy / counters.totalSamplesDuration - (0.125 + 0.03125) / 2) < 0.01)
    let (first, second) = (listeners[0].sounds, listeners[1].sounds)
    let shared = first.drop { $0.captureTime < second[0].captureTime }
    #expect(shared.count >= 50)
    #expect(zip(shared, second).allSatisfy { $0.data == $1.data && $0.captureTime == $1.captureTime })
    #expect(listeners[2].sounds.isEmpty)
  }

  @Test("another microphone, or none, is taken at once, while somebody watches")
  func changed() async throws {
    let (counts, continuation) = AsyncStream.makeStream(of: Int.self)
    let broadcast = broadcast(.microphone("One"))
    let listener = Listener(onSound: { continuation.yield($0) })
    let feeds = await broadcast.joinAll([listener])
    await broadcast.start(feeds[0].id)
    _ = await counts.first { $0 == 5 }
    await broadcast.setSound(.microphone("Two"))
    let beforeSecond = listener.sounds.count
    _ = await counts.first { $0 >= beforeSecond + 5 && microphone.names.count == 2 }
    await broadcast.setSound(.none)
    while await broadcast.sound.control != nil { await Task.yield() }
    #expect(microphone.names == ["One", "Two"])
    await broadcast.leave(feeds[0].id)
  }

  @Test("who called for sound alone hears it, and no picture is taken for them")
  func alone() async throws {
    let (counts, continuation) = AsyncStream.makeStream(of: Int.self)
    let broadcast = broadcast(.microphone(nil))
    let feed = await broadcast.joinForSound(Listener(onSound: { continuation.yield($0) }))
    await broadcast.start(feed.id)
    _ = await counts.first { $0 == 5 }
    #expect(await broadcast.control == nil)
    #expect(await broadcast.watching == 1)
    await broadcast.leave(feed.id)
    while await broadcast.sound.control != nil { await Task.yield() }
  }

  @Test("whether there is sound is known before a call begins")
  func known() async throws {
    #expect(try await broadcast(.none).hasSound().get() == false)
    #expect(try await broadcast(.microphone(nil)).hasSound().get())
    #expect(try await broadcast(.file(track: nil)).hasSound().get() == false)
    let missing = broadcast(.file(track: nil), source: "/nowhere/film.mp4")
    let isKnown = await missing.hasSound()
    _ = await missing.joinAll([Listener()])
    #expect(try await isKnown.get() == false)
  }
}

extension Broadcast {
  fileprivate func joinAll(_ listeners: [Listener]) -> [BroadcastFeed] {
    listeners.map { listener in
      let feed = makeFeed()
      join(feed, listener)
      return feed
    }
  }

  fileprivate func joinForSound(_ listener: Listener) -> BroadcastFeed {
    let feed = makeFeed()
    join(feed, listener, seesPictures: false)
    return feed
  }

  fileprivate func setSound(_ sound: SoundConfiguration) { video.sound = sound }
}
