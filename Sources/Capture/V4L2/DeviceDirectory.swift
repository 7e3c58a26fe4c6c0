/// The directory of the video nodes, with the stable names of cameras.
struct DeviceDirectory: Sendable {
  private let root: String

  /// - Parameter root: a directory to be used instead of `/dev` in tests.
  init(root: String = "/dev") {
    self.root = root
  }

  /// The paths `/dev/video0`, `/dev/video1`, …, in the order of their numbers.
  func nodes() -> [String] {
    Directory.entries(of: root)
      .compactMap { name in name.hasPrefix("video") ? Int(name.dropFirst("video".count)) : nil }
      .sorted()
      .map { "\(root)/video\($0)" }
  }

  /// Returns the path that SOURCE names, itself a path or the name of a link in `v4l/by-id`; nil if it is neither.
  func path(of source: String) -> String? {
    if source.hasPrefix("\(root)/") { return source }
    guard !source.contains("/") else { return nil }
    let link = "\(root)/\(Self.stableFolders[0])/\(source)"
    return Directory.link(link) == nil ? nil : link
  }

  /// Returns the link by which the node is found again after it was unplugged, since its number may change; nil if udev
  /// has made none.
  func stablePath(of path: String) -> String? {
    guard let node = RealPath.of(path) else { return nil }
    for folder in Self.stableFolders {
      let links = Directory.entries(of: "\(root)/\(folder)").sorted().map { "\(root)/\(folder)/\($0)" }
      if let link = links.first(where: { RealPath.of($0) == node }) { return link }
    }
    return nil
  }

  /// The directories of stable links: by the camera's own name before the socket that it is plugged into.
  private static let stableFolders = ["v4l/by-id", "v4l/by-path"]
}
