import NIOCore
import TestSupport
import Testing

@testable import XMPP

@Suite("Timeliness of stanzas with a delay stamp (XEP-0203)")
struct TimelinessTests {
  /// The stamps below, in seconds since 1970.
  static let noon: Int64 = 1_767_268_800
  let start = NIODeadline.uptimeNanoseconds(5_000_000_000)

  /// Online since noon, by the server's clock.
  func timeliness() -> Timeliness {
    var timeliness = Timeliness(start: start)
    timeliness.learn(serverTime: Self.noon, requested: start)
    return timeliness
  }

  static func stamp(_ text: String, _ attributes: String = "") -> String {
    "<delay xmlns='urn:xmpp:delay' stamp='\(text)' \(attributes)/>"
  }

  static func legacy(_ text: String) -> String { "<x xmlns='jabber:x:delay' stamp='\(text)'/>" }

  func isTimely(_ stamps: String, after seconds: Int64, _ timeliness: Timeliness? = nil) throws -> Bool {
    let stanza = try Fixture.parse("<message from='ann@example.net/x'><body>stop</body>\(stamps)</message>")
    return (timeliness ?? self.timeliness()).isTimely(stanza, now: start + .seconds(seconds))
  }

  @Test("a stanza without a stamp is current")
  func unstamped() throws {
    #expect(try isTimely("", after: 0))
    #expect(try isTimely("", after: 0, Timeliness(start: start)))
  }

  @Test(
    "a stamped stanza is current for two minutes, whoever stamped it",
    arguments: [
      stamp("2026-01-01T13:00:00Z", "from='cam@example.org'"), stamp("2026-01-01T13:00:00.999999Z"),
      stamp("2026-01-01T14:00:00+01:00"), legacy("20260101T13:00:00"),
      stamp("2026-01-01T13:00:00Z") + legacy("20260101T13:00:00"),
    ])
  func seconds(_ stamps: String) throws {
    for age: Int64 in [0, 5, 120] { #expect(try isTimely(stamps, after: 3600 + age), "\(age)") }
    #expect(try !isTimely(stamps, after: 3600 + 121))
    #expect(try !isTimely(stamps, after: 86_400))
  }

  @Test(
    "a stanza with one old or malformed stamp among others is not current",
    arguments: [
      stamp("2025-12-31T13:00:00Z"), stamp("0000-01-01T00:00:00Z"), stamp(""), stamp("now"),
      legacy("20251231T13:00:00"),
      legacy("2026-01-01T13:00:00Z"), legacy(""), legacy("20260101T13:00:0é"), "<delay xmlns='urn:xmpp:delay'/>",
      "<x xmlns='jabber:x:delay'/>",
    ])
  func oneOfTwo(_ stamp: String) throws {
    let fresh = Self.stamp("2026-01-01T13:00:00Z")
    #expect(try isTimely(fresh, after: 3601))
    for stamps in [stamp, stamp + fresh, fresh + stamp] { #expect(try !isTimely(stamps, after: 3601), "\(stamps)") }
  }

  @Test("a stanza sent before we came online is not current, even in the same second")
  func before() throws {
    for stamp in ["2026-01-01T11:59:59Z", "2026-01-01T12:00:00Z", "2026-01-01T12:00:00.9Z"] {
      for after: Int64 in [0, 1, 10] { #expect(try !isTimely(Self.stamp(stamp), after: after), "\(stamp) \(after)") }
    }
    #expect(try isTimely(Self.stamp("2026-01-01T12:00:01Z"), after: 5))
  }

  @Test("a stanza delayed by an early interruption is current, and one stored long before is not")
  func earlyBreak() throws {
    var timeliness = timeliness()
    timeliness.connected(wallClock: nil, now: start)
    #expect(try !isTimely(Self.stamp("2026-01-01T12:00:00Z"), after: 3, timeliness))
    timeliness.connected(wallClock: nil, now: start + .seconds(3))
    #expect(try isTimely(Self.stamp("2026-01-01T12:00:00Z"), after: 3, timeliness))
    #expect(try !isTimely(Self.stamp("2026-01-01T11:59:54Z"), after: 3, timeliness))
  }

  @Test("the clock of a client may be some seconds ahead of the server's")
  func ahead() throws {
    #expect(try isTimely(Self.stamp("2026-01-01T13:00:10Z"), after: 3600))
    #expect(try !isTimely(Self.stamp("2026-01-01T13:00:11Z"), after: 3600))
    #expect(try !isTimely(Self.stamp("9999-12-31T23:59:59Z"), after: 3600))
  }

  @Test("the server's clock is used, whatever this computer's clock says")
  func serverFirst() throws {
    var timeliness = Timeliness(start: start)
    timeliness.connected(wallClock: 0, now: start)
    #expect(try !isTimely(Self.stamp("2026-01-01T13:00:00Z"), after: 3605, timeliness))
    timeliness.learn(serverTime: Self.noon, requested: start)
    timeliness.connected(wallClock: 0, now: start + .seconds(3600))
    #expect(try isTimely(Self.stamp("2026-01-01T13:00:00Z"), after: 3605, timeliness))
    #expect(try !isTimely(Self.stamp("1970-01-01T00:00:00Z"), after: 3605, timeliness))
  }

  @Test("this computer's clock at the latest connection is used if the server does not tell the time")
  func wallClock() throws {
    var timeliness = Timeliness(start: start)
    #expect(try !isTimely(Self.stamp("2026-01-01T13:00:00Z"), after: 3605, timeliness))
    timeliness.connected(wallClock: 1000, now: start)
    #expect(try !isTimely(Self.stamp("2026-01-01T13:00:00Z"), after: 3605, timeliness))
    timeliness.connected(wallClock: Self.noon + 3604, now: start + .seconds(3604))
    #expect(try isTimely(Self.stamp("2026-01-01T13:00:00Z"), after: 3605, timeliness))
    #expect(try !isTimely(Self.stamp("2025-12-31T13:00:00Z"), after: 3605, timeliness))
  }
}
