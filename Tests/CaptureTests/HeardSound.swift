import Capture
import NIOCore
import Sound
import TestSupport

/// What a sound track gives, to its end.
struct HeardSound {
  let channels: Int
  /// Interleaved.
  var samples: [Float] = []
  /// Those of the blocks, in milliseconds.
  var times: [Int64] = []

  /// - Parameter limit: the greatest number of blocks.
  init(_ track: SoundTrack, limit: Int = 10_000) {
    channels = track.channels
    while times.count < limit,
      let block = track.nextBlock({ (Array($0), $1.nanoseconds / 1_000_000) })
    {
      samples += block.0
      times.append(block.1)
    }
  }

  /// In seconds.
  var duration: Double { Double(samples.count / channels) / Double(SoundBlock.sampleRate) }

  func channel(_ index: Int = 0, _ range: Range<Double>) -> [Float] {
    let (first, last) = (Int(range.lowerBound * 48_000), Int(range.upperBound * 48_000))
    return (first..<last).map { samples[$0 * channels + index] }
  }

  func fit(_ frequency: Double, channel index: Int = 0, _ range: Range<Double>) -> SineFit {
    SineFit(channel(index, range), frequency: frequency)
  }

  func loudest(_ range: Range<Double>, channel index: Int = 0) -> Float {
    channel(index, range).reduce(0) { max($0, abs($1)) }
  }

  /// The time of the first sample of the first channel that is louder than a tenth, in milliseconds.
  var onset: Double? {
    for index in 0..<samples.count / channels where abs(samples[index * channels]) > 0.1 {
      return Double(index) / 48
    }
    return nil
  }
}
