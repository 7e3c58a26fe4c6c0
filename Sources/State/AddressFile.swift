import Glibc
import XMPP

/// A file of one bare JID a line, for what is to be known again at the next start.
package struct AddressFile: Sendable {
  /// The most addresses, as many as a roster may have.
  package static let limit = Roster.limit
  private static let byteLimit = 8 << 20

  /// There is a file, and what it has is not known.
  package struct Unreadable: Error, Equatable, CustomStringConvertible {
    package let path: String
    package let cause: String

    fileprivate init(_ path: String, _ code: CInt) {
      self.path = path
      cause = String(cString: strerror(code))
    }

    package var description: String { "\(path): \(cause)" }
  }

  package let path: String

  package init(path: String) {
    self.path = path
  }

  /// None if there is no such file. One that cannot be read is never taken for an empty one: whoever believed it would
  /// write the file anew without those whom it has.
  package func read() throws(Unreadable) -> Set<JID> {
    guard let file = fopen(path, "re") else {
      let code = errno
      guard code == ENOENT else { throw Unreadable(path, code) }
      return []
    }
    defer { fclose(file) }
    var bytes = [UInt8]()
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
      bytes += chunk[..<count]
      guard bytes.count <= Self.byteLimit else { throw Unreadable(path, EFBIG) }
    }
    let code = errno
    guard ferror(file) == 0 else { throw Unreadable(path, code) }
    let lines = bytes.split(separator: UInt8(ascii: "\n")).prefix(Self.limit)
    return Set(lines.compactMap { try? JID(String(decoding: $0, as: UTF8.self)).bare })
  }

  /// Writes the file as a whole or not at all.
  ///
  /// - Returns: what went wrong; nil where nothing did.
  package func write(_ jids: Set<JID>) -> String? {
    makeDirectories()
    let new = path + ".new"
    let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0, let file = fdopen(descriptor, "w") else { return String(cString: strerror(errno)) }
    // Onto the disk before the name is: after a power cut there is the former file or this one.
    let isWritten =
      jids.map(\.description).sorted().allSatisfy { fputs($0 + "\n", file) >= 0 } && fflush(file) == 0
      && fsync(descriptor) == 0
    guard fclose(file) == 0, isWritten, rename(new, path) == 0 else { return String(cString: strerror(errno)) }
    return nil
  }

  /// "If, when attempting to write a file, the destination directory is non-existent an attempt should be made to create
  /// it with permission 0700" (XDG Base Directory Specification). What fails here fails when the file is opened.
  private func makeDirectories() {
    var end = path.startIndex
    while let slash = path[end...].dropFirst().firstIndex(of: "/") {
      mkdir(String(path[..<slash]), 0o700)
      end = slash
    }
  }
}
