import Glibc
import Yams

/// The file of `jinglecam serve --config` (YAML): the options by their names, and who may watch.
package enum ConfigurationFile {
  /// Longer is no configuration.
  private static let limit = 256 * 1024

  package static func read(_ path: String) throws(CommandError) -> ServeSettings {
    try parse(try text(of: path), path: path)
  }

  private static func text(of path: String) throws(CommandError) -> String {
    guard let file = fopen(path, "re") else {
      throw CommandError("cannot read \(path): \(String(cString: strerror(errno)))", .noInput)
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: limit + 1)
    let count = fread(&bytes, 1, bytes.count, file)
    guard count <= limit, let text = String(validating: bytes[..<count], as: UTF8.self) else {
      throw CommandError("\(path) is no configuration: it is too long, or no text", .configuration)
    }
    return text
  }

  static func parse(_ text: String, path: String) throws(CommandError) -> ServeSettings {
    let root: Node?
    do {
      root = try compose(yaml: text)
    } catch let error as YamlError {
      throw CommandError(Self.described(error, path: path), .configuration)
    } catch {
      throw CommandError("\(path) cannot be read as YAML", .configuration)
    }
    guard let root else { return ServeSettings() }
    return try ConfigurationReader(path: path).settings(root)
  }

  private static func described(_ error: YamlError, path: String) -> String {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "\(path):\(mark.line): \(problem)"
    case .duplicatedKeysInMapping: "\(path): a key is there twice"
    default: "\(path) cannot be read as YAML"
    }
  }
}
