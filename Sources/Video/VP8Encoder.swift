import CVPX
import NIOCore

/// Real-time VP8 (RFC 6386) by libvpx: every picture that goes in comes out at once as one frame.
///
/// The picture is read in place (I420 or NV12) and the frame is copied once, out of libvpx's memory.
package struct VP8Encoder: ~Copyable {
  package private(set) var configuration: Configuration

  private var codec: Codec
  private var appliedBitrate: Int
  private var firstCaptureTime: NIODeadline?
  private var lastTimestamp: Int64 = -1
  private var lastKeyFrameTime: NIODeadline?
  /// The temporal layer of the frame before.
  private var temporalLayer = 0

  package init(_ configuration: Configuration) throws(VideoError) {
    self.configuration = configuration
    appliedBitrate = configuration.bitrate
    codec = try Codec(configuration)
  }

  /// Bits a second from the next frame on.
  package mutating func setBitrate(_ bitrate: Int) {
    configuration.bitrate = Configuration.possible(bitrate: bitrate)
  }

  /// The speed from the next frame on; what `EncoderSpeedGovernor` asks for.
  package mutating func setSpeed(_ speed: Int) {
    guard speed != configuration.speed else { return }
    configuration.speed = Configuration.possible(speed: speed)
    codec.control(VP8E_SET_CPUUSED, configuration.speed)
  }

  /// - Parameter layered: every other frame is one that no other refers to, of temporal layer 1: who is sent the frames of
  ///   layer 0 alone sees half of the pictures, and all of them whole. It costs some quality.
  ///
  /// `nil` where libvpx made no frame of the picture. A picture of another size than the last makes a new stream,
  /// which begins with a key frame.
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
      // libvpx cannot grow a running encoder; a fresh one also forgets the rate control of the other size.
      configuration.width = frame.width
      configuration.height = frame.height
      codec = try Codec(configuration)
      appliedBitrate = configuration.bitrate
    } else if appliedBitrate != configuration.bitrate {
      try codec.apply(configuration)
      appliedBitrate = configuration.bitrate
    }
  }

  /// In units of the 90 kHz RTP clock; vpx_encoder.h: they "MUST be strictly increasing".
  private mutating func nextTimestamp(for captureTime: NIODeadline) -> Int64 {
    let first = firstCaptureTime ?? captureTime
    firstCaptureTime = first
    let (ticks, rest) = (captureTime - first).nanoseconds.quotientAndRemainder(dividingBy: 100_000)
    lastTimestamp = max(lastTimestamp + 1, ticks * 9 + rest * 9 / 100_000)
    return lastTimestamp
  }

  /// Whether the key frame interval is over. It is measured in time and not in frames, since frames may have been skipped.
  /// Half a frame early is nearer than half a frame late.
  private func isKeyFrameDue(at captureTime: NIODeadline) -> Bool {
    guard let lastKeyFrameTime else { return true }
    let half = TimeAmount.nanoseconds(configuration.frameRate.interval.nanoseconds / 2)
    return captureTime - lastKeyFrameTime + half >= configuration.keyFrameInterval
  }
}
