import Glibc

/// The bytes of a file's name, which Linux does not require to be text.
enum FileName {
  /// The null-terminated bytes of `name` for a system call. If a command-line argument is not valid UTF-8, a `String` has
  /// only a repaired copy of it, and the original bytes are read from the arguments.
  static func bytes(of name: String) -> [CChar] {
    guard name.unicodeScalars.contains("\u{fffd}") else { return Array(name.utf8CString) }
    for index in 0..<Int(CommandLine.argc) {
      guard let argument = CommandLine.unsafeArgv[index], String(cString: argument) == name else { continue }
      return Array(UnsafeBufferPointer(start: argument, count: strlen(argument) + 1))
    }
    return Array(name.utf8CString)
  }

  /// The part of a path behind its last slash.
  static func last(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}
