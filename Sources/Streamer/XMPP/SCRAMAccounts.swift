import Glibc
import Synchronization
import XMPP

/// The accounts that have logged in by SCRAM. A server that offers one of them PLAIN alone would be handed the password:
/// whoever has got hold of its certificate needs no more than to strike SCRAM from the list (RFC 4422 section 6.1.2).
///
/// They are remembered while the process runs, and by a service with a state directory (systemd.exec(5)) for good.
final class SCRAMAccounts: Sendable {
  /// Of this process.
  static let known = SCRAMAccounts(
    directory: getenv("STATE_DIRECTORY").flatMap { String(cString: $0).split(separator: ":").first.map(String.init) })

  /// A line is a JID, and a camera has one account.
  private static let maximumSize = 64 * 1024

  private let accounts: Mutex<Set<JID>>
  private let file: String?

  init(directory: String?) {
    file = directory.map { $0 + "/scram-accounts" }
    let lines = file.map(Self.read)?.split(separator: UInt8(ascii: "\n")) ?? []
    accounts = Mutex(Set(lines.compactMap { try? JID(String(decoding: $0, as: UTF8.self)) }))
  }

  /// Nothing where there is no such file yet.
  private static func read(_ file: String) -> [UInt8] {
    guard let stream = fopen(file, "re") else { return [] }
    defer { fclose(stream) }
    return Array(unsafeUninitializedCapacity: maximumSize) { buffer, count in
      count = fread(buffer.baseAddress!, 1, buffer.count, stream)
    }
  }

  func contains(_ account: JID) -> Bool {
    accounts.withLock { $0.contains(account.bare) }
  }

  /// Where it cannot be written, it is remembered while the process runs.
  func insert(_ account: JID) {
    guard accounts.withLock({ $0.insert(account.bare).inserted }), let file else { return }
    guard let stream = fopen(file, "ae") else { return }
    fputs("\(account.bare)\n", stream)
    fclose(stream)
  }

  /// What an administrator does whose server has no SCRAM any more.
  var cure: String {
    file.map { "remove \($0) and restart jinglecam" } ?? "restart jinglecam"
  }
}
