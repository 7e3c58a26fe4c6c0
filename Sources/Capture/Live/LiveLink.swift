import Synchronization

/// The state that the thread reading a live source shares with the one that shows it, besides the pictures.
final class LiveLink: Sendable {
  private struct State {
    var trouble: SourceTrouble?
    var framesCorrupt = 0
  }

  private let state = Mutex(State())

  /// Why no pictures arrive, or `nil` if the source may only be pausing.
  var trouble: SourceTrouble? { state.withLock { $0.trouble } }

  var framesCorrupt: Int { state.withLock { $0.framesCorrupt } }

  func takePicture() {
    state.withLock { $0.trouble = nil }
  }

  func takeDamage(framesCorrupt: Int) {
    state.withLock { state in
      state.framesCorrupt = framesCorrupt
      state.trouble = .damaged
    }
  }

  func lose(_ reason: String) {
    state.withLock { $0.trouble = .unreachable(reason: reason) }
  }
}
