import Capture
import NIOCore
import NIOPosix
import Sound
import Synchronization
import Testing
import Video

@testable import Studio

@Suite("The sound of one source for all who watch", .timeLimit(.minutes(1)))
struct BroadcastSoundTests {
  private let loop = MultiThreadedEventLoopGroup.singleton.next()
  private let microphone = MadeUpMicrophone()

  private func broadcast(
    _ sound: SoundConfiguration, source: String = "pattern:64x64@100", loops: Bool = false
  ) -> Broadcast {
    var video = VideoConfiguration(source: source, limits: .init(maximumBitrate: 200_000), loops: loops)
    video.sound = sound
    return Broadcast(
      video, on: loop,
      openMicrophone: { [microphone] name, _ throws(MicrophoneError) in try microphone.open(name) })
  }

  @Test("the microphone is opened for the first who watches, and encoded once for all of them")
  func once() async throws {
    let (counts, continuation) = AsyncStream.makeStream(of: Int.self)
    let broadcast = broadcast(.microphone("Mic"))
    let listeners = [SoundListener(), SoundListener(onSound: { continuation.yield($0) }), SoundListener()]
    let feeds = await broadcast.joinAll(listeners)
    // A picture is no reason to listen.
    _ = try await broadcast.takeSnapshot().get()
    #expect(microphone.names.isEmpty)
    await broadcast.startListening(feeds[0])
    await broadcast.startListening(feeds[1])
    _ = await counts.first { $0 == 50 }
    for feed in feeds { await broadcast.leave(feed.id) }
    #expect(microphone.names == ["Mic"])
    await broadcast.awaitSound { $0.control == nil }
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
    let listener = SoundListener(onSound: { continuation.yield($0) })
    let feeds = await broadcast.joinAll([listener])
    await broadcast.startListening(feeds[0])
    _ = await counts.first { $0 == 5 }
    await broadcast.setSound(.microphone("Two"))
    let beforeSecond = listener.sounds.count
    _ = await counts.first { $0 >= beforeSecond + 5 && microphone.names.count == 2 }
    await broadcast.setSound(.none)
    await broadcast.awaitSound { $0.control == nil }
    #expect(microphone.names == ["One", "Two"])
    await broadcast.leave(feeds[0].id)
  }

  @Test("what a loudspeaker plays is taken out of the microphone's sound")
  func echo() async throws {
    let (counts, continuation) = AsyncStream.makeStream(of: Int.self)
    let echo = EchoPath()
    let microphone = MadeUpMicrophone(echo: echo)
    var video = VideoConfiguration(source: "pattern:64x64@100", limits: .init(maximumBitrate: 200_000))
    video.sound = .microphone(nil)
    let broadcast = Broadcast(
      video, without: echo, on: loop,
      openMicrophone: { name, _ throws(MicrophoneError) in try microphone.open(name) })
    let feed = await broadcast.joinForSound(SoundListener(onSound: { continuation.yield($0) }))
    await broadcast.startListening(feed)
    // Ten seconds of the card's time.
    _ = await counts.first { $0 == 500 }
    let level = await broadcast.statistics.sound.audioLevel
    // Without the loudspeaker the level is 0.28.
    #expect(level < 0.03, "\(level)")
    await broadcast.leave(feed.id)
    await broadcast.awaitSound { $0.control == nil }
  }

  @Test("who called for sound alone hears it, and no picture is taken for them")
  func alone() async throws {
    let (counts, continuation) = AsyncStream.makeStream(of: Int.self)
    let broadcast = broadcast(.microphone(nil))
    let feed = await broadcast.joinForSound(SoundListener(onSound: { continuation.yield($0) }))
    await broadcast.startListening(feed)
    _ = await counts.first { $0 == 5 }
    #expect(await broadcast.control == nil)
    #expect(await broadcast.watching == 1)
    await broadcast.leave(feed.id)
    await broadcast.awaitSound { $0.control == nil }
  }

