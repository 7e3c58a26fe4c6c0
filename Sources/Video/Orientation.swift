/// What must be done to a stored picture so that it stands upright: mirrored first (left for right), then turned.
package struct Orientation: Hashable, Sendable {
  /// Clockwise, in degrees.
  package enum Turn: Int, Sendable {
    case none = 0
    case quarter = 90
    case half = 180
    case threeQuarters = 270
  }

  package var isMirrored: Bool
  package var turn: Turn

  package init(isMirrored: Bool = false, turn: Turn = .none) {
    self.isMirrored = isMirrored
    self.turn = turn
  }

  package static let upright = Orientation()

  /// This and then `next`, as one.
  package func followed(by next: Orientation) -> Orientation {
    // A mirroring that comes after a turn is the same mirroring before the opposite turn.
    let degrees = (next.isMirrored ? 360 - turn.rawValue : turn.rawValue) + next.turn.rawValue
    return Orientation(isMirrored: isMirrored != next.isMirrored, turn: Turn(rawValue: degrees % 360)!)
  }

  /// Whether width and height change places.
  package var swapsSides: Bool {
    turn == .quarter || turn == .threeQuarters
  }

  /// The turn that gives the same picture after an upside-down flip as `turn` gives after a mirroring.
  var turnAfterVerticalFlip: Turn {
    switch turn {
    case .none: .half
    case .quarter: .threeQuarters
    case .half: .none
    case .threeQuarters: .quarter
    }
  }
}
