import NIOCore

/// What one encoder sends to several viewers, by what each says that its network takes (REMB).
///
/// The best of them sets the rate, since nobody is to see less because another's network is bad; those who can take much
/// less than is sent are throttled: they get every other frame.
///
/// What a receiver says grows with what it is sent, in libwebrtc and in aiortc: it begins with that, and goes no further
/// than 1.5 times as high. So it is held against the frames and not against the settings, and where it is near its
/// ceiling it is no limit but a question: everything is sent again, and if the receiver then takes its word back, the
/// next try waits twice as long.
struct ViewerBitrates: Sendable {
  private var viewers: [Int: Viewer] = [:]
  private var encoded = EncodedBitrate()

  /// What the encoder is limited to, in bits a second.
  var limit: Int { viewers.values.map(\.target).max() ?? .max }

  /// The same without what is to be made up for at the moment.
  var stableLimit: Int { viewers.values.map(\.cap).max() ?? .max }

  var isAnyThrottled: Bool { viewers.values.contains(where: \.isThrottled) }

  func isThrottled(_ id: Int) -> Bool { viewers[id]?.isThrottled ?? false }

  /// Whether a frame is for this viewer: whoever is throttled is sent temporal layer 0 alone, which needs no other.
  func isFor(_ id: Int, temporalLayer: Int) -> Bool { temporalLayer == 0 || !isThrottled(id) }

  mutating func join(_ id: Int) {
    viewers[id] = Viewer()
  }

  mutating func leave(_ id: Int) {
    viewers[id] = nil
    judge()
  }

  /// - Parameter stable: the same without what is to be made up for at the moment.
  mutating func cap(_ id: Int, to bitsPerSecond: Int, stable: Int) {
    guard viewers[id] != nil else { return }
    viewers[id]?.target = bitsPerSecond
    viewers[id]?.cap = stable
    judge()
  }

  /// Each frame of the encoder, whoever is sent it. True: others than before may be throttled.
  mutating func add(bytes: Int, temporalLayer: Int, at time: NIODeadline) -> Bool {
    guard encoded.add(bytes: bytes, temporalLayer: temporalLayer, at: time) else { return false }
    if let base = encoded.base {
      for id in viewers.keys { viewers[id]?.windowEnded(sent: base) }
    }
    judge()
    return true
  }

  private mutating func judge() {
    guard let rate = encoded.all else { return }
    let limit = stableLimit
    for id in viewers.keys { viewers[id]?.judge(rate: rate, limit: limit) }
  }
}

extension ViewerBitrates {
  private struct Viewer {
    /// Below this part of all frames' rate a viewer is throttled.
    private static let tooLittle = 0.8
    /// The share of the full bitrate from which on a viewer is taken to bear all of it.
    private static let enough = 0.9
    /// The ratio of the estimate to what a throttled viewer is sent from which on more is tried; the estimate's ceiling is 1.5.
    private static let nearCeiling = 1.4
    /// 2 to its power windows, some four minutes, are the longest wait.
    private static let mostDoublings = 6

    var target = Int.max
    var cap = Int.max
    private(set) var isThrottled = false
    /// What it must say at least while it is sent all again, until all is known to arrive.
    private var trial: Int?
    /// Trials in a row that went wrong.
    private var failures = 0
    /// Windows until the next trial.
    private var patience = 0

    mutating func judge(rate: Int, limit: Int) {
      let share = Double(cap) / Double(max(1, rate))
      // The encoder follows the best one.
      guard cap < limit, share < Self.enough else {
        (isThrottled, trial, failures) = (false, nil, 0)
        return
      }
      guard !isThrottled, share < Self.tooLittle, cap < trial ?? .max else { return }
      failures += trial == nil ? 0 : 1
      patience = 1 << min(failures, Self.mostDoublings)
      (isThrottled, trial) = (true, nil)
    }

    mutating func windowEnded(sent: Int) {
      // The word grows within seconds where there is room; a receiver that says the same whatever it is sent means it.
      trial = trial.map { $0 + 1 }
      guard isThrottled else { return }
      patience -= 1
      guard patience <= 0, Double(cap) >= Double(sent) * Self.nearCeiling else { return }
      (isThrottled, trial) = (false, cap)
    }
  }
}
