import Settings
import State

/// The files and the unit of one camera.
package struct SetupPaths: Equatable, Sendable {
  package let settings: String
  package let password: String
  /// nil: the files are not where a unit looks for them.
  package let unit: String?
  /// Where the unit that runs can be asked how it is doing; nil if there is none.
  let runtimeDirectory: String?
  /// The directory that a path may be relative to.
  private let current: String

  private static let directory = "/etc/jinglecam"

  /// - Parameters:
  ///   - config: another file for the settings; the password is beside it.
  ///   - instance: the name of one of several cameras, whose unit is `jinglecam@NAME`.
  ///   - current: the directory that a path may be relative to. The settings name files, and need not be used where they
  ///     were written.
  package init(config: String?, instance: String?, in current: String = "") throws(SettingError) {
    self.current = current
    if let config = config.map({ Self.absolute($0, in: current) }) {
      guard instance == nil else {
        throw SettingError("--instance and --config name two places", cure: "give one of them", .usage)
      }
      let (directory, name) = Self.split(config)
      let stem = name.hasSuffix(".yaml") ? String(name.dropLast(5)) : name
      settings = config
      let isOfService = directory == Self.directory + "/" && stem == "jinglecam"
      password = directory + (isOfService ? "password" : stem + ".password")
      guard directory == Self.directory + "/", name.hasSuffix(".yaml") else {
        (unit, runtimeDirectory) = (nil, nil)
        return
      }
      (unit, runtimeDirectory) = Self.service(isOfService ? nil : stem)
      return
    }
    guard let instance else {
      settings = Self.directory + "/jinglecam.yaml"
      password = Self.directory + "/password"
      (unit, runtimeDirectory) = Self.service(nil)
      return
    }
    // What an instance of a unit and a file may both be called (systemd.unit(5)), without escapes.
    guard instance.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}/) != nil, instance != "jinglecam" else {
      throw SettingError(
        of: .option("instance"), "'\(instance)' cannot be the name of a service",
        cure: "take letters, digits, - and _", .usage)
    }
    settings = "\(Self.directory)/\(instance).yaml"
    password = "\(Self.directory)/\(instance).password"
    (unit, runtimeDirectory) = Self.service(instance)
  }

  private static func service(_ instance: String?) -> (unit: String, runtimeDirectory: String) {
    (instance.map { "jinglecam@\($0).service" } ?? "jinglecam.service", RuntimeDirectory.ofService(instance: instance))
  }

  /// The directory of the files, which ends with a slash unless it is the current one.
  package var directory: String { Self.split(settings).directory }

  /// A path that is not relative.
  func absolute(_ path: String) -> String { Self.absolute(path, in: current) }

  private static func absolute(_ path: String, in current: String) -> String {
    path.hasPrefix("/") || current.isEmpty ? path : "\(current)/\(path)"
  }

  private static func split(_ path: String) -> (directory: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return ("", path) }
    return (String(path[...slash]), String(path[path.index(after: slash)...]))
  }
}
