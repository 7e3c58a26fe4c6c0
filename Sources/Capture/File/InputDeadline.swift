import Dispatch
import NIOCore
import Synchronization

/// How long FFmpeg may wait for the network, and a way to end that from another thread.
final class InputDeadline: Sendable {
  private let end = Atomic<UInt64>(.max)
  private let stopped = Atomic<Bool>(false)
  private let stop = DispatchSemaphore(value: 0)

  /// So long may the other side be silent.
  static let patience = TimeAmount.seconds(10)

  /// The wait begins anew.
  func extend() {
    end.store((NIODeadline.now() + Self.patience).uptimeNanoseconds, ordering: .relaxed)
  }

  func stopForGood() {
    stopped.store(true, ordering: .relaxed)
    stop.signal()
  }

  var isStopped: Bool { stopped.load(ordering: .relaxed) }

  /// Sleeps; whoever stops it ends that as well.
  func sleep(until time: NIODeadline) {
    let left = (time - .now()).nanoseconds
    guard left > 0, stop.wait(timeout: .now() + .nanoseconds(Int(left))) == .success else { return }
    stop.signal()
  }

  /// What FFmpeg calls while it waits: anything but 0 ends that.
  static let callback: @convention(c) (UnsafeMutableRawPointer?) -> Int32 = { opaque in
    let deadline = Unmanaged<InputDeadline>.fromOpaque(opaque!).takeUnretainedValue()
    let isOver = deadline.isStopped || NIODeadline.now().uptimeNanoseconds > deadline.end.load(ordering: .relaxed)
    return isOver ? 1 : 0
  }
}
