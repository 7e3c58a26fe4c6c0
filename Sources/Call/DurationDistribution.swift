import NIOCore

/// How long something took, over and over: percentiles of any number of durations in fixed memory.
///
/// Each power of two of microseconds is cut into sixteen, so that a percentile is right within 6 %.
package struct DurationDistribution: Sendable {
  private static let stepsPerOctave = 16
  /// Up to nine minutes; what takes longer counts as that.
  private static let octaves = 26

  private var counts = [UInt32](repeating: 0, count: octaves * stepsPerOctave)
  private var total = 0

  package init() {}

  package mutating func record(_ duration: TimeAmount) {
    counts[Self.index(of: max(0, duration.nanoseconds / 1_000))] &+= 1
    total += 1
  }

  /// The duration that the given share of all do not exceed; `nil` where there are none.
  package func percentile(_ share: Double) -> TimeAmount? {
    var left = Int((share * Double(total)).rounded(.up))
    guard total > 0 else { return nil }
    for (index, count) in counts.enumerated() {
      left -= Int(count)
      if left <= 0 { return .microseconds(Self.upperBound(of: index)) }
    }
    return nil
  }

  /// The first octaves, of less than sixteen microseconds each, have a step for every microsecond.
  private static func index(of microseconds: Int64) -> Int {
    let value = Int(microseconds)
    guard value >= stepsPerOctave else { return value }
    let octave = Int.bitWidth - 1 - value.leadingZeroBitCount - 4
    return min(octave * stepsPerOctave + value >> octave, octaves * stepsPerOctave - 1)
  }

  private static func upperBound(of index: Int) -> Int64 {
    guard index >= 2 * stepsPerOctave else { return Int64(index) }
    let octave = index / stepsPerOctave - 1
    return Int64((index - octave * stepsPerOctave + 1) << octave) - 1
  }
}
