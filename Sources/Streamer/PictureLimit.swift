import Call

/// What limits the picture that a viewer is sent, in words for a person.
package struct PictureLimit: Equatable, Sendable {
  package enum Cause: Equatable, Sendable {
    case none
    /// The viewer's network carries so many bits per second.
    case network(bitrate: Int)
    /// Encoding a larger picture takes this computer too long.
    case host
  }

  package var width: Int
  package var height: Int
  package var cause: Cause

  package init(width: Int, height: Int, cause: Cause) {
    self.width = width
    self.height = height
    self.cause = cause
  }

  package init(_ statistics: CallStatistics) {
    let outbound = statistics.outboundRTP
    let cause: Cause =
      switch outbound.qualityLimitationReason {
      case "bandwidth":
        .network(bitrate: statistics.candidatePair.availableOutgoingBitrate ?? outbound.targetBitrate)
      case "cpu": .host
      default: .none
      }
    self.init(width: outbound.frameWidth, height: outbound.frameHeight, cause: cause)
  }

  package var size: String { "\(width)x\(height)" }

  /// nil where nothing limits the picture.
  package var reason: String? {
    switch cause {
    case .none: nil
    case .network(let bitrate): "the network allows \(Self.rounded(bitrate / 1000)) kbit/s"
    case .host: "this computer is too slow for more"
    }
  }

  /// One line for a person.
  package var text: String { "\(size), \(reason ?? "nothing limits the picture any more")" }

  /// To two significant digits: an estimate has no more.
  private static func rounded(_ value: Int) -> Int {
    var unit = 1
    while value / unit >= 100 { unit *= 10 }
    return (value + unit / 2) / unit * unit
  }
}
