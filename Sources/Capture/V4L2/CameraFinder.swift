/// Resolves SOURCE to a node: a path, the name of a link in `/dev/v4l/by-id`, or `camera` for the first camera that
/// provides a picture.
package enum CameraFinder {
  package static let anyCamera = "camera"

  /// Whether SOURCE names a camera and not a file.
  package static func isCamera(_ source: String) -> Bool {
    isCamera(source, in: DeviceDirectory())
  }

  static func isCamera(_ source: String, in directory: DeviceDirectory) -> Bool {
    source == anyCamera || LibcameraCamera.isName(source) || directory.path(of: source) != nil
  }

  /// Whether SOURCE is the name that udev gives a camera, which need not be plugged in.
  static func isStableName(_ source: String) -> Bool { source.contains(/-video-index[0-9]+$/) }

  /// The path of the node that SOURCE names; nil if it is no camera, or the first one.
  package static func path(of source: String) -> String? { DeviceDirectory().path(of: source) }

  /// The node that SOURCE names, by the path that links to it resolve to; for `camera` the one that is tried first. Nil if
  /// it is no camera. It looks at nodes and takes no picture.
  package static func node(of source: String) -> String? {
    let directory = DeviceDirectory()
    let path =
      source == anyCamera ? CameraCandidate.all(in: directory).candidates.first?.path : directory.path(of: source)
    return path.flatMap(RealPath.of)
  }

  /// Opens the camera that SOURCE names.
  ///
  /// - Throws: `CaptureError`.
  package static func open(_ source: String, options: CameraSource.Options) throws(CaptureError) -> any VideoSource {
    try open(source, options: options, in: DeviceDirectory(), through: .installed())
  }

  static func open(
    _ source: String, options: CameraSource.Options, in directory: DeviceDirectory
  ) throws(CaptureError) -> CameraSource {
    guard source == anyCamera else {
      return try CameraSource(path: directory.path(of: source) ?? source, options: options, in: directory)
    }
    return try openFirst(options, in: directory)
  }

  /// The path of the camera of `cameras` that the SOURCE `camera` selects now; nil if none can be opened.
  package static func firstChoice(of cameras: [CameraDescription]) -> String? {
    firstChoice(in: DeviceDirectory()) ?? cameras.map(\.path).first(where: LibcameraCamera.isName)
  }

  static func firstChoice(in directory: DeviceDirectory, options: CameraSource.Options = .init()) -> String? {
    (try? openFirst(options, in: directory))?.mode.path
  }

  /// Opens one camera at a time, since two at once may exceed the bandwidth of a bus. If none provides a picture,
  /// returns the first that can be opened.
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
        // If a camera's picture is unavailable, that of its other sensors is of no use.
        candidates.removeAll { $0.bus == candidate.bus && $0.kind == .sensor && candidate.kind < .sensor }
      }
    }
    if let silent { return try CameraSource(path: silent, options: options, in: directory) }
    throw closest ?? .noCamera
  }
}
