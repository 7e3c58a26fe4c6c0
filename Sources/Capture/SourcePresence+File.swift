import Glibc

extension SourcePresence {
  /// Throws if the source names a file that is not there, which is a mistake of who named it. A camera may come later, as
  /// may what is somewhere else.
  package static func requireFile(_ source: String) throws(CaptureError) {
    guard !CameraFinder.isCamera(source), source != PipeSource.name, NetworkAddress(source) == nil,
      !TestPatternSpecification.isPattern(source), !CameraFinder.isStableName(source)
    else { return }
    guard access(FileName.bytes(of: source), F_OK) != 0 else { return }
    throw .noSuchFile(path: source, reason: String(cString: strerror(errno)))
  }
}