  @Test("whether there is sound is known before a call begins")
  func known() async throws {
    #expect(try await broadcast(.none).hasSound().get() == false)
    #expect(try await broadcast(.microphone(nil)).hasSound().get())
    #expect(try await broadcast(.file(track: nil)).hasSound().get() == false)
    #expect(try await broadcast(.file(track: nil)).joinAndAsk(SoundListener()).get() == false)
    let missing = broadcast(.file(track: nil), source: "/nowhere/film.mp4")
    #expect(try await missing.joinAndAsk(SoundListener()).get() == false)
  }

  @Test("who asks when the source has failed already is told at once that there is none")
  func failedBefore() async throws {
    let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
    let broadcast = broadcast(.file(track: nil), source: "/nowhere/film.mp4")
    _ = await broadcast.joinAll([SoundListener(onEnd: { continuation.yield() })])
    _ = await ends.first { true }
    let answer = Mutex<Bool?>(nil)
    let isKnown = await broadcast.hasSound()
    try await loop.submit { isKnown.assumeIsolated().whenSuccess { known in answer.withLock { $0 = known } } }.get()
    #expect(answer.withLock { $0 } == false)
  }

  @Test("the microphone is not opened for a viewer who hears nothing")
  func deaf() async throws {
    let broadcast = broadcast(.microphone("Mic"))
    let feeds = await broadcast.joinAll([SoundListener()])
    _ = try await broadcast.takeSnapshot().get()
    await broadcast.start(feeds[0].id)
    #expect(await broadcast.watching == 1)
    #expect(await broadcast.sound.control == nil)
    await broadcast.leave(feeds[0].id)
  }

  @Test("where no sound is wanted, a call has none: no microphone is opened, no track of a film, no thread begun")
  func none() async throws {
    let film = try await MadeUpFilm()
    for source in [film.path, "pattern:64x64@100"] {
      let broadcast = broadcast(.none, source: source, loops: true)
      let feeds = await broadcast.joinAll([SoundListener()])
      _ = try await broadcast.takeSnapshot().get()
      await broadcast.startListening(feeds[0])
      #expect(await broadcast.watching == 1)
      #expect(await broadcast.sound.control == nil)
      #expect(await broadcast.sound.isSourceHeard == false)
      await broadcast.leave(feeds[0].id)
    }
    #expect(microphone.names.isEmpty)
  }

  @Test("the microphone is closed while its only viewer has muted it or holds the call")
  func muted() async throws {
    let (counts, continuation) = AsyncStream.makeStream(of: Int.self)
    let broadcast = broadcast(.microphone("Mic"))
    let listener = SoundListener(onSound: { continuation.yield($0) })
    let feed = await broadcast.joinForSound(listener)
    await broadcast.startListening(feed)
    _ = await counts.first { $0 == 5 }
    let control = try #require(await broadcast.sound.control)
    await broadcast.setListening(false, for: feed.id)
    #expect(control.isStopped)
    await broadcast.awaitSound { $0.control == nil }
    let former = listener.sounds.count
    await broadcast.setListening(true, for: feed.id)
    _ = await counts.first { $0 >= former + 5 }
    #expect(microphone.names == ["Mic", "Mic"])
    await broadcast.leave(feed.id)
  }

  @Test(
    "the sound of a running film ends when a reload wants another or none",
    arguments: [SoundConfiguration.none, .microphone(nil)])
  func unwanted(_ sound: SoundConfiguration) async throws {
    let broadcast = broadcast(.file(track: nil))
    let listener = SoundListener()
    let feeds = await broadcast.joinAll([listener])
    _ = try await broadcast.takeSnapshot().get()
    await broadcast.startListening(feeds[0])
    let film = try #require(await broadcast.control)
    let packet = EncodedSound(data: ByteBuffer(repeating: 1, count: 7), captureTime: .uptimeNanoseconds(1))
    await broadcast.deliver(packet, SoundCounters(), of: film)
    #expect(listener.sounds.count == 1)
    await broadcast.setSound(sound)
    await broadcast.deliver(packet, SoundCounters(), of: film)
    #expect(listener.sounds.count { $0.data == packet.data } == 1)
    #expect(film.sound.isStopped)
    #expect(await (broadcast.sound.control != nil) == sound.isMicrophone)
    await broadcast.leave(feeds[0].id)
  }

