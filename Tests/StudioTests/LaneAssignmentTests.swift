import NIOCore
import Testing

@testable import Studio

@Suite("Which viewers share an encode")
struct LaneAssignmentTests {
  /// Viewers whose networks take what they say, asked every tenth of a second.
  private final class Work {
    var assignment = LaneAssignment()
    var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
    var maximum = 2_500_000
    var affords = true

    @discardableResult
    func update(closesOne: Bool = false) -> [Int] {
      assignment.update(maximum: maximum, closesOne: closesOne, now: now) { _ in self.affords }
    }

    func cap(_ rates: [Int: Int]) {
      for (id, rate) in rates { assignment.cap(id, to: rate) }
    }

    /// - Returns: the time in milliseconds after which the first one was moved; nil if nobody was.
    func run(milliseconds: Int) -> Int? {
      var moved: Int?
      for time in stride(from: 0, to: milliseconds, by: 100) {
        if !update().isEmpty { moved = moved ?? time }
        now = now + .milliseconds(100)
      }
      return moved
    }

    /// - Returns: after how many milliseconds somebody was moved; nil if nobody was in a minute.
    func runUntilMoved() -> Int? {
      for time in stride(from: 0, to: 60_000, by: 100) {
        defer { now = now + .milliseconds(100) }
        if !update().isEmpty { return time }
      }
      return nil
    }

    func lanes(_ ids: ClosedRange<Int> = 1...3) -> [Int?] { ids.map { assignment.lane(of: $0) } }
  }

  @Test("those whose networks take nearly the same share one, whoever came first")
  func alike() {
    let work = Work()
    for (id, rate) in [(1, 1_000_000), (2, 860_000), (3, 990_000)] {
      work.cap([id: rate])
      work.update()
    }
    #expect(work.lanes() == [0, 0, 0] && work.assignment.count == 1)
  }

  @Test("who comes while no lane is free yet shares that of the next better ones")
  func noneFree() {
    let work = Work()
    work.cap([1: 2_400_000, 2: 1_000_000, 3: 400_000])
    work.update()
    #expect(work.lanes() == [0, 1, 2])
    // The second belongs to the first now, and moves there in three seconds.
    work.cap([2: 2_300_000, 4: 250_000])
    work.update()
    #expect(work.assignment.lane(of: 4) != nil)
  }

  @Test("what a network takes beyond the highest bitrate makes no difference")
  func beyondMaximum() {
    let work = Work()
    work.cap([1: .max, 2: 50_000_000, 3: 2_500_000])
    work.update()
    #expect(work.lanes() == [0, 0, 0])
  }

  @Test("a viewer of whom less is known than of the best begins in a lane of their own, at once")
  func beginning() {
    let work = Work()
    work.cap([1: 2_500_000])
    work.update()
    work.cap([2: 300_000])
    #expect(work.update() == [2])
    #expect(work.lanes(1...2) == [0, 1])
  }

  @Test("one who takes more than the others gets a lane of their own, and theirs stays as it was")
  func better() {
    let work = Work()
    work.cap([1: 400_000, 2: 380_000])
    work.update()
    work.cap([3: .max])
    #expect(work.update() == [3])
    #expect(work.lanes() == [0, 0, 1])
  }

  @Test("one whose network becomes narrower leaves within a second, and not for a moment's dip")
  func narrower() {
    let work = Work()
    work.cap([1: 2_000_000, 2: 1_900_000])
    work.update()
    work.cap([2: 500_000])
    #expect(work.run(milliseconds: 400) == nil)
    work.cap([2: 1_500_000])
    #expect(work.run(milliseconds: 2_000) == nil)
    work.cap([2: 500_000])
    #expect(work.run(milliseconds: 2_000) == 500)
    #expect(work.lanes(1...2) == [0, 1])
  }

  @Test("one whose network takes as much again returns after some seconds, and to the better lane")
  func wider() {
    let work = Work()
    work.cap([1: 2_000_000])
    work.update()
    work.cap([2: 300_000])
    work.update()
    // Between the two bounds one stays.
    work.cap([2: 1_600_000])
    #expect(work.run(milliseconds: 10_000) == nil)
    work.cap([2: 1_800_000])
    #expect(work.run(milliseconds: 10_000) == 3_000)
    #expect(work.lanes(1...2) == [0, 0])
    // It is not left between the two bounds, either.
    work.cap([2: 1_500_000])
    #expect(work.run(milliseconds: 10_000) == nil)
  }

  @Test("a move up that is taken back makes the next wait twice as long, until one has held")
  func patience() {
    let work = Work()
    work.cap([1: 2_000_000, 2: 300_000])
    work.update()
    var waits: [Int?] = []
    for held in [2_000, 2_000, 12_000, 0] {
      work.cap([2: 2_000_000])
      waits.append(work.runUntilMoved())
      _ = work.run(milliseconds: held)
      work.cap([2: 300_000])
      _ = work.run(milliseconds: 1_000)
    }
    #expect(waits == [3_000, 6_000, 12_000, 3_000])
  }

  @Test("there are three lanes at most: the weakest share the last")
  func most() {
    let work = Work()
    for (id, rate) in [(1, 2_500_000), (2, 1_000_000), (3, 400_000), (4, 200_000), (5, 100_000)] {
      work.cap([id: rate])
      work.update()
    }
    #expect(work.lanes(1...5) == [0, 1, 2, 2, 2])
    // One who comes between two lanes has no place but that of the next lower.
    work.cap([6: 1_500_000])
    work.update()
    #expect(work.assignment.count == 3)
    #expect(work.assignment.lane(of: 1) == 0)
  }

  @Test("where the host cannot encode another lane, all share one")
  func unaffordable() {
    let work = Work()
    work.affords = false
    for (id, rate) in [(1, 400_000), (2, 2_500_000), (3, 1_000_000)] {
      work.cap([id: rate])
      work.update()
    }
    #expect(work.lanes() == [0, 0, 0])
    #expect(work.run(milliseconds: 5_000) == nil)
  }

  @Test("when a lane has to be closed, the two weakest become one at once")
  func closing() {
    let work = Work()
    for (id, rate) in [(1, 2_500_000), (2, 1_000_000), (3, 400_000)] {
      work.cap([id: rate])
      work.update()
    }
    work.affords = false
    #expect(work.update(closesOne: true) == [3])
    #expect(work.lanes() == [0, 1, 1])
    #expect(work.run(milliseconds: 5_000) == nil)
    #expect(work.update(closesOne: true) == [2, 3])
    #expect(work.lanes() == [0, 0, 0])
  }

  @Test("a lane that everybody has left can be taken again")
  func reuse() {
    let work = Work()
    work.cap([1: 2_500_000, 2: 300_000])
    work.update()
    work.assignment.leave(1)
    #expect(!work.assignment.isUsed(0) && work.assignment.isUsed(1))
    work.cap([3: 2_500_000])
    work.update()
    #expect(work.lanes(2...3) == [1, 0])
  }
}
