import Dispatch
import Foundation
import NIOCore
import Testing

@testable import Capture

@Suite("When the sound of a film is due")
struct MediumClockTests {
  /// Long enough ago that nothing is waited for.
  private let origin = NIODeadline.now() - .minutes(1)

  private func begun() -> MediumClock {
    let clock = MediumClock(firstPicture: nil)
    clock.roundBegins(0, at: .zero)
    clock.begin(at: origin)
    return clock
  }

  @Test("with its pictures, in each round from the time of its first picture on")
  func rounds() {
    let clock = begun()
    #expect(clock.wait(for: .seconds(2), inRound: 0) == origin + .seconds(2))
    clock.roundBegins(1, at: .seconds(5))
    #expect(clock.wait(for: .seconds(2), inRound: 1) == origin + .seconds(7))
  }

  @Test("until the next round begins, whose first picture is known before it is due")
  func end() {
    let clock = begun()
    clock.roundBegins(1, at: .seconds(5))
    #expect(clock.wait(for: .milliseconds(4_990), inRound: 0) == origin + .milliseconds(4_990))
    #expect(clock.wait(for: .seconds(5), inRound: 0) == nil)
    clock.roundBegins(2, at: .seconds(10))
    #expect(clock.wait(for: .seconds(1), inRound: 0) == nil)
    #expect(clock.wait(for: .milliseconds(4_990), inRound: 1) == origin + .milliseconds(9_990))
  }

  @Test("and goes on with the round that is shown, however many were left out, until the pictures end")
  func nextRound() {
    let clock = begun()
    for round in 1...3 { clock.roundBegins(round, at: .seconds(Int64(round) * 5)) }
    #expect(clock.nextRound(after: 0) == 3)
    #expect(clock.nextRound(after: 2) == 3)
    clock.finish()
    #expect(clock.nextRound(after: 3) == nil)
  }

  @Test("not before the first picture is shown, and never once there are no more")
  func waiting() {
    let clock = MediumClock(firstPicture: nil)
    let (waits, dues) = (DispatchSemaphore(value: 0), LatestDue())
    Thread.detachNewThread {
      dues.due = clock.wait(for: .zero, inRound: 1)
      waits.signal()
      dues.isOver = clock.wait(for: .seconds(1), inRound: 2) == nil
      waits.signal()
    }
    for round in 0...1 { clock.roundBegins(round, at: .seconds(Int64(round) * 5)) }
    clock.begin(at: origin)
    waits.wait()
    #expect(dues.due == origin + .seconds(5))
    clock.finish()
    waits.wait()
    #expect(dues.isOver)
  }

  /// Written and read in turns, by the semaphore of the test.
  private final class LatestDue: @unchecked Sendable {
    var due: NIODeadline?
    var isOver = false
  }
}
