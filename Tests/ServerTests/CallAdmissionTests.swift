import NIOCore
import TestSupport
import Testing
import XMPP

@testable import Server
@testable import Settings

@Suite struct CallAdmissionTests {
  /// An admission and its clock; a class, since `#expect` takes no mutating calls.
  private final class Door {
    var admission: CallAdmission
    var clock = ManualClock()

    init(_ allowed: String..., admin: String? = nil, viewers: Int = 4, calls: Int = 6) throws {
      var access = AccessList()
      for jid in allowed { access.allow(try JID(jid), as: .viewer) }
      if let admin { access.allow(try JID(admin), as: .admin) }
      admission = CallAdmission(access: access, maximumViewers: viewers, callsPerMinute: calls)
    }

    func decide(on caller: String, viewers: String...) throws -> CallAdmission.Decision {
      admission.decide(on: try JID(caller), viewers: try viewers.map { try JID($0) }, now: clock.now)
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
    for _ in 0..<20 {
      #expect(try door.decide(on: "eve@example.net/phone", viewers: "ann@example.net/x") == .refuse(.stranger))
    }
  }

  @Test("beyond the number of viewers it is busy, and no longer when one has gone")
  func full() throws {
    let door = try Door("example.net", viewers: 2)
    #expect(
      try door.decide(on: "ann@example.net/phone", viewers: "bob@example.net/x", "eve@example.net/x") == .refuse(.full))
    #expect(try door.decide(on: "ann@example.net/phone", viewers: "bob@example.net/x") == .admit)
  }

  @Test(
    "one person gets at most half of the places, and one where there is no half",
    arguments: [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (64, 32)])
  func share(viewers: Int, share: Int) throws {
    let door = try Door("example.net", admin: "admin@example.net", viewers: viewers, calls: 600)
    func decide(_ caller: String, _ places: Int) throws -> CallAdmission.Decision {
      let devices = try (0..<places).map { try JID("ann@example.net/\($0)") }
      return door.admission.decide(on: try JID(caller), viewers: devices, now: door.clock.now)
    }
    for places in 0..<share { #expect(try decide("ann@example.net/new", places) == .admit) }
    #expect(try decide("ann@example.net/new", share) == .refuse(.tooMany))
    #expect(try decide("bob@example.net/new", share) == (share < viewers ? .admit : .refuse(.full)))
  }

  @Test("an admin may have all places")
  func adminsShare() throws {
    let door = try Door(admin: "admin@example.net", viewers: 2)
    #expect(try door.decide(on: "admin@example.net/2", viewers: "admin@example.net/1") == .admit)
    #expect(
      try door.decide(on: "admin@example.net/3", viewers: "admin@example.net/1", "admin@example.net/2")
        == .refuse(.full))
  }

  @Test("an admin gets the latest place of the guest who has most, where there is no other")
  func displacement() throws {
    let door = try Door("example.net", admin: "admin@example.net", viewers: 4, calls: 600)
    let (ann1, ann2, bob, admin) = (
      "ann@example.net/1", "ann@example.net/2", "bob@example.net/x", "admin@example.net/1"
    )
    func decide(_ viewers: [String]) throws -> CallAdmission.Decision {
      door.admission.decide(
        on: try JID("admin@example.net/2"), viewers: try viewers.map { try JID($0) }, now: door.clock.now)
    }
    #expect(try decide([ann1, ann2, bob]) == .admit)
    #expect(try decide([ann1, ann2, bob, admin]) == .displace(1))
    #expect(try decide([bob, ann1, ann2, admin]) == .displace(2))
    #expect(try decide([admin, bob, admin, ann1]) == .displace(3))
    #expect(try decide([admin, admin, admin, admin]) == .refuse(.full))
  }

  @Test("nobody but an admin displaces anybody, and an admin who calls too often does not either")
  func noDisplacement() throws {
    let door = try Door("example.net", admin: "admin@example.net", viewers: 1, calls: 1)
    #expect(try door.decide(on: "bob@example.net/x", viewers: "ann@example.net/x") == .refuse(.full))
    #expect(try door.decide(on: "admin@example.net/x", viewers: "ann@example.net/x") == .displace(0))
    #expect(try door.decide(on: "admin@example.net/x", viewers: "ann@example.net/x") == .refuse(.tooOften))
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
    let door = try Door("example.net", viewers: 1, calls: 2)
    for _ in 0..<2 {
      #expect(try door.decide(on: "ann@example.net/phone", viewers: "bob@example.net/x") == .refuse(.full))
    }
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
