import Glibc
import Logging
import XMPP

/// The contacts that have the account's presence because the camera let them have it: they alone may lose it again. Their
/// names outlast a restart, in a file of one bare JID a line.
actor ApprovedSubscribers {
  /// As many as a roster may have.
  private static let limit = Roster.limit
  private static let fileLimit = 8 << 20

  /// Nil: the names are known until the program ends.
  private let path: String?
  private let logger: Logger
  private var approved: Set<JID>?
  private var hasWarned = false

  init(of account: JID, in directory: String?, logger: Logger) {
    // No bare JID has a slash.
    path = directory.map { "\($0)/subscribers-of-\(account.bare)" }
    self.logger = logger
  }

  var all: Set<JID> {
    if let approved { return approved }
    let read = path.map(read) ?? []
    approved = read
    return read
  }

  func insert(_ jids: Set<JID>) { replace(by: all.union(jids.map(\.bare))) }

  func remove(_ jids: Set<JID>) { replace(by: all.subtracting(jids)) }

  private func replace(by new: Set<JID>) {
    guard new != all, new.count <= Self.limit else { return }
    approved = new
    guard let path, let cause = write(new, to: path), !hasWarned else { return }
    hasWarned = true
    logger.warning("who was let in cannot be kept", metadata: ["file": "\(path)", "cause": "\(cause)"])
  }

  // MARK: The file

  private func read(_ path: String) -> Set<JID> {
    guard let file = fopen(path, "re") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8]()
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while bytes.count < Self.fileLimit, case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
      bytes += chunk[..<count]
    }
    let lines = bytes.split(separator: UInt8(ascii: "\n")).prefix(Self.limit)
    return Set(lines.compactMap { try? JID(String(decoding: $0, as: UTF8.self)).bare })
  }

  /// As a whole or not at all; answers what went wrong.
  private func write(_ jids: Set<JID>, to path: String) -> String? {
    Self.makeDirectories(above: path)
    let new = path + ".new"
    let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0, let file = fdopen(descriptor, "w") else { return String(cString: strerror(errno)) }
    let isWritten = jids.map(\.description).sorted().allSatisfy { fputs($0 + "\n", file) >= 0 }
    guard fclose(file) == 0, isWritten, rename(new, path) == 0 else { return String(cString: strerror(errno)) }
    return nil
  }

  /// "If, when attempting to write a file, the destination directory is non-existent an attempt should be made to create
  /// it with permission 0700" (XDG Base Directory Specification). What fails here fails when the file is opened.
  private static func makeDirectories(above path: String) {
    var end = path.startIndex
    while let slash = path[end...].dropFirst().firstIndex(of: "/") {
      mkdir(String(path[..<slash]), 0o700)
      end = slash
    }
  }
}
