import Glibc

/// Where a program keeps what it has to know again at its next start.
enum StateDirectory {
  /// The directory that systemd made (systemd.exec(5), StateDirectory), else that of the user (XDG Base Directory
  /// Specification); nil where there is neither, as for a user without a home.
  static var path: String? { path { name in getenv(name).map { String(cString: $0) } } }

  static func path(in environment: (String) -> String?) -> String? {
    // Of several, by colons, the first is ours: the unit names one.
    if let directory = environment("STATE_DIRECTORY")?.split(separator: ":").first { return String(directory) }
    let base = environment("XDG_STATE_HOME") ?? ""
    // "All paths set in these environment variables must be absolute"; others count as unset.
    if base.hasPrefix("/") { return base + "/jinglecam" }
    guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
    return home + "/.local/state/jinglecam"
  }
}
