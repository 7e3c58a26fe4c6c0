import Logging
import Settings
import TestSupport
import Testing
import XMPP

@testable import Server

@Suite("Those who would like to watch")
struct ContactsTests {
  @Test("are remembered once each, the latest of them, until they may")
  func asking() throws {
    var contacts = Contacts(
      callers: KnownCallers(AccessList()),
      approved: ApprovedSubscribers(of: try JID("cam@example.net"), in: nil, logger: LogCollector().logger))
    for number in 0..<100 { contacts.remember(asking: try JID("user\(number)@example.org")) }
    contacts.remember(asking: try JID("user99@example.org"))
    #expect(contacts.asking.count == 64)
    #expect(try !contacts.forget(asking: JID("user0@example.org")))
    #expect(try contacts.forget(asking: JID("user99@example.org")))
    #expect(try !contacts.forget(asking: JID("user99@example.org")))
  }
}
