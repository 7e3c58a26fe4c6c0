import Testing
import XMPP

@Suite("Date and time (XEP-0082)")
struct DateTimeTests {
  @Test(
    "a date and time is converted to seconds since 1970",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2026-01-01T00:00:00Z", 1_767_225_600), ("1969-07-21T02:56:15Z", -14_159_025),
      ("1969-07-20T21:56:15-05:00", -14_159_025), ("2000-02-29T12:30:00.123456+05:30", 951_807_600),
      ("2100-03-01T00:00:00Z", 4_107_542_400), ("2026-12-31T23:59:60Z", 1_798_761_600),
    ] as [(String, Int64)])
  func moments(text: String, seconds: Int64) {
    #expect(DateTime.secondsSince1970(text) == seconds)
  }

  @Test(
    "a malformed date and time yields nil",
    arguments: [
      "", "2026", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-01-32T00:00:00Z",
      "2026-01-01T24:00:00Z", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00*01:00",
      "2026-01-01T00:00:00.5", "2o26-01-01T00:00:00Z", "-026-01-01T00:00:00Z", "2026-01-01T00:00:00Z.",
      "2026-01-01T00:00:00." + String(repeating: "5", count: 100) + "Z", "２026-01-01T00:00:00Z",
      "10000-01-01T00:00:00Z", "9223372036854775807-01-01T00:00:00Z",
    ])
  func malformed(text: String) {
    #expect(DateTime.secondsSince1970(text) == nil)
  }
}
