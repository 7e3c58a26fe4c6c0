import Glibc

/// The file of `jinglecam serve --config` (YAML): the options by their names, and who may watch.
package enum ConfigurationFile {
  /// The most bytes that a configuration file may have.
  private static let limit = 256 * 1024

  package static func read(_ path: String) throws(SettingError) -> ServeSettings {
    try parse(try text(of: path), path: path)
  }

  package static func text(of path: String) throws(SettingError) -> String {
    func unreadable() -> SettingError {
      SettingError("cannot read \(path): \(String(cString: strerror(errno)))", .noInput)
    }
    guard let file = fopen(path, "re") else { throw unreadable() }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: limit + 1)
    let count = fread(&bytes, 1, bytes.count, file)
    // A directory can be opened.
    guard ferror(file) == 0 else { throw unreadable() }
    guard count <= limit else {
      throw SettingError("\(path) is longer than \(limit / 1024) KiB and not a configuration file", .configuration)
    }
    guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
      let lines = bytes[..<count].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
      throw SettingError("the text is not UTF-8", cure: "save the file as UTF-8", .configuration).at(
        "\(path):\(line + 1)")
    }
    return text
  }

  package static func parse(_ text: String, path: String) throws(SettingError) -> ServeSettings {
    let root: YAMLNode?
    do throws(YAMLNode.ParsingError) {
      root = try YAMLNode(parsing: text)
    } catch {
      throw SettingError(error.problem, cure: error.cure, .configuration).at("\(path):\(error.line)")
    }
    guard let root else {
      var settings = ServeSettings()
      settings.file = path
      return settings
    }
    return try ConfigurationReader(path: path).settings(root)
  }
}
