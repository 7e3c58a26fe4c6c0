import Glibc

/// Where a program keeps what it has to know again at its next start.
package enum StateDirectory {
  /// The service's directory, else the user's (XDG Base Directory Specification); nil where there is neither, as for a
  /// user without a home.
  package static var path: String? { path(in: environment) }

  /// The directories of the services on this computer, and one's own. Those of services root alone can read.
  package static var all: [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob("/var/lib/jinglecam*", GLOB_NOSORT, nil, &found) == 0 else { return [path].compactMap { $0 } }
    let services = (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
    return [path].compactMap { $0 } + services
  }

  /// The directory that systemd made (systemd.exec(5), StateDirectory); nil where no service runs.
  package static var ofService: String? { ofService(in: environment) }

  private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  static func path(in environment: (String) -> String?) -> String? {
    if let directory = ofService(in: environment) { return directory }
    let base = environment("XDG_STATE_HOME") ?? ""
    // "All paths set in these environment variables must be absolute"; others count as unset.
    if base.hasPrefix("/") { return base + "/jinglecam" }
    guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
    return home + "/.local/state/jinglecam"
  }

  private static func ofService(in environment: (String) -> String?) -> String? {
    // Of several, by colons, the first is ours: the unit names one.
    environment("STATE_DIRECTORY")?.split(separator: ":").first.map(String.init)
  }
}
