import CFFmpeg
import Sound

/// Converts decoded sound to interleaved samples of 48 kHz (libswresample), and keeps them until they are taken. The form
/// of the sound is taken from each frame, because it may change in the middle of a broadcast.
struct SoundResampler: ~Copyable {
  private struct Form: Equatable {
    let sampleRate: Int32
    let format: Int32
    let channels: Int32
    let order: AVChannelOrder
    let mask: UInt64

    init(of frame: UnsafeMutablePointer<AVFrame>) {
      let layout = frame.pointee.ch_layout
      sampleRate = frame.pointee.sample_rate
      format = frame.pointee.format
      channels = layout.nb_channels
      order = layout.order
      mask = layout.order == AV_CHANNEL_ORDER_NATIVE ? layout.u.mask : 0
    }
  }

  /// The number of samples for each channel that can be taken.
  private(set) var count = 0

  private let channels: Int
  private let ffmpeg: FFmpeg
  private var context: OpaquePointer?
  private var form: Form?
  /// Whether the converter has had no sound since it was made.
  private var isFresh = true
  private var samples: [Float] = []
  /// The index of the first sample to be taken, counted for one channel.
  private var first = 0

  /// In hertz: from those of old telephones to those of DSD.
  private static let sampleRates: ClosedRange<Int32> = 1_000...768_000
  private static let mostChannels: Int32 = 64
  /// In seconds. The frames of all formats are shorter; it limits the memory for the samples.
  private static let longestFrame = 10
  /// More than what the converter holds back at any sample rate, in samples.
  private static let margin = 1_024

  init(channels: Int, ffmpeg: FFmpeg) {
    self.channels = channels
    self.ffmpeg = ffmpeg
  }

  deinit {
    Self.free(context, ffmpeg)
  }

  /// The number of samples that the converter holds back until it knows those that follow.
  var delay: Int {
    guard let context, !isFresh else { return 0 }
    return Int(ffmpeg.swr_get_delay(context, Int64(SoundBlock.sampleRate)))
  }

  /// Converts a frame.
  ///
  /// - Returns: false if that is impossible.
  mutating func convert(_ frame: UnsafeMutablePointer<AVFrame>) -> Bool {
    guard prepare(for: frame) else { return false }
    isFresh = false
    return append(frame)
  }

  /// Makes the converter ready for frames like this one.
  ///
  /// - Returns: false if there is no converter for it.
  mutating func prepare(for frame: UnsafeMutablePointer<AVFrame>) -> Bool {
    let new = Form(of: frame)
    guard Self.sampleRates.contains(new.sampleRate), (1...Self.mostChannels).contains(new.channels),
      (1...Self.longestFrame * Int(new.sampleRate)).contains(Int(frame.pointee.nb_samples))
    else { return false }
    guard new != form else { return context != nil }
    finish()
    Self.free(context, ffmpeg)
    form = new
    let (channels, sampleRate) = (Int32(channels), Int32(SoundBlock.sampleRate))
    context = withUnsafePointer(to: ffmpeg) { cffmpeg_resampler($0, frame, channels, sampleRate) }
    return context != nil
  }

  /// Converts what is held back, so that the next frame need not follow the last one.
  mutating func finish() {
    guard let context, !isFresh else { return }
    _ = append(nil)
    _ = ffmpeg.swr_init(context)
    isFresh = true
  }

  /// Forgets all sound.
  mutating func reset() {
    finish()
    drop(count)
  }

  /// Moves samples to `target`.
  ///
  /// - Returns: how many for each channel.
  mutating func take(_ most: Int, into target: UnsafeMutablePointer<Float>) -> Int {
    let taken = min(most, count)
    samples.withUnsafeBufferPointer { samples in
      guard let base = samples.baseAddress else { return }
      target.update(from: base + first * channels, count: taken * channels)
    }
    drop(taken)
    return taken
  }

  mutating func drop(_ dropped: Int) {
    count -= dropped
    first = count == 0 ? 0 : first + dropped
  }

  private mutating func append(_ frame: UnsafeMutablePointer<AVFrame>?) -> Bool {
    guard let context else { return false }
    let room = Int(max(0, ffmpeg.swr_get_out_samples(context, frame?.pointee.nb_samples ?? 0))) + Self.margin
    let end = (first + count) * channels
    if samples.count < end + room * channels {
      samples.append(contentsOf: repeatElement(0, count: end + room * channels - samples.count))
    }
    let convert = ffmpeg.swr_convert
    let made = samples.withUnsafeMutableBufferPointer {
      cffmpeg_resample(convert, context, $0.baseAddress! + end, Int32(room), frame)
    }
    count += Int(max(0, made))
    return made >= 0
  }

  private static func free(_ context: OpaquePointer?, _ ffmpeg: FFmpeg) {
    var context = context
    ffmpeg.swr_free(&context)
  }
}
