import Glibc

/// Where a program that runs can be asked how it is doing.
package enum RuntimeDirectory {
  /// The directory that systemd made for the service (systemd.exec(5), RuntimeDirectory), else the user's (XDG Base
  /// Directory Specification); nil if there is neither, as for root without a service.
  package static var path: String? { path(in: environment) }

  /// Where the socket of a service may be, in the order in which it is looked for.
  ///
  /// - Parameter instance: of `jinglecam@INSTANCE.service`; nil: one's own program, then `jinglecam.service`.
  package static func candidates(instance: String?) -> [String] { candidates(instance: instance, in: environment) }

  /// Of `jinglecam.service`, or of `jinglecam@INSTANCE.service`.
  package static func ofService(instance: String?) -> String { "/run/jinglecam" + (instance.map { "-\($0)" } ?? "") }

  private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  static func path(in environment: (String) -> String?) -> String? {
    // Of several, by colons, the first is ours: the unit names one.
    if let directory = environment("RUNTIME_DIRECTORY")?.split(separator: ":").first { return String(directory) }
    return ofUser(in: environment)
  }

  static func candidates(instance: String?, in environment: (String) -> String?) -> [String] {
    let service = ofService(instance: instance)
    return instance == nil ? [ofUser(in: environment), service].compactMap { $0 } : [service]
  }

  private static func ofUser(in environment: (String) -> String?) -> String? {
    // "All paths set in these environment variables must be absolute"; others count as unset.
    environment("XDG_RUNTIME_DIR").flatMap { $0.hasPrefix("/") ? "\($0)/jinglecam" : nil }
  }
}
