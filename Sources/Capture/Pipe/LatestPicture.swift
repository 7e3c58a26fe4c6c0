import Dispatch
import NIOCore
import Synchronization

/// Passes the newest picture from the thread that reads a stream to the one that shows it. A picture that was not taken
/// in time is replaced.
///
/// For cameras the kernel's ring of buffers does this. A pipe that is not emptied would delay the picture by all that it
/// holds, and block its writer.
final class LatestPicture<Memory: Sendable>: Sendable {
  private struct State {
    var newest: (memory: Memory, time: NIODeadline)?
    var spare: [Memory]
    var isOver = false
    var replaced = 0
  }

  private let state: Mutex<State>
  private let ready = DispatchSemaphore(value: 0)

  private let free: @Sendable (Memory) -> Void

  /// - Parameter memory: memory for three pictures: one is being read, one waits, and one is shown.
  init(_ memory: [Memory], freedBy free: @escaping @Sendable (Memory) -> Void) {
    state = Mutex(State(spare: memory))
    self.free = free
  }

  deinit {
    state.withLock { state in
      for memory in state.spare { free(memory) }
      if let newest = state.newest { free(newest.memory) }
    }
  }

  // MARK: The reader

  /// Memory to read the next picture into.
  func borrow() -> Memory {
    state.withLock { $0.spare.removeLast() }
  }

  func put(_ memory: Memory, time: NIODeadline) {
    let isNew = state.withLock { state in
      let old = state.newest
      state.newest = (memory, time)
      guard let old else { return true }
      state.spare.append(old.memory)
      state.replaced += 1
      return false
    }
    if isNew { ready.signal() }
  }

  /// Announces the end of the stream.
  func finish(_ memory: Memory) {
    state.withLock { state in
      state.spare.append(memory)
      state.isOver = true
    }
    ready.signal()
  }

  // MARK: Whoever shows it

  enum Taken {
    /// The picture must be given back with the next call.
    case picture(Memory, time: NIODeadline)
    /// There was none before the deadline.
    case none
    /// The stream has ended.
    case over
  }

  /// Waits until `deadline` for a picture.
  ///
  /// - Parameter shown: the picture taken last, which is given back if there is a newer one.
  func take(until deadline: NIODeadline?, givingBack shown: Memory?) -> Taken {
    while true {
      let left = deadline.map { max(0, ($0 - .now()).nanoseconds) }
      guard ready.wait(timeout: left.map { .now() + .nanoseconds(Int($0)) } ?? .distantFuture) == .success else {
        return .none
      }
      let (newest, isOver) = state.withLock { state in
        defer { state.newest = nil }
        if state.newest != nil, let shown { state.spare.append(shown) }
        return (state.newest, state.isOver)
      }
      if let newest { return .picture(newest.memory, time: newest.time) }
      if isOver {
        ready.signal()  // for whoever asks again
        return .over
      }
    }
  }

  func giveBack(_ memory: Memory) {
    state.withLock { $0.spare.append(memory) }
  }

  var replaced: Int { state.withLock { $0.replaced } }
}
