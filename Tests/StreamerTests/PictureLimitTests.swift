import Testing

@testable import Streamer

@Suite("What limits the picture")
struct PictureLimitTests {
  private static func network(_ width: Int, _ height: Int, _ bitrate: Int) -> PictureLimit {
    PictureLimit(width: width, height: height, cause: .network(bitrate: bitrate))
  }

  private let free = PictureLimit(width: 1280, height: 720, cause: .none)
  private let narrow = Self.network(640, 360, 483_210)

  @Test("is told by the size and its cause, a bitrate to two digits")
  func text() {
    #expect(narrow.text == "640x360, the network allows 480 kbit/s")
    #expect(Self.network(960, 540, 1_249_999).reason == "the network allows 1200 kbit/s")
    #expect(Self.network(320, 180, 99_900).reason == "the network allows 99 kbit/s")
    let slow = PictureLimit(width: 640, height: 360, cause: .host)
    #expect(slow.text == "640x360, this computer is too slow for more")
    #expect(free.reason == nil)
  }

  /// The seconds in which something is told, of a limit a second.
  private func told(_ limits: [PictureLimit]) -> [Int] {
    var report = PictureLimitReport()
    return limits.indices.filter { report.update(limits[$0]) != nil }
  }

  @Test("deserves no line where there is none, whatever the size")
  func none() {
    #expect(told(Array(repeating: free, count: 60) + Array(repeating: .init(narrow, .none), count: 60)) == [])
  }

  @Test("deserves a line when it has lasted for five seconds, and one when it has ended")
  func change() {
    #expect(told(Array(repeating: narrow, count: 4) + Array(repeating: free, count: 60)) == [])
    #expect(told(Array(repeating: narrow, count: 60) + Array(repeating: free, count: 60)) == [4, 64])
  }

  @Test("deserves no second line where the bitrate has changed by less than a half")
  func bitrate() {
    let begin = Array(repeating: Self.network(640, 360, 480_000), count: 40)
    #expect(told(begin + Array(repeating: Self.network(640, 360, 700_000), count: 40)) == [4])
    #expect(told(begin + Array(repeating: Self.network(640, 360, 720_000), count: 40)) == [4, 44])
    #expect(told(begin + Array(repeating: Self.network(640, 360, 320_000), count: 40)) == [4, 44])
    #expect(told(begin + Array(repeating: Self.network(480, 270, 480_000), count: 40)) == [4, 44])
  }

  @Test("deserves a line each half minute at most, however often it changes")
  func flood() {
    let swinging = (0..<600).map { second in second / 6 % 2 == 0 ? narrow : free }
    let lines = told(swinging)
    #expect(zip(lines, lines.dropFirst()).allSatisfy { $1 - $0 >= 30 })
    #expect(lines.count > 5)
  }

  @Test("by the host differs from that by the network")
  func host() {
    let slow = PictureLimit(narrow, .host)
    #expect(told(Array(repeating: narrow, count: 40) + Array(repeating: slow, count: 40)) == [4, 44])
  }
}

extension PictureLimit {
  fileprivate init(_ other: PictureLimit, _ cause: Cause) {
    self.init(width: other.width, height: other.height, cause: cause)
  }
}
