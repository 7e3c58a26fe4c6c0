import Glibc
import Testing

@testable import Server

@Suite("What a caller is told of a source that fails") struct SourceOutageTests {
  /// 2026-03-01 14:02 where this runs.
  private static let since: Int64 = {
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday, parts.tm_hour, parts.tm_min) = (126, 2, 1, 14, 2)
    parts.tm_isdst = -1
    return Int64(mktime(&parts))
  }()

  @Test("one that is missing, since when; the day too where that is long ago")
  func missing() {
    let outage = SourceOutage(failure: "there is no camera", missingSince: Self.since)
    #expect(
      outage.text(now: Self.since + 60) == "There is no picture: the source has been missing since 14:02.")
    #expect(
      outage.text(now: Self.since + 90_000)
        == "There is no picture: the source has been missing since 2026-03-01 14:02.")
  }

  @Test("one that is there, what is wrong with it")
  func failing() {
    let outage = SourceOutage(failure: "/dev/video0 is in use by motion (process 9)", missingSince: nil)
    #expect(outage.text(now: 0) == "There is no picture: /dev/video0 is in use by motion (process 9).")
  }
}
