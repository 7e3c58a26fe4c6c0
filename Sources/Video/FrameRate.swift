import NIOCore

/// A frame rate in frames per second as a ratio, since 30000/1001 has no other exact representation.
package struct FrameRate: Hashable, Sendable {
  package let numerator: Int32
  package let denominator: Int32

  package init(_ numerator: Int32, per denominator: Int32 = 1) {
    precondition(numerator > 0 && denominator > 0, "a frame rate is positive")
    self.numerator = numerator
    self.denominator = denominator
  }

  package var framesPerSecond: Double {
    Double(numerator) / Double(denominator)
  }

  /// The time between two frames.
  package var interval: TimeAmount {
    .nanoseconds(1_000_000_000 * Int64(denominator) / Int64(numerator))
  }

  /// The time of a frame, counted from the first. It is free of the error that accumulates when intervals are added.
  package func time(ofFrame number: Int64) -> NIODeadline {
    let (seconds, rest) = (number * Int64(denominator)).quotientAndRemainder(dividingBy: Int64(numerator))
    return .uptimeNanoseconds(UInt64(seconds) * 1_000_000_000 + UInt64(rest) * 1_000_000_000 / UInt64(numerator))
  }
}

extension FrameRate: Comparable {
  package static func < (left: FrameRate, right: FrameRate) -> Bool {
    Int64(left.numerator) * Int64(right.denominator) < Int64(right.numerator) * Int64(left.denominator)
  }
}

extension FrameRate: CustomStringConvertible {
  /// The frames per second as text: `25`, or `29.97` if it is not a whole number.
  package var description: String {
    let hundredths = (framesPerSecond * 100).rounded()
    return hundredths.remainder(dividingBy: 100) == 0 ? "\(Int(hundredths) / 100)" : "\(hundredths / 100)"
  }
}
