import Capture
import Studio

extension VideoConfiguration {
  /// What was asked for and has no effect; nil if there is no such thing.
  package var warning: String? {
    // A video on a web server may also begin again.
    guard loops, !SourceFactory.isFile(source), NetworkAddress(source)?.isRTSP ?? true else { return nil }
    return "loop has no effect, because the source is not a video file"
  }
}
