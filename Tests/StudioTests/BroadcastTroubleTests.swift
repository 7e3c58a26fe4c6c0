import Capture
import NIOPosix
import Synchronization
import Testing

@testable import Studio

@Suite("What is told of sound that nobody hears", .timeLimit(.minutes(1)))
struct BroadcastTroubleTests {
  private let loop = MultiThreadedEventLoopGroup.singleton.next()
  private let microphone = MadeUpMicrophone()

  @Test("the trouble of a microphone is known until it is heard again, and told once, or until another one is wanted")
  func trouble() async throws {
    let trouble = MicrophoneError.busy(card: "Mic", holder: "arecord")
    let isBusy = Mutex(true)
    let told = Mutex<[MicrophoneError?]>([])
    let attempts = Mutex(0)
    var video = VideoConfiguration(source: "pattern:64x64@100", limits: .init(maximumBitrate: 200_000))
    video.sound = .microphone("Mic")
    let broadcast = Broadcast(
      video, on: loop,
      openMicrophone: { [microphone] name, _ throws(MicrophoneError) in
        attempts.withLock { $0 += 1 }
        if isBusy.withLock({ $0 }) { throw trouble }
        return try microphone.open(name)
      })
    await broadcast.onTrouble { trouble in told.withLock { $0.append(trouble) } }
    #expect(await broadcast.microphoneTrouble == nil)
    for _ in 1...2 {
      let before = attempts.withLock { $0 }
      let feed = await broadcast.joinForSound(SoundListener())
      await broadcast.startListening(feed)
      await broadcast.awaitSound { $0.microphoneTrouble != nil && attempts.withLock { $0 } > before }
      await broadcast.leave(feed.id)
      await broadcast.awaitSound { $0.control == nil }
      #expect(await broadcast.microphoneTrouble == trouble)
    }
    #expect(told.withLock { $0 } == [trouble])
    isBusy.withLock { $0 = false }
    let feed = await broadcast.joinForSound(SoundListener())
    await broadcast.startListening(feed)
    await broadcast.awaitSound { $0.microphoneTrouble == nil }
    #expect(told.withLock { $0 } == [trouble, nil])
    isBusy.withLock { $0 = true }
    await broadcast.setSound(.microphone("Other"))
    await broadcast.awaitSound { $0.microphoneTrouble != nil }
    await broadcast.setSound(.none)
    #expect(await broadcast.microphoneTrouble == nil)
    await broadcast.leave(feed.id)
  }

  @Test("a film whose sound cannot be decoded is shown without it, which is told")
  func undecodable() async throws {
    let film = try await MadeUpFilm()
    try film.forgetSound()
    var video = VideoConfiguration(source: film.path, limits: .init(maximumBitrate: 200_000))
    video.sound = .file(track: nil)
    let broadcast = Broadcast(video, on: loop)
    let (reasons, continuation) = AsyncStream.makeStream(of: String.self)
    await broadcast.onRemark { continuation.yield($0) }
    #expect(try await broadcast.joinAndAsk(SoundListener()).get() == false)
    let reason = await reasons.first { _ in true }
    #expect(reason?.contains("without its sound") == true)
  }
}

extension Broadcast {
  fileprivate func onTrouble(_ body: @escaping @Sendable (MicrophoneError?) -> Void) {
    onEvent = { if case .microphoneTrouble(let trouble) = $0 { body(trouble) } }
  }

  fileprivate func onRemark(_ body: @escaping @Sendable (String) -> Void) {
    onEvent = { if case .remark(let remark) = $0 { body(remark) } }
  }
}
