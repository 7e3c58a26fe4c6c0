import NIOCore

/// Why pictures are encoded smaller or less often than the source has them, and how long each reason has held
/// (`qualityLimitationReason` and `qualityLimitationDurations` of W3C webrtc-stats).
package struct QualityLimitation: Equatable, Sendable {
  package enum Reason: String, CaseIterable, Sendable {
    case none, cpu, bandwidth
  }

  package private(set) var reason = Reason.none
  private var none = TimeAmount.zero
  private var cpu = TimeAmount.zero
  private var bandwidth = TimeAmount.zero
  /// The time up to which durations were counted.
  private var counted: NIODeadline?

  package init() {}

  package private(set) subscript(reason: Reason) -> TimeAmount {
    get {
      switch reason {
      case .none: none
      case .cpu: cpu
      case .bandwidth: bandwidth
      }
    }
    set {
      switch reason {
      case .none: none = newValue
      case .cpu: cpu = newValue
      case .bandwidth: bandwidth = newValue
      }
    }
  }

  mutating func update(_ reason: Reason, now: NIODeadline) {
    if let counted { self[self.reason] = self[self.reason] + (now - counted) }
    counted = now
    self.reason = reason
  }

  /// Those of two encoders.
  static func + (left: QualityLimitation, right: QualityLimitation) -> QualityLimitation {
    var sum = right
    for reason in Reason.allCases { sum[reason] = left[reason] + right[reason] }
    return sum
  }

  /// What has come since `start`.
  static func - (end: QualityLimitation, start: QualityLimitation) -> QualityLimitation {
    var difference = end
    for reason in Reason.allCases { difference[reason] = end[reason] - start[reason] }
    return difference
  }
}
