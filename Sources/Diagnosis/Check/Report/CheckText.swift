import ICE
import NIOCore

/// How the lines of a check write times and addresses.
enum CheckText {
  static func time(_ time: TimeAmount) -> String {
    let tenths = (time.nanoseconds + 50_000_000) / 100_000_000
    return time < .seconds(1) ? milliseconds(time) + " ms" : "\(tenths / 10).\(tenths % 10) s"
  }

  static func time(_ seconds: Double) -> String { time(.nanoseconds(Int64(seconds * 1e9))) }

  static func times(_ times: RoundTripTimes) -> String {
    guard let average = times.average else { return "no round trip" }
    return [times.minimum, average, times.maximum].map(milliseconds).joined(separator: "/") + " ms"
  }

  private static func milliseconds(_ time: TimeAmount) -> String {
    let tenths = (time.nanoseconds + 50_000) / 100_000
    return tenths < 100 ? "\(tenths / 10).\(tenths % 10)" : "\((time.nanoseconds + 500_000) / 1_000_000)"
  }

  /// In the largest unit of which there are two: a span that people plan by.
  static func span(seconds: Int64) -> String {
    switch abs(seconds) {
    case ..<120: "\(seconds) s"
    case ..<7_200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3600) h"
    default: "\(seconds / 86_400) days"
    }
  }
}

extension SocketAddress {
  var familyName: String { self.protocol == .inet6 ? "IPv6" : "IPv4" }
}
