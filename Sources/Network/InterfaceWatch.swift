import NIOCore

/// An ``InterfaceMonitor`` for as long as it is wanted; everything here runs on the event loop. Where the kernel does not
/// tell of changes, nothing comes.
package final class InterfaceWatch {
  private static let pause = TimeAmount.seconds(1)

  private let eventLoop: any EventLoop
  private var onChange: @Sendable () -> Void
  private var channel: (any Channel)?
  private var isStopped = false

  private init(on eventLoop: any EventLoop, onChange: @escaping @Sendable () -> Void) {
    self.eventLoop = eventLoop
    self.onChange = onChange
  }

  /// `onChange` is called on the event loop, until ``stop()``.
  package static func start(on eventLoop: any EventLoop, onChange: @escaping @Sendable () -> Void) -> InterfaceWatch {
    let watch = InterfaceWatch(on: eventLoop, onChange: onChange)
    watch.open()
    return watch
  }

  package func stop() {
    isStopped = true
    // It may well hold who holds this.
    onChange = {}
    channel?.close(promise: nil)
  }

  private func open() {
    guard !isStopped, let socket = try? InterfaceMonitor.makeSocket() else { return }
    InterfaceMonitor.open(socket, on: eventLoop, onChange: onChange).assumeIsolated().whenSuccess { channel in
      guard !self.isStopped else { return channel.close(promise: nil) }
      self.channel = channel
      channel.closeFuture.assumeIsolated().whenComplete { _ in self.reopen() }
    }
  }

  /// The kernel had more to tell than the socket holds (ENOBUFS).
  private func reopen() {
    guard !isStopped else { return }
    onChange()
    eventLoop.assumeIsolated().scheduleTask(in: Self.pause) { self.open() }
  }
}
