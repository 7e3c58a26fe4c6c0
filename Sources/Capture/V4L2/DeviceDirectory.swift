/// Where the system lists its video nodes, and under which names they can be found again.
struct DeviceDirectory: Sendable {
  private let root: String

  /// - `root`: another folder than `/dev` for tests.
  init(root: String = "/dev") {
    self.root = root
  }

  /// `/dev/video0`, `/dev/video1`, …, in the order of their numbers.
  func nodes() -> [String] {
    Directory.entries(of: root)
      .compactMap { name in name.hasPrefix("video") ? Int(name.dropFirst("video".count)) : nil }
      .sorted()
      .map { "\(root)/video\($0)" }
  }

  /// What SOURCE says as a path: itself, or the name of a link in `v4l/by-id`.
  func path(of source: String) -> String? {
    if source.hasPrefix("\(root)/") { return source }
    guard !source.contains("/") else { return nil }
    let link = "\(root)/\(Self.stableFolders[0])/\(source)"
    return Directory.link(link) == nil ? nil : link
  }

  /// The name by which the node is found again after it was unplugged: numbers change, these links do not. `nil` where
  /// udev made none.
  func stablePath(of path: String) -> String? {
    guard let node = RealPath.of(path) else { return nil }
    for folder in Self.stableFolders {
      let links = Directory.entries(of: "\(root)/\(folder)").sorted().map { "\(root)/\(folder)/\($0)" }
      if let link = links.first(where: { RealPath.of($0) == node }) { return link }
    }
    return nil
  }

  /// The camera's own name before the socket that it is plugged into.
  private static let stableFolders = ["v4l/by-id", "v4l/by-path"]
}
