import NIOCore
import NIOPosix
import Testing

@testable import Network

@Suite("A future that is waited for by who may be cancelled")
struct EventLoopFutureTests {
  @Test("who is cancelled waits no longer, and what comes late is discarded", .timeLimit(.minutes(1)))
  func cancelled() async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let promise = loop.makePromise(of: Int.self)
    let discarded = loop.makePromise(of: Int.self)
    let waiting = Task { try await promise.futureResult.get { discarded.succeed($0) } }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    promise.succeed(7)
    #expect(try await discarded.futureResult.get() == 7)
  }

  @Test("who is not cancelled has the value, or the error")
  func value() async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    #expect(try await loop.makeSucceededFuture(7).get { _ in } == 7)
    await #expect(throws: ChannelError.self) {
      try await (loop.makeFailedFuture(ChannelError.eof) as EventLoopFuture<Int>).get { _ in }
    }
  }
}
