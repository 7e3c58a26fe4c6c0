import CVPX
import NIOCore

/// A real-time VP8 encoder (RFC 6386) by libvpx: every picture is returned at once as one frame.
///
/// The picture (I420 or NV12) is read in place, and the frame is copied once out of the memory of libvpx.
package struct VP8Encoder: ~Copyable {
  package private(set) var configuration: Configuration

  private var codec: Codec
  private var appliedBitrate: Int
  private var firstCaptureTime: NIODeadline?
  private var lastTimestamp: Int64 = -1
  private var lastKeyFrameTime: NIODeadline?
  /// The temporal layer of the previous frame.
  private var temporalLayer = 0

  /// - Throws: `VideoError.encoderUnavailable`.
  package init(_ configuration: Configuration) throws(VideoError) {
    self.configuration = configuration
    appliedBitrate = configuration.bitrate
    codec = try Codec(configuration)
  }

  /// Sets the bitrate from the next frame on, in bits per second.
  package mutating func setBitrate(_ bitrate: Int) {
    configuration.bitrate = Configuration.possible(bitrate: bitrate)
  }

  /// Sets the speed from the next frame on, as `EncoderSpeedGovernor` chooses it.
  package mutating func setSpeed(_ speed: Int) {
    guard speed != configuration.speed else { return }
    configuration.speed = Configuration.possible(speed: speed)
    codec.control(VP8E_SET_CPUUSED, configuration.speed)
  }

  /// Encodes a picture; returns nil if libvpx made no frame of it.
  ///
  /// A picture of another size than the last one begins a new stream with a key frame.
  ///
  /// - Parameter layered: whether every other frame is one of temporal layer 1, to which no other frame refers. A
  ///   viewer that is sent only the frames of layer 0 sees half of the pictures, all of them intact. It costs some
  ///   quality.
  /// - Throws: `VideoError`.
  package mutating func encode(
    _ frame: borrowing VideoFrame, forceKeyFrame: Bool = false, layered: Bool = false
  ) throws(VideoError) -> EncodedFrame? {
    precondition(frame.colourSpace == .vp8, "pictures are normalized before they are encoded")
    try adapt(to: frame)
    let timestamp = nextTimestamp(for: frame.captureTime)
    let wantsKeyFrame = forceKeyFrame || isKeyFrameDue(at: frame.captureTime)
    let encoded = try codec.encode(
      frame, timestamp: timestamp, duration: configuration.frameDuration, forceKeyFrame: wantsKeyFrame,
      temporalLayer: layered && !wantsKeyFrame ? 1 - temporalLayer : 0)
    if let encoded {
      temporalLayer = encoded.temporalLayer
      if encoded.isKeyFrame { lastKeyFrameTime = encoded.captureTime }
    }
    return encoded
  }

  private mutating func adapt(to frame: borrowing VideoFrame) throws(VideoError) {
    if frame.width != configuration.width || frame.height != configuration.height {
      // libvpx cannot enlarge a running encoder. A new one also discards the state of the rate control for the other
      // size.
      configuration.width = frame.width
      configuration.height = frame.height
      codec = try Codec(configuration)
      appliedBitrate = configuration.bitrate
    } else if appliedBitrate != configuration.bitrate {
      try codec.apply(configuration)
      appliedBitrate = configuration.bitrate
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
    let half = TimeAmount.nanoseconds(configuration.frameRate.interval.nanoseconds / 2)
    return captureTime - lastKeyFrameTime + half >= configuration.keyFrameInterval
  }
}
