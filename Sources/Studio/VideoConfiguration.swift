import Capture
import Video

/// What is shown, and how.
package struct VideoConfiguration: Sendable {
  package var source: String
  package var size: PictureSize?
  package var frameRate: Int?
  /// Bytes from one row of a raw picture to the next.
  package var stride: Int?
  package var orientation: Orientation
  package var controls: [ControlSetting]
  package var limits: EncodingLimits
  package var loops: Bool
  package var sound = SoundConfiguration.none
  /// In bits per second; nil for one that fits the source.
  package var soundBitrate: Int?

  package init(
    source: String, size: PictureSize? = nil, frameRate: Int? = nil, stride: Int? = nil,
    orientation: Orientation = .upright,
    controls: [ControlSetting] = [], limits: EncodingLimits, loops: Bool = false
  ) {
    self.source = source
    self.size = size
    self.frameRate = frameRate
    self.stride = stride
    self.orientation = orientation
    self.controls = controls
    self.limits = limits
    self.loops = loops
  }

  /// What was asked for and has no effect; nil if there is no such thing.
  package var warning: String? {
    // A video on a web server may also begin again.
    guard loops, !SourceFactory.isFile(source), NetworkAddress(source)?.isRTSP ?? true else { return nil }
    return "loop has no effect, because the source is not a video file"
  }
}
