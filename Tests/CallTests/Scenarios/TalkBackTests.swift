import Call
import Jingle
import TestSupport
import Testing
import XMPP

@Suite("The called person's sound")
struct TalkBackTests {
  /// What a called person who does not bundle is asked not to send, by content-modify: 0 is the sound, 1 the picture.
  private static func unwanted(hearsPeer: Bool) throws -> [String] {
    let world = try CallWorld()
    world.camera.hasSound = true
    world.phone.hasSound = true
    world.server.change = withoutGroups
    try world.call(from: world.camera, to: world.phone.jid.bare) { $0.hearsPeer = hearsPeer }
    try #require(world.connects())
    world.network.run(for: .seconds(1))
    let requests = world.camera.sent.compactMap { sent in
      sent.stanza.elements.lazy.compactMap { try? Jingle($0) }.first { $0.action == .contentModify }
    }
    #expect(requests.flatMap(\.contents).allSatisfy { $0.senders == .initiator })
    return requests.flatMap(\.contents).map(\.name)
  }

  private static func withoutGroups(_ element: XMLElement) -> XMLElement {
    var element = element
    element.children = element.children.compactMap { child in
      guard case .element(let child) = child else { return child }
      return child.name == "group" ? nil : .element(withoutGroups(child))
    }
    return element
  }

  @Test("a person who is heard is asked for no less than their sound, and anybody else for nothing at all")
  func oneWay() throws {
    #expect(try Self.unwanted(hearsPeer: true) == ["1"])
    #expect(try Self.unwanted(hearsPeer: false) == ["0", "1"])
  }
}
