/// From what SOURCE says to a node: a path, the name of a link in `/dev/v4l/by-id`, or `camera` for the first that works.
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
    // What is said of a camera that was found and does not work helps more than that there is none.
    var closest: CaptureError?
    for path in directory.nodes() {
      do throws(CaptureError) {
        guard try !V4L2Device(path: path).capabilities.isImageProcessor else { continue }
        return try CameraSource(path: path, options: options, in: directory)
      } catch {
        if case .notCamera = error { continue }
        closest = closest ?? error
      }
    }
    throw closest ?? .noCamera
  }
}
