import NIOCore
import Testing

@testable import ICE

@Suite struct GatheringScheduleTests {
  private static let start = NIODeadline.uptimeNanoseconds(0)

  private static func task(_ server: Int, on id: UInt32 = 1) -> GatheringTask {
    GatheringTask(endpoint: LocalEndpoint(id: id), server: server)
  }

  @Test("one server is queried per Ta, and a skipped one takes no time")
  func pacing() {
    var schedule = GatheringSchedule()
    schedule.append([Self.task(0), Self.task(1), Self.task(2)])
    #expect(schedule.next(now: Self.start) == Self.task(0))
    #expect(schedule.next(now: Self.start) == Self.task(1))
    schedule.asked(now: Self.start)
    #expect(schedule.next(now: Self.start) == nil)
    #expect(schedule.deadline == Self.start + ICEAgent.pacing)
    #expect(schedule.next(now: Self.start + ICEAgent.pacing) == Self.task(2))
    #expect(schedule.deadline == nil)
  }

  @Test("the silence of UDP is measured from the first query and reported once")
  func silence() {
    var schedule = GatheringSchedule()
    schedule.awaitDatagrams(now: Self.start)
    schedule.awaitDatagrams(now: Self.start + .milliseconds(400))
    let due = Self.start + GatheringSchedule.streamDelay
    #expect(schedule.deadline == due)
    #expect(schedule.takeSilence(now: due - .nanoseconds(1)) == false)
    #expect(schedule.takeSilence(now: due) == true)
    #expect(schedule.takeSilence(now: due) == false)
  }

  @Test("released tasks resume gathering, and nothing fails in the meantime")
  func patience() {
    var schedule = GatheringSchedule()
    schedule.reserve(Self.task(0))
    schedule.reserve(Self.task(1))
    schedule.complete(lacksRelay: true, now: Self.start)
    schedule.release { $0.server == 1 }
    #expect(schedule.isUnderWay)
    #expect(schedule.spare == [Self.task(0)])
    #expect(schedule.takeGivingUp(now: Self.start + GatheringSchedule.relayPatience) == false)
    schedule.complete(lacksRelay: true, now: Self.start)
    #expect(schedule.takeGivingUp(now: Self.start + GatheringSchedule.relayPatience) == true)
  }

  @Test("no server is queried from a removed socket")
  func removal() {
    var schedule = GatheringSchedule()
    schedule.append([Self.task(0, on: 1), Self.task(0, on: 2)])
    schedule.reserve(Self.task(1, on: 1))
    schedule.remove(LocalEndpoint(id: 1))
    #expect(schedule.spare.isEmpty)
    #expect(schedule.next(now: Self.start) == Self.task(0, on: 2))
    #expect(schedule.next(now: Self.start) == nil)
  }
}
