import Dispatch
import NIOCore
import Synchronization

/// The time limit for FFmpeg's waits on the network, which another thread can end early.
final class InputDeadline: Sendable {
  private let end = Atomic<UInt64>(.max)
  private let stopped = Atomic<Bool>(false)
  private let stop = DispatchSemaphore(value: 0)

  /// How long the server may be silent.
  static let patience = TimeAmount.seconds(10)

  /// Restarts the time limit.
  func extend() {
    end.store((NIODeadline.now() + Self.patience).uptimeNanoseconds, ordering: .relaxed)
  }

  func stopForGood() {
    stopped.store(true, ordering: .relaxed)
    stop.signal()
  }

  var isStopped: Bool { stopped.load(ordering: .relaxed) }

  /// Sleeps until `time` or until ``stopForGood()``.
  func sleep(until time: NIODeadline) {
    let left = (time - .now()).nanoseconds
    guard left > 0, stop.wait(timeout: .now() + .nanoseconds(Int(left))) == .success else { return }
    stop.signal()
  }

  /// FFmpeg's interrupt callback: a result other than 0 ends its wait.
  static let callback: @convention(c) (UnsafeMutableRawPointer?) -> Int32 = { opaque in
    let deadline = Unmanaged<InputDeadline>.fromOpaque(opaque!).takeUnretainedValue()
    let isOver = deadline.isStopped || NIODeadline.now().uptimeNanoseconds > deadline.end.load(ordering: .relaxed)
    return isOver ? 1 : 0
  }
}
