import Capture
import NIOCore
import NIOPosix
import Studio

/// A look at what a source shows.
enum SourceGlance {
  /// A camera that was just opened takes about half a second to find exposure and white balance; so many pictures are
  /// let pass, or so much time.
  private static let settlingFrames = 15
  private static let settlingTime = TimeAmount.seconds(2)

  /// Opens the source and reads one picture, or nil if it has none yet.
  ///
  /// - Parameter columns: of the terminal that the picture is for.
  static func take(of source: String, columns: Int) async -> Result<TerminalPicture?, CaptureError> {
    let glance = try? await NIOThreadPool.singleton.runIfActive { look(at: source, columns: columns) }
    return glance ?? .success(nil)
  }

  private static func look(at name: String, columns: Int) -> Result<TerminalPicture?, CaptureError> {
    // What comes through a pipe is gone once it was read.
    guard !PipeSource.isPipe(name) else { return .success(nil) }
    do throws(CaptureError) {
      // Nothing is encoded, whatever the limits.
      let limits = EncodingLimits(maximumBitrate: 1_000_000)
      let source = try SourceFactory.open(VideoConfiguration(source: name, limits: limits))
      let end = NIODeadline.now() + settlingTime
      var picture: TerminalPicture?
      for count in 1...settlingFrames {
        let isLast = count == settlingFrames || source.timeline == .media || NIODeadline.now() >= end
        let isThere: Void? = try? source.nextFrame { frame in
          if isLast, source.hasSignal { picture = TerminalPicture(frame, columns: columns) }
        }
        if isLast || isThere == nil { break }
      }
      return .success(picture)
    } catch {
      return .failure(error)
    }
  }
}
