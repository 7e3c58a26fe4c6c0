import Capture
import NIOCore
import NIOPosix
import Sound
import Testing

@testable import Studio

@Suite("The sound of one source and the paths to those who hear it", .timeLimit(.minutes(1)))
struct BroadcastListenersTests {
  private static func broadcast(_ sound: SoundConfiguration) -> Broadcast {
    var video = VideoConfiguration(source: "pattern:64x64@100", limits: .init(maximumBitrate: 200_000))
    video.sound = sound
    return Broadcast(
      video, on: MultiThreadedEventLoopGroup.singleton.next(),
      openMicrophone: { name, _ throws(MicrophoneError) in try MadeUpMicrophone().open(name) })
  }

  @Test("sound repeats by the viewer who loses most, of those who hear it")
  func loss() async throws {
    let broadcast = Self.broadcast(.microphone(nil))
    let (first, second) = (await broadcast.joinForSound(SoundListener()), await broadcast.joinForSound(SoundListener()))
    await broadcast.startListening(first)
    await broadcast.startListening(second)
    let control = try #require(await broadcast.sound.control)
    #expect(control.packetLoss == 0.06)
    await broadcast.setSoundLoss(0.09, for: first.id)
    #expect(control.packetLoss == 0.09)
    await broadcast.setSoundLoss(0, for: second.id)
    #expect(control.packetLoss == 0.09)
    await broadcast.setListening(false, for: first.id)
    #expect(control.packetLoss == 0)
    await broadcast.setListening(true, for: first.id)
    #expect(control.packetLoss == 0.09)
    await broadcast.leave(first.id)
    #expect(control.packetLoss == 0)
    await broadcast.leave(second.id)
  }

  @Test("sound has the bitrate for the slowest path of those who hear it")
  func slowestPath() async throws {
    let broadcast = Self.broadcast(.microphone(nil))
    let (first, second) = (await broadcast.joinForSound(SoundListener()), await broadcast.joinForSound(SoundListener()))
    await broadcast.startListening(first)
    await broadcast.startListening(second)
    let control = try #require(await broadcast.sound.control)
    #expect(control.bitrate(atMost: 64_000) == 64_000)
    await broadcast.setPathRate(90_000, for: first.id)
    #expect(control.bitrate(atMost: 64_000) == 30_000)
    await broadcast.setPathRate(120_000, for: second.id)
    #expect(control.bitrate(atMost: 64_000) == 30_000)
    await broadcast.leave(first.id)
    #expect(control.bitrate(atMost: 64_000) == 40_000)
    await broadcast.leave(second.id)
  }

  @Test("a film's sound is encoded while somebody hears it, and its level is none while nobody does")
  func unheardFilm() async throws {
    let broadcast = Self.broadcast(.file(track: nil))
    let feeds = await broadcast.joinAll([SoundListener(), SoundListener()])
    let film = try #require(await broadcast.control)
    await broadcast.setListening(true, for: feeds[0].id)
    // Nothing of the call can be seen or heard yet.
    #expect(!film.sound.isListening)
    await broadcast.start(feeds[0].id)
    #expect(film.sound.isListening)
    await broadcast.startListening(feeds[1])
    var counters = SoundCounters()
    [Float](repeating: 0.5, count: 960).withUnsafeBufferPointer { counters.add($0) }
    let packet = EncodedSound(data: ByteBuffer(), captureTime: .uptimeNanoseconds(1))
    await broadcast.deliver(packet, counters, of: film)
    await broadcast.setListening(false, for: feeds[0].id)
    #expect(film.sound.isListening)
    #expect(await broadcast.statistics.sound.audioLevel == 0.5)
    await broadcast.leave(feeds[1].id)
    #expect(!film.sound.isListening)
    // It was on its way.
    await broadcast.deliver(packet, counters, of: film)
    #expect(await broadcast.statistics.sound.audioLevel == 0)
    await broadcast.setListening(true, for: feeds[0].id)
    #expect(film.sound.isListening)
    await broadcast.leave(feeds[0].id)
  }
}
