import Capture
import Foundation
import NIOCore
import NIOPosix
import Sound
import Synchronization
import Testing
import Video

@testable import Studio

/// Whoever is sent pictures, and says when enough came.
private final class RecordingSink: FrameSink {
  struct Record {
    var isKeyFrame: [Bool] = []
    var widths: [Int] = []
    var end: StudioError?
  }

  let record = Mutex(Record())
  private let onFrame: @Sendable (Int) -> Void
  private let onEnd: @Sendable () -> Void

  init(onFrame: @escaping @Sendable (Int) -> Void = { _ in }, onEnd: @escaping @Sendable () -> Void = {}) {
    self.onFrame = onFrame
    self.onEnd = onEnd
  }

  func send(_ frame: EncodedFrame, _ counters: VideoCounters) {
    let count = record.withLock { record in
      record.isKeyFrame.append(frame.isKeyFrame)
      record.widths.append(frame.width)
      return record.isKeyFrame.count
    }
    onFrame(count)
  }

  func send(_ sound: EncodedSound, _ counters: SoundCounters) {}

  func skip(_ frame: EncodedFrame, _ counters: VideoCounters) {}

  func sourceEnded(_ error: StudioError?) {
    record.withLock { $0.end = error }
    onEnd()
  }
}

/// Each look at the clock takes a millisecond, and so does encoding, however busy this computer is. Nobody waits for the
/// time of a picture.
private final class SimulatedClock {
  private var time = NIODeadline.uptimeNanoseconds(1_000_000_000)

  static let ofFastHost: @Sendable () -> sending VideoPump.Clock = {
    let clock = SimulatedClock()
    return VideoPump.Clock(now: clock.next, sleep: { clock.time = max(clock.time, $0) })
  }

  private func next() -> NIODeadline {
    time = time + .milliseconds(1)
    return time
  }
}

@Suite("What those who watch one source are sent")
struct BroadcastSinkTests {
  private let loop = MultiThreadedEventLoopGroup.singleton.next()

  @Test("who only joined gets nothing, who watches gets all from a key frame on, and who has left no more")
  func frames() async throws {
    let (counts, continuation) = AsyncStream.makeStream(of: Int.self)
    let broadcast = Broadcast(
      VideoConfiguration(source: "pattern:64x64@100", limits: .init(maximumBitrate: 200_000)), on: loop)
    let (watcher, waiter) = (RecordingSink(onFrame: { continuation.yield($0) }), RecordingSink())
    let feeds = await broadcast.joinAll([watcher, waiter])
    await broadcast.start(feeds[0].id)
    _ = await counts.first { $0 == 5 }
    #expect(watcher.record.withLock { $0.isKeyFrame.prefix(2) } == [true, false])
    #expect(waiter.record.withLock { $0.isKeyFrame.isEmpty })
    #expect(await broadcast.watching == 1)
    await broadcast.leave(feeds[0].id)
    let sent = watcher.record.withLock { $0.isKeyFrame.count }
    await broadcast.start(feeds[1].id)
    await broadcast.leave(feeds[1].id)
    #expect(await broadcast.watching == 0)
    #expect(watcher.record.withLock { $0.isKeyFrame.count } == sent)
  }

  @Test(
    "whose network takes less is shown a smaller picture, and the other one's stays as it is", .timeLimit(.minutes(1)))
  func lanes() async throws {
    let (counts, continuation) = AsyncStream.makeStream(of: (viewer: Int, count: Int).self)
    let broadcast = Broadcast(
      VideoConfiguration(source: "pattern:640x480@10", limits: EncodingLimits(maximumBitrate: 1_500_000)), on: loop,
      makeClock: SimulatedClock.ofFastHost)
    let sinks = (0..<2).map { viewer in RecordingSink(onFrame: { continuation.yield((viewer, $0)) }) }
    let feeds = await broadcast.joinAll(sinks)
    await broadcast.start(feeds[0].id)
    // By then it is known what one lane costs.
    _ = await counts.first { $0.count == 10 }
    await broadcast.capBitrate(200_000, stable: 200_000, for: feeds[1].id)
    await broadcast.start(feeds[1].id)
    _ = await counts.first { $0.viewer == 1 && $0.count == 10 }
    #expect(sinks[0].record.withLock { $0.widths.allSatisfy { $0 == 640 } })
    #expect(sinks[0].record.withLock { $0.isKeyFrame.count(where: \.self) } == 1)
    // Later it may be found that the pattern takes less than most pictures do, and fits in a larger size.
    #expect(sinks[1].record.withLock { $0.widths.prefix(10).allSatisfy { $0 == 320 } })
    #expect(sinks[1].record.withLock { $0.isKeyFrame.prefix(2) } == [true, false])
    for feed in feeds { await broadcast.leave(feed.id) }
  }

  @Test("a source that cannot be opened is told before those who joined hear its end, and counted")
  func failure() async throws {
    let (ends, continuation) = AsyncStream.makeStream(of: String.self)
    let broadcast = Broadcast(
      VideoConfiguration(source: "/nowhere/camera.mp4", limits: .init(maximumBitrate: 200_000)), on: loop)
    await broadcast.listen { event in
      if case .failed(let error) = event { continuation.yield("\(error)") }
    }
    let sink = RecordingSink(onEnd: { continuation.yield("end") })
    _ = await broadcast.joinAll([sink])
    var told: [String] = []
    for await end in ends {
      told.append(end)
      if told.count == 2 { break }
    }
    #expect(told[0].contains("/nowhere/camera.mp4") && told[1] == "end")
    #expect(sink.record.withLock { $0.end?.description } == told[0])
    #expect(await broadcast.statistics.sourceFailures == 1)
  }

  @Test("a named pipe into which nobody writes is given up, and those who joined hear why", .timeLimit(.minutes(1)))
  func silentPipe() async throws {
    let path = "/tmp/jinglecam-\(UUID().uuidString).fifo"
    try #require(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
    let broadcast = Broadcast(
      VideoConfiguration(source: path, limits: EncodingLimits(maximumBitrate: 200_000)), on: loop)
    let sink = RecordingSink(onEnd: { continuation.yield() })
    _ = await broadcast.joinAll([sink])
    _ = await ends.first { true }
    #expect(sink.record.withLock { $0.end?.description } == "cannot open \(path): no program writes video to it")
  }
}

extension Broadcast {
  fileprivate func joinAll(_ sinks: [RecordingSink]) -> [BroadcastFeed] {
    sinks.map { sink in
      let feed = makeFeed()
      join(feed, sink)
      return feed
    }
  }

  fileprivate func listen(_ handle: @escaping @Sendable (Event) -> Void) { onEvent = handle }
}
