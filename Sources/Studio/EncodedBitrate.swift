import NIOCore

/// What an encoder makes, in bits a second, over the last whole window.
struct EncodedBitrate: Sendable {
  /// The length of a window: the key frame interval, so that each window has its share of key frames.
  private static let window = TimeAmount.seconds(4)

  /// Bits per second of all frames, and below of those in temporal layer 0, which every viewer is sent; nil before the
  /// first window is over.
  private(set) var all: Int?
  private(set) var base: Int?
  private var bytes = (all: 0, base: 0)
  private var start: NIODeadline?

  /// True: a window is over, and the bitrates are new.
  mutating func add(bytes count: Int, temporalLayer: Int, at time: NIODeadline) -> Bool {
    let elapsed = time - (start ?? time)
    // Nothing was made for a while: that says nothing of the bitrate.
    let isBroken = elapsed > Self.window + Self.window
    if isBroken {
      bytes = (0, 0)
      start = nil
    }
    let isOver = !isBroken && elapsed >= Self.window
    if isOver {
      let seconds = Double(elapsed.nanoseconds) / 1e9
      all = Int(Double(bytes.all) * 8 / seconds)
      base = Int(Double(bytes.base) * 8 / seconds)
      bytes = (0, 0)
    }
    if isOver || start == nil { start = time }
    bytes.all += count
    bytes.base += temporalLayer == 0 ? count : 0
    return isOver
  }
}
