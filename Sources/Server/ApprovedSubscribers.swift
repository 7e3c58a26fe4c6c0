import Logging
import State
import XMPP

/// The contacts that have the account's presence because the camera let them have it: they alone may lose it again. Their
/// names outlast a restart.
actor ApprovedSubscribers {
  /// Nil: the names are known until the program ends.
  private var file: AddressFile?
  private let logger: Logger
  private var approved: Set<JID>?
  /// Contacts that count as approved until the program ends (``SubscriptionPlan/adopted``).
  private var adopted: Set<JID> = []
  private var hasWarned = false

  init(of account: JID, in directory: String?, logger: Logger) {
    // No bare JID has a slash.
    file = directory.map { AddressFile(path: "\($0)/subscribers-of-\(account.bare)") }
    self.logger = logger
  }

  var all: Set<JID> { kept.union(adopted) }

  private var kept: Set<JID> {
    if let approved { return approved }
    let read = read()
    approved = read
    return read
  }

  private func read() -> Set<JID> {
    guard let file else { return [] }
    do throws(AddressFile.Unreadable) {
      return try file.read()
    } catch {
      // What little is known without the file must not replace it.
      self.file = nil
      logger.warning(
        "the contacts that were approved cannot be read, and none are saved: make the file readable and restart jinglecam",
        metadata: ["file": "\(error.path)", "cause": "\(error.cause)"])
      return []
    }
  }

  /// - Returns: those who were none before, in this run or an earlier one.
  @discardableResult
  func insert(_ jids: Set<JID>) -> Set<JID> {
    let new = Set(jids.map(\.bare)).subtracting(all)
    replace(by: kept.union(jids.map(\.bare)))
    return new
  }

  func adopt(_ jids: Set<JID>) { adopted.formUnion(jids) }

  func remove(_ jids: Set<JID>) {
    replace(by: kept.subtracting(jids))
    adopted.subtract(jids)
  }

  private func replace(by new: Set<JID>) {
    guard new != kept, new.count <= AddressFile.limit else { return }
    approved = new
    guard let file, let cause = file.write(new), !hasWarned else { return }
    hasWarned = true
    logger.warning(
      "the contacts that were approved cannot be saved", metadata: ["file": "\(file.path)", "cause": "\(cause)"])
  }
}
