import NIOCore
import Video

/// One encoder and the settings that it follows; all who watch it are sent the same frames.
struct VideoLane: ~Copyable {
  let control: EncoderControl
  private let configuredBitrate: Int
  private var encoder: VP8Encoder
  private var governor: EncoderSpeedGovernor

  /// - Parameter bitrate: what the encoder aims at until the control says otherwise, in bits per second.
  init(
    _ format: VideoFormat, bitrate: Int, threads: Int, control: EncoderControl
  ) throws(VideoError) {
    self.control = control
    configuredBitrate = bitrate
    encoder = try VP8Encoder(
      .init(
        width: format.width, height: format.height, bitrate: bitrate, frameRate: format.frameRate, threads: threads))
    governor = EncoderSpeedGovernor(frameRate: format.frameRate)
  }

  /// - Returns: `nil` where the encoder left the picture out to keep its bitrate.
  mutating func encode(
    _ frame: borrowing VideoFrame, _ counters: inout VideoCounters, clock: VideoPump.Clock
  ) throws(VideoError) -> EncodedFrame? {
    let begin = clock.now()
    let bitrate = min(control.configuredBitrate ?? configuredBitrate, control.bitrateLimit)
    encoder.setBitrate(bitrate)
    counters.targetBitrate = bitrate
    let encoding = try encoder.encode(
      frame, forceKeyFrame: control.takeKeyFrameRequest(), layered: control.isLayered)
    guard let encoded = encoding else { return nil }
    let encodeTime = clock.now() - begin
    encoder.setSpeed(governor.record(encodeTime: encodeTime))
    counters.framesEncoded += 1
    counters.keyFramesEncoded += encoded.isKeyFrame ? 1 : 0
    counters.totalEncodeTime = counters.totalEncodeTime + encodeTime
    counters.lastEncodeTime = encodeTime
    return encoded
  }
}
