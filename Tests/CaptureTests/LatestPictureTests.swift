import NIOCore
import Testing

@testable import Capture

@Suite("The newest picture of a stream") struct LatestPictureTests {
  @Test("is given back for the next one, which takes its memory")
  func givenBack() {
    let latest = LatestPicture([1, 2, 3], freedBy: { _ in })
    var shown: Int?
    for round in 0..<2 {
      let memory = latest.borrow()
      latest.put(memory, time: .uptimeNanoseconds(UInt64(round)))
      let before = shown
      guard case .picture(let newest, let time) = latest.take(until: nil, givingBack: before) else {
        Issue.record("no picture")
        return
      }
      #expect(newest == memory && time == .uptimeNanoseconds(UInt64(round)))
      if let before {
        let next = latest.borrow()
        #expect(next == before)
        latest.giveBack(next)
      }
      shown = newest
    }
    if let shown { latest.giveBack(shown) }
    #expect(latest.replaced == 0)
  }
}
