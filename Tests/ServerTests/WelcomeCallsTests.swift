import Jingle
import NIOCore
import TestSupport
import Testing
import XMPP

@testable import Server

@Suite("Who has just become a contact")
struct WelcomeCallsTests {
  private static let features: Set = [Namespace.jingleMessage, Namespace.rtpVideo, "urn:xmpp:jingle:1"]
  private var clock = ManualClock()
  private var calls = WelcomeCalls()

  private static func presence(of device: String, _ type: String? = nil) -> XMLElement {
    var presence = XMLElement("presence", namespace: Namespace.client, attributes: ["from": device])
    presence["type"] = type
    return presence
  }

  @discardableResult
  private mutating func add(_ person: String) throws -> [String] {
    calls.add(try JID(person), now: clock.now).map(\.description)
  }

  /// - Returns: whether the device is asked.
  @discardableResult
  private mutating func come(_ device: String) -> Bool {
    calls.receive(Self.presence(of: device))?.description == device
  }

  private mutating func answer(_ device: String, _ features: Set<String> = features) throws {
    calls.receive(features, of: try JID(device), now: clock.now)
  }

  /// Whoever is called up to that time, by the deadlines.
  private mutating func called(within time: TimeAmount) -> [String] {
    let end = clock.now + time
    var called: [String] = []
    while let deadline = calls.deadline, deadline <= end {
      clock.advance(to: deadline)
      called += calls.handleTimeout(now: clock.now).map(\.description)
    }
    clock.advance(to: end)
    return called
  }

  @Test("is called, once, a moment after a device has said that it takes video", arguments: [false, true])
  mutating func order(isAvailableFirst: Bool) throws {
    if isAvailableFirst {
      #expect(!come("ann@example.net/phone"))
      #expect(try add("ann@example.net") == ["ann@example.net/phone"])
    } else {
      #expect(try add("ann@example.net").isEmpty)
      #expect(come("ann@example.net/phone"))
    }
    try answer("ann@example.net/phone")
    try answer("ann@example.net/phone")
    #expect(called(within: WelcomeCalls.pause - .nanoseconds(1)).isEmpty)
    #expect(called(within: .nanoseconds(1)) == ["ann@example.net"])
    #expect(try add("ann@example.net/phone").isEmpty)
    #expect(!come("ann@example.net/desk"))
    try answer("ann@example.net/desk")
    #expect(called(within: .hours(1)).isEmpty)
  }

  @Test("is nobody who is merely available")
  mutating func known() throws {
    #expect(!come("ann@example.net/phone"))
    try answer("ann@example.net/phone")
    #expect(calls.deadline == nil)
    #expect(called(within: .hours(1)).isEmpty)
  }

  @Test(
    "is not called on a device that does not ring for video",
    arguments: [[], [Namespace.jingleMessage], [Namespace.rtpVideo]] as [Set<String>])
  mutating func features(features: Set<String>) throws {
    try add("ann@example.net")
    #expect(come("ann@example.net/desk"))
    try answer("ann@example.net/desk", features)
    #expect(called(within: .minutes(1)).isEmpty)
    #expect(come("ann@example.net/phone"))
    try answer("ann@example.net/phone")
    #expect(called(within: .minutes(1)) == ["ann@example.net"])
  }

  @Test("is not called if the device has gone, and is if it is back")
  mutating func gone() throws {
    try add("ann@example.net")
    come("ann@example.net/phone")
    try answer("ann@example.net/phone")
    #expect(calls.receive(Self.presence(of: "ann@example.net/phone", "unavailable")) == nil)
    #expect(called(within: .minutes(1)).isEmpty)
    try answer("ann@example.net/phone")
    #expect(called(within: .minutes(1)).isEmpty, "it answers late")
    #expect(come("ann@example.net/phone"))
    try answer("ann@example.net/phone")
    #expect(called(within: .minutes(1)) == ["ann@example.net"])
  }

  @Test("is called within ten minutes or not at all", arguments: [true, false])
  mutating func patience(isInTime: Bool) throws {
    try add("ann@example.net")
    #expect(called(within: WelcomeCalls.patience - (isInTime ? .nanoseconds(1) : .zero)).isEmpty)
    come("ann@example.net/phone")
    try answer("ann@example.net/phone")
    #expect(called(within: .minutes(1)) == (isInTime ? ["ann@example.net"] : []))
    #expect(calls.deadline == nil)
  }

  @Test("is not called besides if a call has begun meanwhile, nor after it")
  mutating func anotherCall() throws {
    try add("ann@example.net")
    come("ann@example.net/phone")
    try answer("ann@example.net/phone")
    calls.callBegan(with: try JID("ann@example.net/phone"))
    try add("ann@example.net")
    come("ann@example.net/desk")
    try answer("ann@example.net/desk")
    #expect(called(within: .hours(1)).isEmpty)
  }

  @Test("is asked again if its device did not answer")
  mutating func noAnswer() throws {
    try add("ann@example.net")
    #expect(come("ann@example.net/phone"))
    calls.fail(try JID("ann@example.net/phone"))
    #expect(come("ann@example.net/phone"))
  }

  @Test("is asked by the devices of the new session alone if the connection was lost before he was added")
  mutating func formerDevices() throws {
    for number in 0..<WelcomeCalls.requestLimit { come("ann@example.net/\(number)") }
    calls.beginSession()
    #expect(try add("ann@example.net").isEmpty)
    #expect(come("ann@example.net/phone"))
    try answer("ann@example.net/phone")
    #expect(called(within: .minutes(1)) == ["ann@example.net"])
  }

  @Test("is asked again if the connection was lost since he was added, and waited for no longer than before")
  mutating func lostConnection() throws {
    try add("ann@example.net")
    for number in 0..<WelcomeCalls.requestLimit { come("ann@example.net/\(number)") }
    try answer("ann@example.net/1")
    calls.beginSession()
    #expect(called(within: .minutes(5)).isEmpty)
    #expect(come("ann@example.net/phone"))
    #expect(called(within: .minutes(5)).isEmpty && calls.deadline == nil)
    try answer("ann@example.net/phone")
    #expect(called(within: .minutes(1)).isEmpty)
  }

  @Test("is asked a bounded number of times, however often devices come and go, and so are all together")
  mutating func bounds() throws {
    try add("ann@example.net")
    var asked = 0
    for _ in 0..<100 {
      if come("ann@example.net/phone") { asked += 1 }
      #expect(!come("ann@example.net/phone"), "a change of the status")
      _ = calls.receive(Self.presence(of: "ann@example.net/phone", "unavailable"))
    }
    #expect(asked == WelcomeCalls.requestLimit)
    for number in 0..<WelcomeCalls.personLimit { try add("user\(number)@example.org") }
    #expect(come("user0@example.org/x"))
    #expect(!come("user\(WelcomeCalls.personLimit - 1)@example.org/x"))
    for number in 0..<1_000 { come("somebody@example.org/\(number)") }
    try add("somebody@example.org")
    #expect(called(within: .minutes(20)).isEmpty && calls.deadline == nil)
  }
}
