import NIOCore
import Testing
import Video

@testable import Studio

@Suite("Who is shown which lane")
struct LanesTests {
  struct Sent {
    let lane: Int
    let captureTime: NIODeadline
    let framesEncoded: Int
  }

  /// Lanes whose open encoders make a frame each 40 ms.
  private final class Work {
    var lanes: Lanes
    var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
    var load = 0.1
    /// Whether the encoders leave a wanted key frame for later.
    var isSlow = false
    private var counters: [EncodingCounters]
    private var wasOpen: [Bool]
    private var wanted: Set<Int> = []
    /// How many key frames there were in each lane.
    private(set) var keyFrames: [Int: Int] = [:]

    init(count: Int = 3) {
      lanes = Lanes(count: count, maximumBitrate: 2_500_000)
      counters = Array(repeating: EncodingCounters(), count: count)
      wasOpen = Array(repeating: false, count: count)
    }

    func cap(_ id: Int, _ rate: Int) { lanes.cap(id, to: rate, stable: rate, now: now) }

    func watch(_ id: Int, _ rate: Int) {
      cap(id, rate)
      lanes.start(id, now: now)
    }

    /// - Returns: for each viewer, the frames that were sent: their lanes and times, and what was counted then.
    @discardableResult
    func frame(for ids: [Int] = []) -> [Int: [Sent]] {
      now = now + .milliseconds(40)
      var sent: [Int: [Sent]] = [:]
      for lane in 0..<lanes.count {
        defer { wasOpen[lane] = lanes.isOpen(lane) }
        guard lanes.isOpen(lane) else { continue }
        wanted.formUnion(lanes.takeKeyFrameRequests())
        let isKeyFrame = !isSlow && wanted.remove(lane) != nil || !wasOpen[lane]
        keyFrames[lane, default: 0] += isKeyFrame ? 1 : 0
        let frame = EncodedFrame(
          data: ByteBuffer(repeating: 0, count: 5_000), isKeyFrame: isKeyFrame, captureTime: now, width: 64, height: 64)
        counters[lane].add(frame, encodeTime: .milliseconds(1))
        counters[lane].targetBitrate = lanes.limit(of: lane)?.target ?? 0
        var video = VideoCounters()
        video.lane = lane
        video.encoding = counters[lane]
        video.encodingLoad = load
        for id in ids {
          guard case .sent(let frame, let video) = lanes.share(of: id, in: frame, video) else { continue }
          sent[id, default: []].append(
            Sent(lane: lane, captureTime: frame.captureTime, framesEncoded: video.encoding.framesEncoded))
        }
        lanes.encoded(frame, video, now: now)
      }
      return sent
    }
  }

  @Test("each is shown one lane, encoded for the best who watches it")
  func limits() {
    let work = Work()
    work.watch(1, 2_000_000)
    work.frame()
    work.watch(2, 400_000)
    work.watch(3, 380_000)
    #expect(work.lanes.limit(of: 0)?.target == 2_000_000 && work.lanes.limit(of: 1)?.target == 400_000)
    #expect(work.lanes.limit(of: 2) == nil)
    let sent = work.frame(for: [1, 2, 3])
    #expect([1, 2, 3].map { sent[$0]?.map(\.lane) } == [[0], [1], [1]])
    #expect((0..<3).map(work.lanes.isOpen) == [true, true, false])
  }

  @Test("of whom nothing is known yet changes nothing for the others, until something is, or pictures are seen")
  func unknown() {
    let work = Work()
    work.watch(1, 400_000)
    work.frame()
    #expect(work.lanes.limit(of: 0)?.target == 400_000)
    work.lanes.start(2, now: work.now)
    #expect(work.lanes.limit(of: 0)?.target == 400_000)
    #expect(work.lanes.lane(of: 2) == 1 && work.lanes.limit(of: 1)?.target == .max)
  }

  @Test("one who has to change is shown the former lane up to a key frame of the other, and counts on")
  func change() throws {
    let work = Work()
    work.watch(1, 2_000_000)
    work.watch(2, 2_000_000)
    for _ in 0..<25 { work.frame(for: [1, 2]) }
    work.cap(2, 300_000)
    var shown: [Sent] = []
    for _ in 0..<50 {
      let sent = work.frame(for: [1, 2])
      #expect(sent[1]?.map(\.lane) == [0])
      shown += sent[2] ?? []
    }
    let change = try #require(shown.firstIndex { $0.lane == 1 })
    #expect((12...18).contains(change))
    #expect(shown.dropFirst(change).allSatisfy { $0.lane == 1 })
    #expect(shown.map(\.framesEncoded) == Array(26..<26 + shown.count))
    // Not even the picture that came in both lanes was sent twice with the same time.
    #expect(zip(shown, shown.dropFirst()).allSatisfy { $0.captureTime < $1.captureTime })
    #expect(work.lanes.limit(of: 1)?.target == 300_000)
    #expect(work.keyFrames == [0: 1, 1: 1])
  }

