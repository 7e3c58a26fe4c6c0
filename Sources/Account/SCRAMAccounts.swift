import State
import Synchronization
import XMPP

/// The accounts that have logged in by SCRAM. A server that offers one of them PLAIN alone would be handed the password:
/// whoever has got hold of its certificate needs no more than to strike SCRAM from the list (RFC 4422 section 6.1.2).
///
/// They are remembered while the process runs, and by a service with a state directory (systemd.exec(5)) for good.
final class SCRAMAccounts: Sendable {
  /// The accounts of this process.
  static let known = SCRAMAccounts(directory: StateDirectory.ofService)

  private let accounts: Mutex<Set<JID>>
  private let file: AddressFile?

  init(directory: String?) {
    file = directory.map { AddressFile(path: $0 + "/scram-accounts") }
    accounts = Mutex((try? file?.read()) ?? [])
  }

  func contains(_ account: JID) -> Bool {
    accounts.withLock { $0.contains(account.bare) }
  }

  /// If the file cannot be read or written, it is remembered while the process runs.
  ///
  /// - Returns: why the file is not known; nil if it is.
  @discardableResult
  func insert(_ account: JID) -> AddressFile.Unreadable? {
    guard accounts.withLock({ $0.insert(account.bare).inserted }), let file else { return nil }
    do throws(AddressFile.Unreadable) {
      // Another camera of the same service may have written since.
      _ = file.write(try file.read().union([account.bare]))
      return nil
    } catch {
      return error
    }
  }

  /// What an administrator does whose server has no SCRAM any more.
  var cure: String {
    file.map { "remove \($0.path) and restart jinglecam" } ?? "restart jinglecam"
  }
}
