import NIOCore
import Settings
import State
import XMPP

/// The people who were allowed by chat, whom a file remembers, and the code by which the first admin is found while nobody
/// is allowed at all.
struct AllowedPeople: Sendable {
  /// The most people, as many as the file has.
  static let limit = AddressFile.limit

  private(set) var roles: [JID: AccessList.Role]
  var pairing: Pairing?
  /// Tells in the log that the code is of no more use.
  var pairingEnd: Scheduled<Void>?
  /// Why the people of the file are not known, and none are saved; nil if they are known.
  let unreadable: AddressFile.Unreadable?
  private let saver: PeopleSaver
  private var change = 0

  init(in file: PeopleFile) {
    saver = PeopleSaver(file)
    do throws(AddressFile.Unreadable) {
      roles = try file.read()
      unreadable = nil
    } catch {
      roles = [:]
      unreadable = error
    }
  }

  mutating func insert(_ person: JID, as role: AccessList.Role) { roles[person.bare] = role }

  /// - Returns: whether the person was there.
  mutating func remove(_ person: JID) -> Bool { roles.removeValue(forKey: person.bare) != nil }

  /// Returns what keeps the people as they now are, away from the event loop, since disks take their time.
  mutating func save() -> @Sendable () async -> String? {
    // The file may be readable by now, and has people whom we do not know.
    if let unreadable { return { "\(unreadable)" } }
    change += 1
    return { [saver, roles, change] in await saver.save(roles, change) }
  }
}

/// Writes the newest people that it is given, in whichever order they come.
private actor PeopleSaver {
  private let file: PeopleFile
  private var newest = 0

  init(_ file: PeopleFile) {
    self.file = file
  }

  /// - Returns: what went wrong; nil if nothing did.
  func save(_ people: [JID: AccessList.Role], _ change: Int) -> String? {
    guard change > newest else { return nil }
    newest = change
    return file.write(people)
  }
}
