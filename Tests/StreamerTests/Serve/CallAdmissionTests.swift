import NIOCore
import TestSupport
import Testing
import XMPP

@testable import Streamer

@Suite struct CallAdmissionTests {
  /// An admission and its clock; a class, since `#expect` takes no mutating calls.
  private final class Door {
    var admission: CallAdmission
    var clock = ManualClock()

    init(_ allowed: String..., viewers: Int = 4, calls: Int = 6) throws {
      var access = AccessList()
      for jid in allowed { access.allow(try JID(jid), as: .viewer) }
      admission = CallAdmission(access: access, maximumViewers: viewers, callsPerMinute: calls)
    }

    func decide(on caller: String, viewers: Int = 0) throws -> CallAdmission.Decision {
      admission.decide(on: try JID(caller), viewers: viewers, now: clock.now)
    }
  }

  @Test("who is on the list gets in, everybody else is a stranger")
  func list() throws {
    let door = try Door("ann@example.net")
    #expect(try door.decide(on: "ann@example.net/phone") == .admit)
    #expect(try door.decide(on: "eve@example.net/phone") == .refuse(.stranger))
  }

  @Test("a stranger is one too where it is full, and however often he calls: busy would tell him of us")
  func strangerLearnsNothing() throws {
    let door = try Door("ann@example.net", viewers: 1, calls: 1)
    for _ in 0..<20 { #expect(try door.decide(on: "eve@example.net/phone", viewers: 1) == .refuse(.stranger)) }
  }

  @Test("beyond the number of viewers it is busy, and no longer when one has gone")
  func full() throws {
    let door = try Door("ann@example.net", viewers: 2)
    #expect(try door.decide(on: "ann@example.net/phone", viewers: 2) == .refuse(.full))
    #expect(try door.decide(on: "ann@example.net/phone", viewers: 1) == .admit)
  }

  @Test("who calls more often in a minute than allowed finds it busy, and may call again after his share of it")
  func rate() throws {
    let door = try Door("ann@example.net", calls: 6)
    for _ in 0..<6 { #expect(try door.decide(on: "ann@example.net/phone") == .admit) }
    #expect(try door.decide(on: "ann@example.net/phone") == .refuse(.tooOften))
    door.clock.advance(by: .milliseconds(9999))
    #expect(try door.decide(on: "ann@example.net/phone") == .refuse(.tooOften))
    door.clock.advance(by: .milliseconds(1))
    #expect(try door.decide(on: "ann@example.net/phone") == .admit)
    #expect(try door.decide(on: "ann@example.net/phone") == .refuse(.tooOften))
  }

  @Test("calls that found it full count too, so that nobody can ring the camera at any rate")
  func refusedCallsCount() throws {
    let door = try Door("ann@example.net", viewers: 1, calls: 2)
    for _ in 0..<2 { #expect(try door.decide(on: "ann@example.net/phone", viewers: 1) == .refuse(.full)) }
    #expect(try door.decide(on: "ann@example.net/phone") == .refuse(.tooOften))
  }

  @Test("a person's devices share what he has, and one person does not use up another's")
  func perPerson() throws {
    let door = try Door("example.net", calls: 2)
    #expect(try door.decide(on: "ann@example.net/phone") == .admit)
    #expect(try door.decide(on: "ann@example.net/desk") == .admit)
    #expect(try door.decide(on: "ann@example.net/other") == .refuse(.tooOften))
    #expect(try door.decide(on: "bob@example.net/phone") == .admit)
  }

  @Test("somebody else's call does not give a caller his share back")
  func othersDoNotRefill() throws {
    let door = try Door("example.net", calls: 1)
    #expect(try door.decide(on: "ann@example.net/phone") == .admit)
    door.clock.advance(by: .seconds(59))
    #expect(try door.decide(on: "bob@example.net/phone") == .admit)
    #expect(try door.decide(on: "ann@example.net/phone") == .refuse(.tooOften))
  }
}
