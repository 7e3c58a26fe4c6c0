import NIOCore
import Testing

@testable import Capture

@Suite("Whether a camera gives pictures")
struct CameraHealthTests {
  private static let start = NIODeadline.uptimeNanoseconds(0)

  private static func health() -> CameraHealth {
    CameraHealth(patience: CameraPatience(.seconds(2)), cause: .silent)
  }

  @Test("a loss that is over at once is kept from who looks, and not a second time without a picture between")
  func hiccup() {
    var health = Self.health()
    health.lost(.lost(reason: "gone"))
    let first = health.isHiccup()
    health.lost(.lost(reason: "gone"))
    let second = health.isHiccup()
    health.shownPicture(now: Self.start)
    health.lost(.lost(reason: "gone"))
    let third = health.isHiccup()
    #expect([first, second, third] == [true, false, true])
  }

  @Test("a camera that was waited for in vain is no hiccup, and is waited for longer the next time")
  func silence() {
    var health = Self.health()
    let first = health.stuckAt(now: Self.start)
    health.lost(health.giveUp(needsKeyFrame: false))
    let isHiccup = health.isHiccup()
    let second = health.stuckAt(now: first)
    #expect(!isHiccup && second - first == .seconds(4))
  }

  @Test("damaged pictures are the reason where they are the last that came")
  func damage() {
    var health = Self.health()
    health.picture(isDamagedBy: "cut short")
    let damaged = health.giveUp(needsKeyFrame: false)
    health.picture(isDamagedBy: nil)
    let whole = health.giveUp(needsKeyFrame: false)
    #expect(damaged == .undecodable(reason: "cut short") && whole == .silent)
  }

  @Test("viewers are told why when they are shown that there is no picture, and of a new reason")
  func trouble() {
    var health = Self.health()
    health.lost(.lost(reason: "gone"))
    health.stillLost(.noInput(reason: "no signal"))
    #expect(health.trouble == nil)
    health.missesSignal()
    #expect(health.trouble == .noInput(reason: "no signal"))
    health.stillLost(.noInput(reason: "too fast"))
    #expect(health.trouble == .noInput(reason: "too fast"))
    health.recovered()
    #expect(health.trouble == nil)
  }

  @Test("of pictures that wait only the last is shown, and the ninth in any case")
  func selection() {
    var selection = PictureSelection(maximum: nil)
    let nine = (0..<9).map { _ in selection.isBehind(hasMore: true) }
    #expect(nine == Array(repeating: true, count: 8) + [false])
    let hurried = [true, false].map { selection.isBehind(hasMore: $0) }
    #expect(hurried == [true, false])
    let isEarlyShown = selection.admits(Self.start, notBefore: Self.start + .seconds(1))
    #expect(!isEarlyShown)
  }
}
