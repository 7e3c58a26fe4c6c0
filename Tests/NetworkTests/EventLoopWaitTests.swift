import NIOCore
import NIOPosix
import Testing

@testable import Network

@Suite("A wait on the event loop")
struct EventLoopWaitTests {
  private let eventLoop = MultiThreadedEventLoopGroup.singleton.next()

  @Test("returns when its time has passed")
  func passes() async throws {
    let began = NIODeadline.now()
    try await eventLoop.wait(.milliseconds(5))
    #expect(NIODeadline.now() - began >= .milliseconds(5))
  }

  @Test("of a day ends with the task that waits, also with one that was cancelled before")
  func cancelled() async {
    let waiting = Task { try await eventLoop.wait(.hours(24)) }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
  }
}
