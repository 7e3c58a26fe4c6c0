import NIOCore

/// Whether a camera provides pictures that can be shown, and if not, why: it decides when the camera is stuck and
/// opened again, and what viewers are told.
struct CameraHealth {
  /// Why viewers see no picture; nil while there are pictures, or the failure may still end unnoticed.
  private(set) var trouble: SourceTrouble?
  private var patience: CameraPatience
  /// Why the camera was last given up.
  private var cause: SourceTrouble
  /// Why the last picture could not be shown; nil if it could.
  private var damage: String?
  /// Whether the camera has provided a picture since it was opened.
  private var hadSignal = true

  init(patience: CameraPatience, cause: SourceTrouble) {
    self.patience = patience
    self.cause = cause
  }

  /// Begins a wait for a picture, unless there is one, and returns when the camera is considered stuck.
  mutating func stuckAt(now: NIODeadline) -> NIODeadline { patience.stuckAt(now: now) }

  // MARK: Pictures

  mutating func picture(isDamagedBy reason: String?) { damage = reason }

  /// Notes a picture that need not be shown. After a damaged one it proves nothing.
  mutating func sawPicture(now: NIODeadline) {
    if damage == nil { patience.sawPicture(now: now) }
  }

  /// Notes that a picture is about to be shown.
  mutating func recovered() { trouble = nil }

  mutating func shownPicture(now: NIODeadline) {
    patience.sawPicture(now: now)
    hadSignal = true
  }

  /// Notes that the no-signal picture is about to be shown.
  mutating func missesSignal() { trouble = trouble ?? cause }

  // MARK: The end of a stream

  /// Gives up a stuck camera.
  ///
  /// - Parameter needsKeyFrame: whether pictures depend on others, so that the next key frame may be far away.
  /// - Returns: why it is given up.
  mutating func giveUp(needsKeyFrame: Bool) -> SourceTrouble {
    if damage == nil || needsKeyFrame { patience.grow() }
    return damage.map { .undecodable(reason: $0) } ?? .silent
  }

  mutating func lost(_ cause: SourceTrouble) {
    patience.startOver()
    damage = nil
    self.cause = cause
    // Only what is over in a moment is kept from whoever looks: no picture came for as long as there is patience.
    switch cause {
    case .lost, .noInput, .unreachable, .damaged, .programFailed: break
    case .silent, .undecodable: hadSignal = false
    }
  }

  /// Notes that the camera was opened again.
  ///
  /// - Returns: whether the failure ended before anybody noticed it. A camera that fails again after it was opened has
  ///   no such chance a second time.
  mutating func isHiccup() -> Bool {
    defer { hadSignal = false }
    return hadSignal
  }

  /// Notes that the camera is absent for another reason than before.
  mutating func stillLost(_ cause: SourceTrouble) {
    self.cause = cause
    trouble = trouble.map { _ in cause }
  }
}
