import Glibc

/// The group and the process that may keep a user from opening a camera, as far as the system tells.
enum DeviceOwnership {
  /// Returns the group that may open the node (on Debian `video`).
  static func group(of path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0, let entry = getgrgid(status.st_gid) else { return nil }
    return String(cString: entry.pointee.gr_name)
  }

  /// Returns the other program that has the node open, as `name (process N)`; nil if none is visible to us.
  static func holder(of path: String) -> String? {
    guard let node = RealPath.of(path) else { return nil }
    for process in Directory.entries(of: "/proc").compactMap({ Int32($0) }) where process != getpid() {
      if has("\(process)", open: node) { return "\(name(of: process)) (process \(process))" }
    }
    return nil
  }

  /// Whether this program has the node open.
  static func isOpenHere(_ path: String) -> Bool {
    RealPath.of(path).map { has("self", open: $0) } ?? false
  }

  private static func has(_ process: String, open node: String) -> Bool {
    let descriptors = "/proc/\(process)/fd"
    return Directory.entries(of: descriptors).contains { Directory.link("\(descriptors)/\($0)") == node }
  }

  private static func name(of process: Int32) -> String {
    guard let file = fopen("/proc/\(process)/comm", "re") else { return "another program" }
    defer { fclose(file) }
    var line = [UInt8](repeating: 0, count: 64)
    let count = fread(&line, 1, line.count, file)
    return String(decoding: line[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}
