/// The transformation that makes a stored picture upright: it is mirrored first (left to right), then turned.
package struct Orientation: Hashable, Sendable {
  /// A clockwise turn in degrees.
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

  /// Combines this transformation with a subsequent one.
  package func followed(by next: Orientation) -> Orientation {
    // A mirroring after a turn is the same as a mirroring before the opposite turn.
    let degrees = (next.isMirrored ? 360 - turn.rawValue : turn.rawValue) + next.turn.rawValue
    return Orientation(isMirrored: isMirrored != next.isMirrored, turn: Turn(rawValue: degrees % 360)!)
  }

  /// Whether width and height are exchanged.
  package var swapsSides: Bool {
    turn == .quarter || turn == .threeQuarters
  }

  /// The turn after an upside-down flip that has the same result as `turn` after a mirroring.
  var turnAfterVerticalFlip: Turn {
    switch turn {
    case .none: .half
    case .quarter: .threeQuarters
    case .half: .none
    case .threeQuarters: .quarter
    }
  }
}
