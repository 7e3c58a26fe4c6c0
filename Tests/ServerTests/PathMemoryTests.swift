import Testing
import XMPP

@testable import Server

@Suite struct PathMemoryTests {
  @Test("the last call of a person counts, from whichever device")
  func latest() throws {
    var paths = PathMemory()
    paths.remember(2_000_000, of: try JID("ann@example.net/phone"))
    paths.remember(400_000, of: try JID("ann@example.net/phone"))
    #expect(paths.rate(of: try JID("ann@example.net/tablet")) == 400_000)
    #expect(paths.rate(of: try JID("bob@example.net/phone")) == nil)
  }

  @Test("a thousand people fill no memory, and the latest is known")
  func bound() throws {
    var paths = PathMemory()
    let people = try (0..<1000).map { try JID("\($0)@example.net") }
    for person in people {
      paths.remember(1_000_000, of: person)
      #expect(paths.rate(of: person) == 1_000_000)
    }
    #expect(people.count { paths.rate(of: $0) != nil } <= 64)
  }
}
