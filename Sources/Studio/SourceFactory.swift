import Capture
import NIOCore
import Video

/// Makes a source of pictures of what SOURCE says. Everything that can be wrong with it is thrown here.
package enum SourceFactory {
  /// - Parameter onDetail: called with what helps whoever looks into the behaviour of the source.
  package static func open(
    _ configuration: VideoConfiguration, onDetail: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(CaptureError) -> any VideoSource {
    let name = configuration.source
    let size = configuration.size.map { ($0.width, $0.height) }
    let frameRate = configuration.frameRate.map { FrameRate(Int32($0)) }
    let orientation = configuration.orientation
    let isPattern = TestPatternSpecification.isPattern(name)
    let isCamera = CameraFinder.isCamera(name)
    guard configuration.controls.isEmpty || isCamera else {
      throw .invalidControl("\(name) is no camera")
    }
    if isCamera {
      return try CameraFinder.open(
        name,
        options: .init(
          size: configuration.size, frameRate: frameRate, orientation: orientation, controls: configuration.controls,
          onDetail: onDetail))
    }
    if name == PipeSource.name {
      return try PipeSource(options: .init(size: size, frameRate: frameRate, orientation: orientation))
    }
    if isPattern {
      guard orientation == .upright else { throw .invalidPattern("--rotate and --flip are for cameras and files") }
      var specification = try TestPatternSpecification(parsing: name)
      if let size = configuration.size {
        specification.format.width = size.width
        specification.format.height = size.height
      }
      if let frameRate { specification.format.frameRate = frameRate }
      return TestPattern(specification)
    }
    let options = FileSource.Options(
      size: size, maximumFrameRate: frameRate, loops: configuration.loops, orientation: orientation)
    // Raw pictures need no FFmpeg, whose loading alone costs 26 MB.
    if let source = try Y4MSource(path: name, options: options) { return source }
    return try FileSource(path: name, options: options)
  }
}
