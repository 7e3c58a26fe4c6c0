import State
import XMPP

/// The people who were allowed by chat, and the admin who paired: two files of the state directory, an address a line, for
/// each account.
package struct PeopleFile: Sendable {
  private let files: [(role: AccessList.Role, file: AddressFile)]

  /// - Parameter directory: nil if nothing can be kept.
  package init(of account: JID, in directory: String?) {
    // No bare JID has a slash.
    files = AccessList.Role.allCases.compactMap { role in
      directory.map { (role, AddressFile(path: "\($0)/\(role.rawValue)s-of-\(account.bare)")) }
    }
  }

  /// All of them or none: without the admins' file, an admin would count as a viewer.
  package func read() throws(AddressFile.Unreadable) -> [JID: AccessList.Role] {
    var people: [JID: AccessList.Role] = [:]
    for (role, file) in files {
      // A domain would be everybody there.
      for jid in try file.read() where jid.local != nil { people[jid] = max(role, people[jid] ?? role) }
    }
    return people
  }

  /// A file that cannot be read is left as it is.
  ///
  /// - Returns: what went wrong; nil if nothing did.
  package func write(_ people: [JID: AccessList.Role]) -> String? {
    guard !files.isEmpty else { return "there is no directory for it" }
    // Without stopping at the first that fails.
    return files.compactMap { role, file in
      let jids = Set(people.filter { $0.value == role }.keys)
      do throws(AddressFile.Unreadable) {
        return try jids == file.read() ? nil : file.write(jids).map { "\(file.path): \($0)" }
      } catch {
        return "\(error)"
      }
    }.first
  }
}
