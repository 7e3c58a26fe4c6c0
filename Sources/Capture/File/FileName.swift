import Glibc

/// The bytes of a file's name, which to Linux are no text.
enum FileName {
  /// For a call to the system. Of an argument that is no UTF-8 a `String` has only a repaired copy; the bytes are still among
  /// the arguments.
  static func bytes(of name: String) -> [CChar] {
    guard name.unicodeScalars.contains("\u{fffd}") else { return Array(name.utf8CString) }
    for index in 0..<Int(CommandLine.argc) {
      guard let argument = CommandLine.unsafeArgv[index], String(cString: argument) == name else { continue }
      return Array(UnsafeBufferPointer(start: argument, count: strlen(argument) + 1))
    }
    return Array(name.utf8CString)
  }
}
