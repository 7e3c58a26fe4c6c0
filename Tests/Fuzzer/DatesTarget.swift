import NIOCore
import XMPP

extension FuzzTarget {
  /// A moment is of the years 0 to 9999, give or take a zone.
  static let dates = FuzzTarget(text: "dates", seeds: seeds, words: ["Z", "+00:00", ".", "T"]) { bytes in
    guard let seconds = DateTime.secondsSince1970(String(buffer: bytes)) else { return }
    require((-62_167_305_600...253_402_387_200).contains(seconds), "\(seconds)")
  }

  private static let seeds = [
    "1970-01-01T00:00:00Z", "2000-02-29T12:30:00.123456+05:30", "0000-03-01T00:00:00-23:59", "9999-12-31T23:59:60Z",
  ]
}
