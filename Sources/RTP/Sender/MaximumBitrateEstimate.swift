/// The bitrate of the peer's latest REMB (draft-alvestrand-rmcat-remb-03), reported whenever it changes.
struct MaximumBitrateEstimate: Sendable {
  private var latest: Int?
  private var isPending = false

  mutating func update(_ bitrate: Int) {
    guard bitrate != latest else { return }
    latest = bitrate
    isPending = true
  }

  /// Returns a new bitrate once, in bits per second.
  mutating func poll() -> Int? {
    defer { isPending = false }
    return isPending ? latest : nil
  }
}
