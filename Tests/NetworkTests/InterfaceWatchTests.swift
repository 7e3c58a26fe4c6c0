import NIOCore
import NIOPosix
import Testing

@testable import Network

@Suite struct InterfaceWatchTests {
  /// Who is told of changes, and holds the watch as a connection does.
  private final class Owner {
    var watch: InterfaceWatch?
    var changes = 0
  }

  @Test("a watch that was stopped keeps nobody alive whom it told of changes")
  func stopped() async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let isGone = try await loop.submit {
      let owner = Owner()
      let held = NIOLoopBound(owner, eventLoop: loop)
      owner.watch = InterfaceWatch.start(on: loop) { held.value.changes += 1 }
      owner.watch?.stop()
      return WeakReference(owner, on: loop)
    }.flatMap { reference in
      // The socket's channel is closed in a later turn of the loop.
      loop.submit { reference }
    }.get()
    #expect(try await loop.submit { isGone.isEmpty }.get())
  }

  private final class WeakReference: Sendable {
    private let owner: NIOLoopBoundBox<WeakOwner>
    init(_ owner: Owner, on loop: any EventLoop) { self.owner = .init(WeakOwner(owner: owner), eventLoop: loop) }
    var isEmpty: Bool { owner.value.owner == nil }
  }

  private struct WeakOwner {
    weak var owner: Owner?
  }
}
