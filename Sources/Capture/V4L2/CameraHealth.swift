import NIOCore

/// Whether a camera gives pictures that can be shown, and why not: when it is taken for stuck and opened anew, and what
/// its viewers are told of it.
struct CameraHealth {
  /// Nil while there are pictures, or there is still hope that nobody notices.
  private(set) var trouble: SourceTrouble?
  private var patience: CameraPatience
  /// Why the camera was given up the last time.
  private var cause: SourceTrouble
  /// Why the last picture could not be shown; nil where it could.
  private var damage: String?
  /// Whether it gave a picture since it was opened.
  private var hadSignal = true

  init(patience: CameraPatience, cause: SourceTrouble) {
    self.patience = patience
    self.cause = cause
  }

  /// When the camera is taken for stuck, if no picture comes. Begins to wait, unless that has begun.
  mutating func stuckAt(now: NIODeadline) -> NIODeadline { patience.stuckAt(now: now) }

  // MARK: Pictures

  mutating func picture(isDamagedBy reason: String?) { damage = reason }

  /// A picture came that need not be shown. After a damaged one it proves nothing.
  mutating func sawPicture(now: NIODeadline) {
    if damage == nil { patience.sawPicture(now: now) }
  }

  /// A picture is about to be shown.
  mutating func recovered() { trouble = nil }

  mutating func shownPicture(now: NIODeadline) {
    patience.sawPicture(now: now)
    hadSignal = true
  }

  /// The picture that says that there is none is about to be shown.
  mutating func missesSignal() { trouble = trouble ?? cause }

  // MARK: The end of a stream

  /// The camera is stuck.
  ///
  /// - Parameter needsKeyFrame: whether pictures follow from others, of which the next key frame may be a long way off.
  /// - Returns: why it is to be given up.
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
    case .lost, .noInput, .unreachable, .damaged: break
    case .silent, .undecodable: hadSignal = false
    }
  }

  /// The camera is open again.
  ///
  /// - Returns: whether that is over before anybody saw it. A camera that opens and fails, again and again, has no such
  ///   excuse a second time.
  mutating func isHiccup() -> Bool {
    defer { hadSignal = false }
    return hadSignal
  }

  /// It is not back, for another reason than it was lost.
  mutating func stillLost(_ cause: SourceTrouble) {
    self.cause = cause
    trouble = trouble.map { _ in cause }
  }
}
