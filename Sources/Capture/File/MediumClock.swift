import Dispatch
import NIOCore
import Synchronization

/// When the sound of a film is due, so that it is heard with its pictures: the thread of the pictures sets it, that of the
/// sound waits by it.
package final class MediumClock: Sendable {
  fileprivate struct State {
    /// When the time 0 of the pictures is, on the monotonic clock.
    var origin: NIODeadline?
    /// How often the film has begun again.
    var round: Int?
    /// The time of the first picture of this round, and of the one before.
    var start = TimeAmount.zero
    var formerStart = TimeAmount.zero
    var isOver = false
  }

  /// The file's timestamp of its first picture; nil if it has none.
  package let firstPicture: TimeAmount?
  private let state = Mutex(State())
  /// Something has changed.
  private let change = DispatchSemaphore(value: 0)

  init(firstPicture: TimeAmount?) {
    self.firstPicture = firstPicture
  }

  // MARK: The pictures

  /// The first picture is shown.
  package func begin(at origin: NIODeadline) {
    update { $0.origin = $0.origin ?? origin }
  }

  /// The first picture of a round is known.
  func roundBegins(_ round: Int, at time: TimeAmount) {
    update { state in
      state.formerStart = state.start
      (state.round, state.start) = (round, time)
    }
  }

  /// No more pictures are shown.
  package func finish() {
    update { $0.isOver = true }
  }

  private func update(_ body: (inout State) -> Void) {
    state.withLock { body(&$0) }
    change.signal()
  }

  // MARK: The sound

  /// Waits until sound is due.
  ///
  /// - Parameter time: since the first picture of the round.
  /// - Returns: when that is; nil if it never will be, since the pictures have ended or begun again.
  package func wait(for time: TimeAmount, inRound round: Int) -> NIODeadline? {
    while true {
      switch state.withLock({ $0.due(time, inRound: round) }) {
      case .never: return nil
      case .unknown: change.wait()
      case .at(let due):
        let left = (due - .now()).nanoseconds
        if left <= 0 || change.wait(timeout: .now() + .nanoseconds(Int(left))) == .timedOut { return due }
      }
    }
  }
}

extension MediumClock {
  /// Waits until the film has begun again.
  ///
  /// - Parameter round: the one that has been played.
  /// - Returns: the one that is shown; nil if the pictures have ended.
  package func nextRound(after round: Int) -> Int? {
    while true {
      let (isOver, current) = state.withLock { ($0.isOver, $0.round ?? 0) }
      if isOver { return nil }
      if current > round { return current }
      change.wait()
    }
  }
}

extension MediumClock.State {
  fileprivate enum Due {
    case at(NIODeadline), unknown, never
  }

  fileprivate func due(_ time: TimeAmount, inRound asked: Int) -> Due {
    guard !isOver else { return .never }
    guard let round, let origin, round >= asked else { return .unknown }
    guard round > asked else { return .at(origin + start + time) }
    // The first picture of the next round is known before it is due.
    return round == asked + 1 && formerStart + time < start ? .at(origin + formerStart + time) : .never
  }
}
