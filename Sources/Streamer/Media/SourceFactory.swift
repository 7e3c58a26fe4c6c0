import Capture
import NIOCore
import Video

/// From what SOURCE says to something that gives pictures; everything that can be wrong with it shows here.
enum SourceFactory {
  static func open(_ configuration: StreamConfiguration) throws(CommandError) -> any VideoSource {
    do throws(CaptureError) {
      guard TestPatternSpecification.isPattern(configuration.source) else {
        return try openFile(configuration)
      }
      var specification = try TestPatternSpecification(parsing: configuration.source)
      if let size = configuration.size {
        specification.format.width = size.width
        specification.format.height = size.height
      }
      if let rate = configuration.frameRate {
        specification.format.frameRate = FrameRate(Int32(rate))
      }
      return TestPattern(specification)
    } catch {
      throw CommandError(error.description, status(of: error))
    }
  }

  private static func openFile(_ configuration: StreamConfiguration) throws(CaptureError) -> any VideoSource {
    let options = FileSource.Options(
      size: configuration.size.map { ($0.width, $0.height) },
      maximumFrameRate: configuration.frameRate.map { FrameRate(Int32($0)) }, loops: configuration.loops)
    // Raw pictures need no FFmpeg, whose loading alone costs 26 MB.
    if let source = try Y4MSource(path: configuration.source, options: options) { return source }
    return try FileSource(path: configuration.source, options: options)
  }

  private static func status(of error: CaptureError) -> ExitStatus {
    switch error {
    case .noSuchFile: .noInput
    case .notVideo, .unsupported: .dataError
    case .invalidPattern: .usage
    case .missingLibrary: .unavailable
    }
  }
}
