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
