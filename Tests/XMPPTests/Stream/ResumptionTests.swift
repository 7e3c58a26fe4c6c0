import NIOCore
import Testing

@testable import XMPP

@Suite("The state of an interrupted stream, XEP-0198 section 5")
struct ResumptionTests {
  let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
  typealias Tests = StreamManagementTests

  func session() throws -> ClientSession {
    var generator = SystemRandomNumberGenerator()
    return ClientSession(
      jid: try JID("user@example.org/x"),
      .init(name: "jinglecam", version: "1", node: "urn:test", type: "pc", features: []), generator: &generator,
      now: start)
  }

  func resumption(_ management: StreamManagement? = nil) throws -> Resumption {
    try #require(Resumption(management ?? Tests.enabled(), session(), now: start))
  }

  @Test("nothing can be resumed if the server did not allow it")
  func notAllowed() throws {
    var management = StreamManagement()
    #expect(Resumption(management, try session(), now: start) == nil)
    management.enabled(try Fixture.element("sm-enabled-only"))
    #expect(Resumption(management, try session(), now: start) == nil)
  }

  @Test("a resumption is possible for the time that the server stated, or without a limit")
  func expiry() throws {
    let limited = try resumption()
    #expect(limited.isPossible(now: start + .seconds(599)))
    #expect(!limited.isPossible(now: start + .seconds(600)))
    var management = StreamManagement()
    var enabled = try Fixture.element("sm-enabled")
    enabled["max"] = nil
    management.enabled(enabled)
    #expect(try resumption(management).isPossible(now: start + .hours(24)))
  }

  @Test("waiting and unacknowledged stanzas are bounded together, and the first ones are kept")
  func bound() throws {
    var management = try Tests.enabled()
    try management.send(Tests.message(0))
    var resumption = try resumption(management)
    for id in 1..<StreamManagement.maximumUnacknowledged {
      let isKept = resumption.keep(Tests.message(id))
      #expect(isKept)
    }
    let isKept = resumption.keep(Tests.message(0))
    #expect(!isKept)
    #expect(resumption.waiting.count == StreamManagement.maximumUnacknowledged - 1)
    #expect(resumption.waiting.first == Tests.message(1))
  }

  @Test(
    "all waiting stanzas are sent after a resumption, and only those for others in a new session")
  func pending() throws {
    var resumption = try resumption()
    let presence = XMLElement("presence", namespace: Namespace.client)
    _ = resumption.keep(presence)
    _ = resumption.keep(Tests.message(2))
    let lost = [Tests.message(1)]
    let same = try JID("user@example.org/x")
    #expect(resumption.pending(isResumed: true, jid: same, lost: []) == [presence, Tests.message(2)])
    #expect(resumption.pending(isResumed: false, jid: same, lost: lost) == [Tests.message(1), Tests.message(2)])
    #expect(resumption.pending(isResumed: false, jid: try JID("user@example.org/y"), lost: lost).isEmpty)
  }
}
