import Glibc

/// Whether the source that SOURCE names is present. Cameras are queried only after nodes were added, removed or
/// changed, and are never made to stream.
package struct SourcePresence: Sendable {
  private struct Node: Equatable, Sendable {
    let path: String
    private let inode: UInt
    /// The time of the last change, also of the permissions, which udev sets shortly after the node is created.
    private let changed: [Int]

    init?(path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      self.path = path
      inode = status.st_ino
      changed = [status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
    }
  }

  package let source: String
  private let directory: DeviceDirectory
  private let programs: LibcameraPrograms
  private var nodes: [Node]?
  /// Whether the source is present, which is assumed before the first check.
  package private(set) var isPresent = true

  package init(_ source: String) {
    self.init(source, in: DeviceDirectory(), through: .installed())
  }

  init(_ source: String, in directory: DeviceDirectory, through programs: LibcameraPrograms = .init()) {
    self.source = source
    self.programs = programs
    self.directory = directory
  }

  /// Checks the source. This must not run on the event loop, since drivers may be slow.
  package mutating func check() {
    // Whether a source on the network answers is seen when somebody wants to see it.
    let isElsewhere = source == PipeSource.name || NetworkAddress(source) != nil
    guard !TestPatternSpecification.isPattern(source), !isElsewhere else {
      isPresent = true
      return
    }
    let isRibbon = LibcameraCamera.isName(source)
    let device = directory.path(of: source)
    guard source == CameraFinder.anyCamera || device != nil || isRibbon else {
      nodes = nil
      isPresent = access(FileName.bytes(of: source), F_OK) == 0
      return
    }
    let nodes = (device.map { [$0] } ?? directory.nodes()).compactMap(Node.init)
    guard nodes != self.nodes else { return }
    self.nodes = nodes
    isPresent = !isRibbon && nodes.contains { Self.isCamera($0.path) } || device == nil && hasRibbonCamera
  }

  private var hasRibbonCamera: Bool {
    programs.cameras().contains { source == CameraFinder.anyCamera || $0.name == source }
  }

  private static func isCamera(_ path: String) -> Bool {
    do throws(CaptureError) {
      let device = try V4L2Device(path: path)
      try device.requireCapture()
      return !device.capabilities.isImageProcessor
    } catch {
      // A camera that another program uses is present.
      if case .cameraBusy = error { return true }
      return false
    }
  }
}
