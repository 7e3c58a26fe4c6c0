import NIOCore
import Sound

/// Tells from a file's timestamps where its sound belongs, as ``FrameTimeline`` does for its pictures. All positions are
/// numbers of samples of 48 kHz for one channel, since the first picture.
struct SoundTimeline {
  private let latestStart: Int
  private var zero: Int64?
  /// What is added to all positions after timestamps that were an error of the file.
  private var shift = 0
  /// What was added before the last of them: after a single wrong timestamp the right ones go on.
  private var formerShift = 0
  /// A long gap before the last frame, which a second timestamp has to confirm.
  private var doubtfulGap: Int?
  private var isFirst = true

  /// A longer gap is treated as an error of the file and skipped, like one between two pictures.
  private static let longestPause = 60 * SoundBlock.sampleRate
  /// Timestamps that go back further have begun anew, as where films are joined; of what overlaps less, one is cut. A gap
  /// that is longer may be a single wrong timestamp: silence in its place would put off all that follows.
  private static let longestOverlap = SoundBlock.sampleRate
  /// Timestamps of many files vary by milliseconds, and some by those of a frame: to follow them would be heard. It is
  /// less than what makes sound that is ahead of its picture noticed, 45 ms (ITU-R BT.1359).
  private static let tolerance = 30 * SoundBlock.sampleRate / 1_000
  /// The same where a frame is missing: the timestamps of some files are in milliseconds.
  private static let resolution = SoundBlock.sampleRate / 1_000
  /// About seventy years in each direction, so that sums cannot overflow.
  private static let representable = -(1 << 61)...(Int64(1) << 61)

  /// - Parameters:
  ///   - start: the timestamp of the first picture; nil: that of the first sound is taken.
  ///   - duration: that of the whole file, in which its sound may begin late.
  init(start: TimeAmount?, duration: TimeAmount?) {
    zero = start.flatMap { Self.representable.contains($0.nanoseconds) ? $0.nanoseconds : nil }
    latestStart = max(Self.longestPause, duration.map { Self.samples($0.nanoseconds) } ?? 0)
  }

  /// Returns the length of the silence before a frame, negative if it is cut at its beginning.
  ///
  /// - Parameters:
  ///   - timestamp: in nanoseconds, or `nil` if the file has none.
  ///   - end: the position where the sound before it ends.
  ///   - afterDamage: whether something may be missing before the frame.
  mutating func gap(before timestamp: Int64?, end: Int, afterDamage: Bool) -> Int {
    guard let timestamp, Self.representable.contains(timestamp) else { return 0 }
    let zero = self.zero ?? timestamp
    self.zero = zero
    let position = Self.samples(timestamp - zero)
    let credible = isFirst ? -Self.longestPause...latestStart : -Self.longestOverlap...Self.longestPause
    let ignored = isFirst ? 0 : afterDamage ? Self.resolution : Self.tolerance
    let wasFirst = isFirst
    isFirst = false
    if !credible.contains(position + shift - end), credible.contains(position + formerShift - end) {
      swap(&shift, &formerShift)
    }
    let gap = position + shift - end
    guard credible.contains(gap) else {
      (shift, formerShift, doubtfulGap) = (shift - gap, shift, nil)
      return 0
    }
    let isConfirmed = wasFirst || doubtfulGap.map { abs($0 - gap) <= Self.tolerance } ?? false
    let isDoubtful = gap > Self.longestOverlap && !isConfirmed
    doubtfulGap = isDoubtful ? gap : nil
    return isDoubtful || abs(gap) <= ignored ? 0 : gap
  }

  private static func samples(_ nanoseconds: Int64) -> Int {
    let (parts, rest) = Int(nanoseconds).quotientAndRemainder(dividingBy: 125_000)
    return parts * 6 + rest * 6 / 125_000
  }
}
