import NIOCore
import NIOPosix
import Synchronization

/// Threads for look-ups, of their own: those that hang must not hold up what else blocks. They last as long as the program.
package final class ResolverThreads: Sendable {
  /// For the names of servers.
  package static let servers = ResolverThreads(count: HostResolver.concurrency)

  private let pool: NIOThreadPool
  private let maximumWaiting: Int
  /// The look-ups that are waiting or under way, including those that nobody waits for any longer.
  private let waiting = Atomic(0)

  package init(count: Int, maximumWaiting: Int = .max) {
    pool = NIOThreadPool(numberOfThreads: count)
    pool.start()
    self.maximumWaiting = maximumWaiting
  }

  /// Fails where too many wait already.
  package func run<Result: Sendable>(
    on eventLoop: any EventLoop, _ body: @escaping @Sendable () -> Result
  ) -> EventLoopFuture<Result> {
    guard waiting.add(1, ordering: .relaxed).newValue <= maximumWaiting else {
      waiting.subtract(1, ordering: .relaxed)
      return eventLoop.makeFailedFuture(CancellationError())
    }
    return pool.runIfActive(eventLoop: eventLoop) { [self] in
      defer { waiting.subtract(1, ordering: .relaxed) }
      return body()
    }
  }
}
