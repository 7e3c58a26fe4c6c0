import Capture
import NIOCore
import Video

/// Makes a source of pictures of what SOURCE says. Everything that can be wrong with it is thrown here.
package enum SourceFactory {
  /// - Parameters:
  ///   - onPause: called with the reason when opening the source has to wait for somebody; `nil` if nobody is there to
  ///     be told, so that the wait is limited.
  ///   - onDetail: called with what helps whoever looks into the behaviour of the source.
  package static func open(
    _ configuration: VideoConfiguration, onPause: (@Sendable (String) -> Void)? = nil,
    onDetail: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(CaptureError) -> any VideoSource {
    let name = configuration.source
    let size = configuration.size
    let frameRate = configuration.frameRate.map { FrameRate(Int32($0)) }
    let orientation = configuration.orientation
    let isPattern = TestPatternSpecification.isPattern(name)
    let isCamera = CameraFinder.isCamera(name)
    guard configuration.controls.isEmpty || isCamera else {
      throw .invalidControl("\(NetworkAddress.shown(name)) is not a camera")
    }
    if isCamera {
      return try CameraFinder.open(
        name,
        options: .init(
          size: size, frameRate: frameRate, orientation: orientation, controls: configuration.controls,
          onDetail: onDetail))
    }
    if PipeSource.isPipe(name) {
      return try PipeSource.open(
        path: name == PipeSource.name ? nil : name,
        options: .init(size: size, frameRate: frameRate, stride: configuration.stride, orientation: orientation),
        onPause: onPause)
    }
    if isPattern {
      guard orientation == .upright else { throw .invalidPattern("--rotate and --flip are for cameras and files") }
      var specification = try TestPatternSpecification(parsing: name)
      if let size {
        specification.format.width = size.width
        specification.format.height = size.height
      }
      if let frameRate { specification.format.frameRate = frameRate }
      return TestPattern(specification)
    }
    let options = FileSource.Options(
      size: size, maximumFrameRate: frameRate, loops: configuration.loops, orientation: orientation)
    if let address = NetworkAddress(name) { return try LiveSource.open(address, options: options) }
    if let refusal = NetworkAddress.refusal(of: name) { throw refusal }
    // Raw pictures need no FFmpeg, whose loading alone costs 26 MB.
    if let source = try Y4MSource(path: name, options: options) { return source }
    return try FileSource(path: name, options: options)
  }

  /// Whether the source is a file, which alone has sound of its own that is played.
  package static func isFile(_ name: String) -> Bool {
    !CameraFinder.isCamera(name) && !PipeSource.isPipe(name) && !TestPatternSpecification.isPattern(name)
      && NetworkAddress(name) == nil
  }
}
