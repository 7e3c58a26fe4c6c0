import NIOCore
import RTP

/// How much of its target the encoder makes, in the mean of some seconds: rate control by the buffer model of libvpx stays
/// below its target after each frame that was too large, and the path would be left idle for it.
struct EncoderYield: Sendable {
  private static let window = 2.0
  /// The most that is asked for above what the path carries. Content that needs less does not become larger by it.
  private static let greatest = 1.25
  /// An encoder that makes less is at a limit of its own, or needs no more.
  private static let least = 0.6
  /// A longer pause is none of the encoder's.
  private static let longestInterval = 0.2

  private var wanted = 0.0
  private var made = 0.0
  private var last: (time: NIODeadline, target: Double)?

  /// What is to be asked for in place of one bit.
  var correction: Double {
    made > Self.least * wanted ? max(1, min(wanted / made, Self.greatest)) : 1
  }

  /// - Parameter target: the bitrate in bits per second that was last asked for, without the correction.
  mutating func encoded(bytes: Int, target: Double, now: NIODeadline) {
    defer { last = (now, target) }
    guard let last else { return }
    // What was made before a fall says nothing of what is made after it.
    guard target > 0.7 * last.target else { return (wanted, made) = (0, 0) }
    let interval = min((now - last.time).seconds, Self.longestInterval)
    let kept = max(0, 1 - interval / Self.window)
    wanted = wanted * kept + last.target / 8 * interval
    made = made * kept + Double(bytes)
  }
}
