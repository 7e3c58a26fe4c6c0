import NIOCore

/// Chooses the complexity of the Opus encoder that this machine can afford, from the processor time of each packet.
///
/// It begins with the usual complexity, which for voice is that of libwebrtc on phones, and judges it every five seconds. A
/// machine on which it is dear takes a lower one; one on which a higher one costs next to nothing takes that. Since pauses
/// cost less than speech, a step upwards has to fit with a margin that is larger than the cost of any single step.
package struct ComplexityGovernor: Sendable {
  /// As measured with voice of 32 kbit/s, 9 takes two and a half times as long as 5, and 0 half as long.
  package static let usualForVoice = 5
  /// 10 takes as long as 9, and sounds the same.
  package static let highest = 9
  /// The share of a core that encoding may take up to the usual complexity, on a small computer that encodes pictures, too.
  private static let affordable = 0.05
  /// The same of a higher complexity, whose gain is hardly heard.
  private static let negligible = 0.0075
  /// More than what any step upwards costs: 1.4 as measured.
  private static let margin = 1.5
  /// The packets after which a complexity is judged.
  private static let settling = 250

  /// From 0 to 9.
  package private(set) var complexity: Int
  private let usual: Int
  private var packets = 0
  private var time = TimeAmount.zero

  package init(usual: Int = Self.usualForVoice) {
    self.usual = usual
    complexity = usual
  }

  /// Takes the processor time that the last packet took and returns the complexity for the next one.
  package mutating func record(encodeTime: TimeAmount) -> Int {
    time = time + max(.zero, encodeTime)
    packets += 1
    guard packets == Self.settling else { return complexity }
    let share = Double(time.nanoseconds) / Double(SoundBlock.duration.nanoseconds * Int64(packets))
    if share > limit(of: complexity) {
      complexity = max(0, complexity - 1)
    } else if complexity < Self.highest, share * Self.margin < limit(of: complexity + 1) {
      complexity += 1
    }
    (packets, time) = (0, .zero)
    return complexity
  }

  private func limit(of complexity: Int) -> Double {
    complexity > usual ? Self.negligible : Self.affordable
  }
}
