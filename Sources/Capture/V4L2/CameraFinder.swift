/// From what SOURCE says to a node: a path, the name of a link in `/dev/v4l/by-id`, or `camera` for the first that gives a
/// picture.
package enum CameraFinder {
  package static let anyCamera = "camera"

  /// Whether SOURCE means a camera and not a file.
  package static func isCamera(_ source: String) -> Bool {
    source == anyCamera || DeviceDirectory().path(of: source) != nil
  }

  /// Opens what SOURCE means.
  package static func open(_ source: String, options: CameraSource.Options) throws(CaptureError) -> CameraSource {
    try open(source, options: options, in: DeviceDirectory())
  }

  static func open(
    _ source: String, options: CameraSource.Options, in directory: DeviceDirectory
  ) throws(CaptureError) -> CameraSource {
    guard source == anyCamera else {
      return try CameraSource(path: directory.path(of: source) ?? source, options: options, in: directory)
    }
    return try openFirst(options, in: directory)
  }

  /// The path of the node that SOURCE `camera` means now; `nil` where none can be opened.
  package static func firstChoice() -> String? {
    firstChoice(in: DeviceDirectory())
  }

  static func firstChoice(in directory: DeviceDirectory, options: CameraSource.Options = .init()) -> String? {
    (try? openFirst(options, in: directory))?.mode.path
  }

  /// One after the other: two cameras at once may be more than a bus carries. Where none gives a picture, the first that
  /// can be opened.
  private static func openFirst(
    _ options: CameraSource.Options, in directory: DeviceDirectory
  ) throws(CaptureError) -> CameraSource {
    var (candidates, closest) = CameraCandidate.all(in: directory)
    var silent: String?
    while !candidates.isEmpty {
      let candidate = candidates.removeFirst()
      do throws(CaptureError) {
        let camera = try CameraSource(path: candidate.path, options: options, in: directory)
        if candidates.isEmpty && silent == nil || camera.givesPicture() { return camera }
        silent = silent ?? candidate.path
      } catch {
        closest = closest ?? error
        // Whoever cannot have a camera's picture has no use for what its other sensors see.
        candidates.removeAll { $0.bus == candidate.bus && $0.kind == .sensor && candidate.kind < .sensor }
      }
    }
    if let silent { return try CameraSource(path: silent, options: options, in: directory) }
    throw closest ?? .noCamera
  }
}