  @Test("one who changes to a lane that others watch waits for its key frame, and counts on")
  func changeToOthers() throws {
    let work = Work()
    work.watch(1, 2_000_000)
    work.watch(3, 2_000_000)
    work.frame(for: [1, 3])
    work.watch(2, 300_000)
    for _ in 0..<25 { work.frame(for: [1, 2, 3]) }
    work.isSlow = true
    work.cap(3, 300_000)
    var shown: [Sent] = []
    for frame in 0..<50 {
      if frame == 30 { work.isSlow = false }
      shown += work.frame(for: [1, 2, 3])[3] ?? []
    }
    #expect(shown.firstIndex { $0.lane == 1 } == 31)
    #expect(shown.dropFirst(31).allSatisfy { $0.lane == 1 })
    #expect(shown.map(\.framesEncoded) == Array(27..<27 + shown.count))
    #expect(work.keyFrames == [0: 1, 1: 2])
  }

  @Test("a lane that one is still shown stays open, encoded as it was, until the change")
  func closing() {
    let work = Work()
    work.watch(1, 2_000_000)
    work.frame()
    work.watch(2, 300_000)
    work.frame(for: [1, 2])
    work.cap(2, 2_000_000)
    var waited = 0
    while work.lanes.limit(of: 1) != nil, waited < 100 {
      work.frame()
      waited += 1
    }
    #expect((70...80).contains(waited))
    #expect(work.lanes.isOpen(1) && work.lanes.limit(of: 1) == nil)
    let sent = work.frame(for: [1, 2])
    #expect(sent[2]?.map(\.lane) == [0])
    #expect(!work.lanes.isOpen(1))
  }

  @Test("a host that cannot encode what was opened has a lane less")
  func overload() {
    let work = Work()
    work.watch(1, 2_000_000)
    work.frame()
    work.watch(2, 300_000)
    for _ in 0..<10 { work.frame(for: [1, 2]) }
    #expect(work.lanes.isOpen(1))
    work.load = 0.9
    for _ in 0..<50 { work.frame(for: [1, 2]) }
    #expect((0..<3).map(work.lanes.isOpen) == [true, false, false])
    #expect(work.frame(for: [1, 2])[2]?.map(\.lane) == [0])
  }

  @Test("with one lane all watch it, and whoever takes less is sent less of it")
  func single() {
    let work = Work(count: 1)
    work.watch(1, 2_000_000)
    work.watch(2, 300_000)
    for _ in 0..<150 { work.frame(for: [1, 2]) }
    #expect(work.lanes.isLayered(0))
    #expect(work.lanes.limit(of: 0)?.target == 2_000_000)
  }

  @Test("who has left is sent nothing, and the lane is closed; the first one stays for whoever comes")
  func leaving() {
    let work = Work()
    work.watch(1, 2_000_000)
    work.frame()
    work.watch(2, 300_000)
    work.lanes.leave(1)
    #expect((0..<3).map(work.lanes.isOpen) == [false, true, false])
    work.lanes.leave(2)
    #expect((0..<3).map(work.lanes.isOpen) == [true, false, false])
    #expect(work.frame(for: [1, 2]).isEmpty)
  }

  @Test("the counters of a viewer go on when the source was opened again")
  func reopened() {
    let work = Work()
    work.watch(1, 2_000_000)
    for _ in 0..<10 { work.frame(for: [1]) }
    work.lanes.sourceEnded()
    let again = Work()
    again.lanes = work.lanes
    #expect(again.frame(for: [1])[1]?.map(\.framesEncoded) == [11])
    #expect(again.lanes.total.framesEncoded == 1)
  }

  @Test("all lanes are counted together, with the highest target bitrate")
  func total() {
    let work = Work()
    work.watch(1, 2_000_000)
    work.frame()
    work.watch(2, 300_000)
    for _ in 0..<3 { work.frame(for: [1, 2]) }
    #expect(work.lanes.total.framesEncoded == 7 && work.lanes.total.targetBitrate == 2_000_000)
    work.lanes.leave(1)
    #expect(work.lanes.total.targetBitrate == 300_000)
  }
}
