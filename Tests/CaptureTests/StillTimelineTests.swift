import NIOCore
import Testing
import Video

@testable import Capture

@Suite("Repetition of the last picture") struct StillTimelineTests {
  private static func pause(_ rate: FrameRate, _ maximum: Int32? = nil) -> TimeAmount? {
    var stills = StillTimeline(frameRate: rate, maximum: maximum.map { FrameRate($0) })
    let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    stills.lent(at: start)
    return stills.due.map { $0 - start }
  }

  @Test("the last picture is repeated soon when another is late, and never while the source keeps its rate")
  func pause() {
    #expect(Self.pause(FrameRate(30)) == .milliseconds(200))
    #expect(Self.pause(FrameRate(5)) == .milliseconds(300))
    #expect(Self.pause(FrameRate(1, per: 12)) == .milliseconds(400), "but within a second")
  }

  @Test("the last picture is not repeated more often than the requested rate")
  func maximum() {
    #expect(Self.pause(FrameRate(2), 2) == .milliseconds(750))
    #expect(Self.pause(FrameRate(1, per: 12), 2) == .milliseconds(750))
    #expect(Self.pause(FrameRate(15), 15) == .milliseconds(200))
  }

  @Test("nothing is repeated without a picture")
  func nothing() {
    var stills = StillTimeline(frameRate: FrameRate(30), maximum: nil)
    #expect(stills.due == nil)
    stills.lent(at: .uptimeNanoseconds(1))
    stills.forget()
    #expect(stills.due == nil)
  }
}
