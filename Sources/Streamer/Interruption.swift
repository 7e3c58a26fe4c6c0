import Synchronization

/// What Ctrl-C and its kin do: once, what is under way is ended in order; where nothing is, or the second time, the
/// program ends on the spot.
final class Interruption: Sendable {
  private struct State {
    var isAsked = false
    var end: (@Sendable () async -> Void)?
  }

  private let state = Mutex(State())
  private let abort: @Sendable () -> Void

  /// - Parameter abort: ends the program on the spot.
  init(abort: @escaping @Sendable () -> Void) {
    self.abort = abort
  }

  /// Names what is under way, which a signal is to end in order.
  ///
  /// - Returns: false where a signal came before.
  func set(_ end: @escaping @Sendable () async -> Void) -> Bool {
    state.withLock { state in
      state.end = end
      return !state.isAsked
    }
  }

  func signal() async {
    let end = state.withLock { state in
      defer { state.isAsked = true }
      return state.isAsked ? nil : state.end
    }
    guard let end else {
      abort()
      return
    }
    await end()
  }
}
