import CVPX
import NIOCore

/// A real-time VP8 encoder (RFC 6386) by libvpx: every picture is returned at once as one frame.
///
/// A picture (I420 or NV12) of the size that is encoded is read in place, another is scaled into memory that is kept; the
/// frame is copied once out of the memory of libvpx.
package struct VP8Encoder: ~Copyable {
  package private(set) var configuration: Configuration

  private let codec: Codec
  private var scaled = PictureBuffer(width: 1, height: 1)
  /// What the codec was told last.
  private var applied: Applied
  private var firstCaptureTime: NIODeadline?
  private var lastTimestamp: Int64 = -1
  private var lastKeyFrameTime: NIODeadline?
  /// The temporal layer of the previous frame.
  private var temporalLayer = 0
  private var recovery = KeyFrameRecovery()

  private struct Applied: Equatable {
    var bitrate: Int
    var frameRate: FrameRate
    var minimumQuantizer: UInt32
    var maximumIntraPercentage: Int

    init(_ configuration: Configuration, _ recovery: KeyFrameRecovery) {
      bitrate = configuration.bitrate
      maximumIntraPercentage = configuration.maximumIntraPercentage
      frameRate = configuration.frameRate
      minimumQuantizer = recovery.minimumQuantizer
    }
  }

  /// - Throws: `VideoError.encoderUnavailable`.
  package init(_ configuration: Configuration) throws(VideoError) {
    self.configuration = configuration
    applied = Applied(configuration, recovery)
    codec = try Codec(configuration)
  }

  /// Sets the bitrate from the next frame on, in bits per second.
  ///
  /// - Parameter available: what the network takes, which may be more; nil: nothing is known of it.
  package mutating func setBitrate(_ bitrate: Int, available: Int? = nil) {
    configuration.bitrate = Configuration.possible(bitrate: bitrate)
    configuration.availableBitrate = available ?? bitrate
  }

  /// Sets the speed from the next frame on, as `EncoderSpeedGovernor` chooses it.
  package mutating func setSpeed(_ speed: Int) {
    guard speed != configuration.speed else { return }
    configuration.speed = Configuration.possible(speed: speed)
    codec.control(VP8E_SET_CPUUSED, configuration.speed)
  }

  /// Sets the frame rate from which the rate control goes on, where frames are left out of what the source gives.
  package mutating func setFrameRate(_ frameRate: FrameRate) {
    configuration.frameRate = frameRate
  }

  /// Sets how often a key frame is made without being asked for; nil: never.
  package mutating func setKeyFrameInterval(_ interval: TimeAmount?) {
    configuration.keyFrameInterval = interval
  }

  /// Encodes a picture; returns nil if libvpx made no frame of it.
  ///
  /// A picture of another size than the last one begins a new stream with a key frame (RFC 6386 section 9.1: the size is
  /// in the header of each key frame, and needs no other announcement).
  ///
  /// - Parameters:
  ///   - size: the size to encode; nil: that of the frame.
  ///   - layered: whether every other frame is one of temporal layer 1, to which no other frame refers. A viewer that is
  ///     sent only the frames of layer 0 sees half of the pictures, all of them intact. It costs some quality.
  /// - Throws: `VideoError`.
  package mutating func encode(
    _ frame: borrowing VideoFrame, size: PictureSize? = nil, forceKeyFrame: Bool = false, layered: Bool = false
  ) throws(VideoError) -> EncodedFrame? {
    guard let size, size != frame.size else {
      return try encodeInPlace(frame, forceKeyFrame: forceKeyFrame, layered: layered)
    }
    let picture = frame.scaled(to: size, into: &scaled)
    return try encodeInPlace(picture, forceKeyFrame: forceKeyFrame, layered: layered)
  }

  private mutating func encodeInPlace(
    _ frame: borrowing VideoFrame, forceKeyFrame: Bool, layered: Bool
  ) throws(VideoError) -> EncodedFrame? {
    precondition(frame.colourSpace == .vp8, "pictures are normalized before they are encoded")
    try adapt(to: frame)
    let timestamp = nextTimestamp(for: frame.captureTime)
    let wantsKeyFrame = forceKeyFrame || isKeyFrameDue(at: frame.captureTime)
    var encoded = try codec.encode(
      frame, timestamp: timestamp, duration: configuration.frameDuration, forceKeyFrame: wantsKeyFrame,
      temporalLayer: layered && !wantsKeyFrame ? 1 - temporalLayer : 0)
    if let oversized = encoded, let coarser = coarserQuantizer(for: oversized) {
      encoded = try encodeAgain(frame, timestamp: timestamp, minimumQuantizer: coarser)
    }
    if let encoded {
      temporalLayer = encoded.temporalLayer
      recovery.frameEncoded(isKeyFrame: encoded.isKeyFrame, quantizer: codec.lastQuantizer64)
      if encoded.isKeyFrame { lastKeyFrameTime = encoded.captureTime }
    }
    return encoded
  }

  /// The least quantizer with which a key frame in place of this one keeps to its size; nil: the frame does already.
  /// libvpx guesses it, often by half, and learns little from one key frame to the next. Where the scene changes it makes
  /// a frame as large as a key frame of those that refer to the last, without any limit.
  private func coarserQuantizer(for frame: EncodedFrame) -> UInt32? {
    let share = Double(configuration.bitrate) / 8 / configuration.frameRate.framesPerSecond
    let excess = Double(frame.data.readableBytes) / (share * Double(configuration.maximumIntraPercentage) / 100)
    guard excess > KeyFrameRecovery.tolerableExcess, frame.isKeyFrame || mayChangeScene(at: frame.captureTime) else {
      return nil
    }
    return KeyFrameRecovery.quantizer(after: codec.lastQuantizer64, excess: excess)
  }

  /// Content whose every frame is too large is no change of the scene.
  private func mayChangeScene(at captureTime: NIODeadline) -> Bool {
    lastKeyFrameTime.map { captureTime - $0 >= .seconds(1) } ?? false
  }

  /// Makes a key frame of the picture in a new stream, since the rate control of the old one would count both.
  private mutating func encodeAgain(
    _ frame: borrowing VideoFrame, timestamp: Int64, minimumQuantizer: UInt32
  ) throws(VideoError) -> EncodedFrame? {
    try codec.restart(configuration)
    try codec.apply(configuration, minimumQuantizer: minimumQuantizer)
    applied.minimumQuantizer = minimumQuantizer
    return try codec.encode(
      frame, timestamp: timestamp, duration: configuration.frameDuration, forceKeyFrame: true, temporalLayer: 0)
  }

  private mutating func adapt(to frame: borrowing VideoFrame) throws(VideoError) {
    let wanted = Applied(configuration, recovery)
    if frame.width != configuration.width || frame.height != configuration.height {
      // libvpx cannot enlarge a running encoder. A new one also discards the state of the rate control for the other
      // size.
      configuration.width = frame.width
      configuration.height = frame.height
      recovery = KeyFrameRecovery()
      try codec.restart(configuration)
      applied = Applied(configuration, recovery)
    } else if applied != wanted {
      try codec.apply(
        configuration, minimumQuantizer: wanted.minimumQuantizer, forgetsCredit: wanted.bitrate < applied.bitrate)
      applied = wanted
    }
  }

  /// Returns the timestamp in units of the 90 kHz RTP clock; timestamps "MUST be strictly increasing" (vpx_encoder.h).
  private mutating func nextTimestamp(for captureTime: NIODeadline) -> Int64 {
    let first = firstCaptureTime ?? captureTime
    firstCaptureTime = first
    let (ticks, rest) = (captureTime - first).nanoseconds.quotientAndRemainder(dividingBy: 100_000)
    lastTimestamp = max(lastTimestamp + 1, ticks * 9 + rest * 9 / 100_000)
    return lastTimestamp
  }

  /// Whether the key frame interval has passed. It is measured in time instead of frames, since frames may have been
  /// skipped, and to the nearest frame.
  private func isKeyFrameDue(at captureTime: NIODeadline) -> Bool {
    guard let lastKeyFrameTime else { return true }
    guard let interval = configuration.keyFrameInterval else { return false }
    let half = TimeAmount.nanoseconds(configuration.frameRate.interval.nanoseconds / 2)
    return captureTime - lastKeyFrameTime + half >= interval
  }
}
