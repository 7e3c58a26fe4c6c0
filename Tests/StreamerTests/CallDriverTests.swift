import Call
import ICE
import Jingle
import Logging
import NIOCore
import NIOPosix
import SRTP
import Studio
import Synchronization
import Testing
import XMPP

@testable import Streamer

@Suite("A call and what it waits for", .timeLimit(.minutes(1)))
struct CallDriverTests {
  @Test("a call that is over waits for no source")
  func over() async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let (asked, continuation) = AsyncStream.makeStream(of: Void.self)
    let (source, isOpen) = AsyncStream.makeStream(of: Void.self)
    let left = Mutex(false)
    let driver = CallDriver(
      .init(
        send: { _ in }, ice: { () throws(StreamError) in ICETransport.Configuration() }, addresses: { [] },
        oneWay: true, caFile: nil,
        hasSound: {
          continuation.yield()
          for await _ in source {}
          return true
        }),
      .outgoing(
        OutgoingCall(
          sid: "sid", local: try JID("cam@example.org/pi"), peer: try JID("ann@example.net"),
          media: [.audio, .video])),
      certificate: try Certificate.forCall(), feed: EncoderControl(), on: loop, reporter: SilentReporter(),
      logger: Logger(label: "test"))
    let running = Task {
      let finished = await driver.run()
      left.withLock { $0 = true }
      return finished
    }
    _ = await asked.first { true }
    await driver.interrupt()
    // What ends a call is drained on its loop, and needs nothing else.
    for _ in 0..<10_000 where !left.withLock({ $0 }) { await Task.yield() }
    #expect(left.withLock { $0 })
    isOpen.finish()
    #expect(await running.value.result.isInterrupted)
  }
}
