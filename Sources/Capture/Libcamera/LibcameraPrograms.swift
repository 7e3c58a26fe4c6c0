import Glibc

/// The programs of rpicam-apps, which turn the data of a Raspberry Pi's ribbon cameras into pictures. Before Debian 12
/// their names began with `libcamera`.
struct LibcameraPrograms: Sendable {
  /// The path of `rpicam-vid`, which writes pictures; nil if it is not installed.
  var video: String?
  /// The path of `rpicam-hello`, which lists the cameras; nil if it is not installed.
  var hello: String?
  /// What the programs get of this program's environment: no password is among it.
  var environment: [String: String] = [:]

  private static let usualPath = "/usr/local/bin:/usr/bin:/bin"
  /// Those of libcamera (`LIBCAMERA_LOG_LEVELS` …) besides.
  private static let passedVariables = ["PATH", "HOME", "LD_LIBRARY_PATH"]

  /// There is none.
  init() {}

  /// - Parameter variables: the environment in which they are looked for.
  init(in variables: [String: String]) {
    let folders = (variables["PATH"] ?? Self.usualPath).split(separator: ":").filter { $0.hasPrefix("/") }
    func find(_ name: String) -> String? {
      ["rpicam-\(name)", "libcamera-\(name)"].lazy.flatMap { name in folders.lazy.map { "\($0)/\(name)" } }
        .first { access($0, X_OK) == 0 }
    }
    video = find("vid")
    hello = find("hello")
    environment = variables.filter { Self.passedVariables.contains($0.key) || $0.key.hasPrefix("LIBCAMERA_") }
    environment["LC_ALL"] = "C"
  }

  /// The programs that are installed.
  static func installed() -> LibcameraPrograms {
    var variables: [String: String] = [:]
    var next = environ
    while let entry = next.pointee {
      let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
      next += 1
    }
    return LibcameraPrograms(in: variables)
  }
}
