import CFFmpeg
import NIOCore
import Sound

/// The sound of a file in any format that FFmpeg reads, as blocks of 48 kHz without a gap.
///
/// It reads the file by itself, so that sound never waits for pictures. Its times are those of the pictures of a
/// ``FileSource`` in the first round: sound that begins after the first picture is preceded by silence, what is before it
/// is cut, and what is missing or damaged further in is silent.
package final class SoundTrack {
  /// 1 if the source is mono, else 2. Other channels are mixed into those.
  package let channels: Int

  private let path: String
  private let track: Int?
  private let start: TimeAmount?
  private let ffmpeg: FFmpeg
  private var reader: FrameReader
  private var resampler: SoundResampler
  private var timeline: SoundTimeline
  private let block: UnsafeMutablePointer<Float>
  /// The position of the next sample, counted for one channel.
  private var position = 0
  /// The number of samples of silence that follow, and of those of the file that are left out.
  private var silence = 0
  private var excess = 0
  /// Whether the reader's frame is still to be converted.
  private var hasFrame = false
  private var hasEnded = false
  /// The number of damaged frames when the last one was placed.
  private var knownDamage = 0
  private var ownFramesCorrupt = 0

  /// - Parameters:
  ///   - track: the number of the sound track, from 1; nil: the best.
  ///   - start: that of the ``FileSource``, which has decoded the first picture; nil: what the file states.
  /// - Returns: nil if the file has no sound.
  package init?(path: String, track: Int? = nil, start: TimeAmount? = nil) throws(CaptureError) {
    let ffmpeg = try FFmpeg.load()
    guard let reader = try FrameReader.sound(of: path, track: track, ffmpeg: ffmpeg) else { return nil }
    let channels = reader.frame.pointee.ch_layout.nb_channels == 1 ? 1 : 2
    var resampler = SoundResampler(channels: channels, ffmpeg: ffmpeg)
    guard resampler.prepare(for: reader.frame) else {
      throw .unsupported(path: path, reason: "its sound has an unknown form")
    }
    self.start = start ?? reader.pictureStart
    timeline = SoundTimeline(start: self.start, duration: reader.mediumDuration)
    block = .allocate(capacity: SoundBlock.samples * channels)
    block.initialize(repeating: 0, count: SoundBlock.samples * channels)
    self.channels = channels
    self.path = path
    self.track = track
    self.ffmpeg = ffmpeg
    self.reader = reader
    self.resampler = resampler
  }

  deinit {
    block.deallocate()
  }

  /// The number of damaged frames since the start.
  package var framesCorrupt: Int { ownFramesCorrupt + reader.framesCorrupt }

  /// Lends the next block: `SoundBlock.samples` for each channel, interleaved. The last is filled up with silence.
  ///
  /// - Returns: nil at the end.
  package func nextBlock<R>(
    _ body: (UnsafeBufferPointer<Float>, _ time: TimeAmount) throws -> R
  ) rethrows -> R? {
    let time = SoundBlock.duration * (position / SoundBlock.samples)
    var filled = 0
    while filled < SoundBlock.samples {
      let count = fill(block + filled * channels, SoundBlock.samples - filled)
      guard count > 0 else { break }
      filled += count
    }
    guard filled > 0 else { return nil }
    let missing = SoundBlock.samples - filled
    (block + filled * channels).update(repeating: 0, count: missing * channels)
    position += missing
    return try body(UnsafeBufferPointer(start: block, count: SoundBlock.samples * channels), time)
  }

  /// Begins again at the start of the file, and at time zero.
  ///
  /// - Returns: false if that is impossible.
  package func rewind() -> Bool {
    guard reader.rewind() || reopen() else { return false }
    knownDamage = framesCorrupt
    timeline = SoundTimeline(start: start, duration: reader.mediumDuration)
    resampler.reset()
    (position, silence, excess) = (0, 0, 0)
    (hasFrame, hasEnded) = (false, false)
    return true
  }

  private func reopen() -> Bool {
    do throws(CaptureError) {
      guard let reader = try FrameReader.sound(of: path, track: track, ffmpeg: ffmpeg) else { return false }
      ownFramesCorrupt += self.reader.framesCorrupt
      self.reader = reader
      return true
    } catch {
      return false
    }
  }

  /// - Returns: the number of samples for each channel, up to `room`; 0 at the end.
  private func fill(_ target: UnsafeMutablePointer<Float>, _ room: Int) -> Int {
    while true {
      let left = min(excess, resampler.count)
      resampler.drop(left)
      excess -= left
      var count = resampler.take(room, into: target)
      if count == 0, silence > 0 {
        count = min(room, silence)
        target.update(repeating: 0, count: count * channels)
        silence -= count
      }
      position += count
      guard count == 0, advance() else { return count }
    }
  }

  /// Makes the next sound or silence, when there is none any more.
  ///
  /// - Returns: false at the end.
  private func advance() -> Bool {
    if hasFrame {
      hasFrame = false
      if !resampler.convert(reader.frame) { ownFramesCorrupt += 1 }
      return true
    }
    guard !hasEnded else { return false }
    if reader.next() {
      hasFrame = true
      place()
    } else {
      hasEnded = true
      resampler.finish()
    }
    return true
  }

  /// Decides what is before the reader's frame.
  private func place() {
    let afterDamage = framesCorrupt > knownDamage
    knownDamage = framesCorrupt
    let end = position + resampler.delay - excess
    let gap = timeline.gap(before: reader.timestamp, end: end, afterDamage: afterDamage)
    let kept = max(0, min(excess, gap))
    excess += max(0, -gap) - kept
    guard gap > kept else { return }
    resampler.finish()
    silence = max(0, end + gap - position - resampler.count)
  }
}