  @Test(
    "the sound of a running film is heard as soon as a reload wants it, by whoever can hear something",
    arguments: [SoundConfiguration.none, .microphone("Mic")])
  func wanted(_ former: SoundConfiguration) async throws {
    let film = try await MadeUpFilm()
    let (counts, continuation) = AsyncStream.makeStream(of: Int.self)
    let broadcast = broadcast(former, source: film.path, loops: true)
    let listener = SoundListener(onSound: { continuation.yield($0) })
    let feeds = await broadcast.joinAll([listener])
    _ = try await broadcast.takeSnapshot().get()
    await broadcast.startListening(feeds[0])
    #expect(try await broadcast.changeAndAsk(.file(track: nil)).get())
    let count = listener.sounds.count
    _ = await counts.first { $0 >= count + 5 }
    #expect(await broadcast.sound.isSourceHeard == true)
    await broadcast.leave(feeds[0].id)
  }

  @Test("what comes of a source that has ended is neither sent nor counted")
  func late() async throws {
    let broadcast = broadcast(.file(track: nil))
    let listener = SoundListener()
    let feeds = await broadcast.joinAll([listener])
    await broadcast.startListening(feeds[0])
    var counters = SoundCounters()
    let samples = [Float](repeating: 0.5, count: 960)
    samples.withUnsafeBufferPointer { counters.add($0) }
    let packet = EncodedSound(data: ByteBuffer(), captureTime: .uptimeNanoseconds(1))
    await broadcast.deliver(packet, counters, of: EncoderControl())
    #expect(listener.sounds.isEmpty)
    #expect(await broadcast.statistics.sound == SoundCounters())
    await broadcast.leave(feeds[0].id)
  }

  @Test("a camera that fails is no reason for silence in a call for sound alone")
  func cameraFails() async throws {
    let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
    let broadcast = broadcast(.microphone(nil), source: "/nowhere/film.mp4")
    let feeds = await broadcast.joinWithPicture(
      SoundListener(), beside: SoundListener(onEnd: { continuation.yield() }))
    #expect(await broadcast.sound.control == nil)
    _ = await ends.first { true }
    #expect(await broadcast.sound.control?.isStopped == false)
    await broadcast.leave(feeds.sound.id)
    await broadcast.leave(feeds.picture.id)
  }

  @Test("the camera's own microphone is another one when the camera is", arguments: [nil, "Mic"])
  func anotherCamera(_ name: String?) async throws {
    let broadcast = broadcast(.microphone(name))
    let feed = await broadcast.joinForSound(SoundListener())
    await broadcast.startListening(feed)
    let first = try #require(await broadcast.sound.control)
    await broadcast.awaitSound { $0.microphonePlace != nil }
    await broadcast.sourceOpened(SoundPlace(source: "pattern", camera: nil), hasSound: false)
    #expect(!first.isStopped)
    await broadcast.sourceOpened(SoundPlace(source: "camera", camera: "/dev/video7"), hasSound: false)
    #expect(first.isStopped == (name == nil))
    await broadcast.leave(feed.id)
  }

  @Test("another source may have another microphone, and who hears it alone hears the new one")
  func anotherSource() async throws {
    let broadcast = broadcast(.microphone(nil))
    let feed = await broadcast.joinForSound(SoundListener())
    await broadcast.startListening(feed)
    let first = try #require(await broadcast.sound.control)
    await broadcast.awaitSound { $0.microphonePlace != nil }
    await broadcast.setSource("pattern:32x32")
    #expect(first.isStopped)
    await broadcast.leave(feed.id)
  }
}
