import NIOCore
import Video

/// The lanes of a broadcast: who is shown which, and what each is encoded for.
///
/// A viewer changes to another lane at a key frame of that lane, and is shown the former one until then.
struct Lanes: Sendable {
  private static let updateInterval = TimeAmount.milliseconds(100)

  /// What a viewer gets of a frame.
  enum Share: Sendable {
    /// It is another lane's.
    case nothing
    /// It is of the viewer's lane, and left out since the viewer's network takes less.
    case skipped(EncodedFrame, VideoCounters)
    case sent(EncodedFrame, VideoCounters)
  }

  private struct Place {
    /// What the viewer's network takes, in bits per second.
    var target: Int
    var stable: Int
    /// nil until the viewer can see anything.
    var shown: Int?
    /// What was counted in the lanes before the present one, and in the present one before it was shown.
    var former = EncodingCounters()
    var beginning = EncodingCounters()
    var lastCapture = NIODeadline.uptimeNanoseconds(0)
  }

  /// The highest bitrate of a lane, in bits per second.
  var maximumBitrate: Int
  private var assignment: LaneAssignment
  private var budget = LaneBudget()
  private var bitrates: [ViewerBitrates]
  private var counters: [EncodingCounters]
  private var places: [Int: Place] = [:]
  private var nextUpdate = NIODeadline.uptimeNanoseconds(0)
  private var awaitedKeyFrames: Set<Int> = []

  /// - Parameter count: how many lanes there may be.
  init(count: Int = LaneAssignment.most, maximumBitrate: Int) {
    self.maximumBitrate = maximumBitrate
    assignment = LaneAssignment(most: count)
    bitrates = Array(repeating: ViewerBitrates(), count: count)
    counters = Array(repeating: EncodingCounters(), count: count)
  }

  /// Whether nobody watches, or is about to.
  var isUnused: Bool { places.isEmpty }

  // MARK: For the encoders

  var count: Int { bitrates.count }

  /// Whether a lane is encoded: for those who can see it, or are about to. The first one is where there are none.
  func isOpen(_ lane: Int) -> Bool {
    let watching = places.lazy.filter { $0.value.shown != nil }
    return watching.contains { $0.value.shown == lane || assignment.lane(of: $0.key) == lane }
      || (lane == 0 && watching.isEmpty)
  }

  /// What a lane is encoded for, in bits per second, and the same without what is to be made up for at the moment; nil
  /// for a lane that nobody is to be shown.
  func limit(of lane: Int) -> (target: Int, stable: Int)? {
    assignment.isUsed(lane) ? (bitrates[lane].limit, bitrates[lane].stableLimit) : nil
  }

  func isLayered(_ lane: Int) -> Bool { bitrates[lane].isAnyThrottled }

  /// The lanes in which somebody waits for a key frame, to be shown the lane from there on.
  mutating func takeKeyFrameRequests() -> Set<Int> {
    defer { awaitedKeyFrames = [] }
    return awaitedKeyFrames
  }

  /// What was counted in all lanes since the source was opened; the target bitrate is the highest of them.
  var total: EncodingCounters {
    var total = counters.reduce(EncodingCounters(), +)
    total.targetBitrate = counters.indices.lazy.filter(isOpen).map { counters[$0].targetBitrate }.max() ?? 0
    return total
  }

  // MARK: Viewers

  /// - Parameter stable: the same without what is to be made up for at the moment.
  mutating func cap(_ id: Int, to bitsPerSecond: Int, stable: Int, now: NIODeadline) {
    let isNew = places[id] == nil
    places[id, default: Place(target: bitsPerSecond, stable: stable)].target = bitsPerSecond
    places[id]?.stable = stable
    assignment.cap(id, to: stable)
    if isNew || now >= nextUpdate { update(now: now) }
    if let lane = assignment.lane(of: id) { bitrates[lane].cap(id, to: bitsPerSecond, stable: stable) }
  }

  /// The viewer can see pictures from now on.
  mutating func start(_ id: Int, now: NIODeadline) {
    if places[id] == nil { cap(id, to: .max, stable: .max, now: now) }
    places[id]?.shown = assignment.lane(of: id)
  }

  /// The lane whose pictures a viewer is shown.
  func lane(of id: Int) -> Int? { places[id]?.shown }

  mutating func leave(_ id: Int) {
    guard places.removeValue(forKey: id) != nil else { return }
    if let lane = assignment.lane(of: id) { bitrates[lane].leave(id) }
    assignment.leave(id)
  }

  // MARK: Frames

  /// What a viewer gets of a frame, before ``encoded(_:_:now:)`` is told of it: with what was counted of all that the
  /// viewer was shown, in whichever lane.
  mutating func share(of id: Int, in frame: EncodedFrame, _ video: VideoCounters) -> Share {
    guard var place = places[id], let shown = place.shown else { return .nothing }
    if video.lane != shown {
      guard frame.isKeyFrame, video.lane == assignment.lane(of: id) else { return .nothing }
      place.former = place.former + (counters[shown] - place.beginning)
      place.beginning = counters[video.lane]
      place.shown = video.lane
    }
    var (frame, video) = (frame, video)
    // At the change the same picture may come in both lanes, and no two have the same time.
    frame.captureTime = max(frame.captureTime, place.lastCapture + .milliseconds(1))
    place.lastCapture = frame.captureTime
    places[id] = place
    video.encoding = place.former + (video.encoding - place.beginning)
    return bitrates[video.lane].isFor(id, temporalLayer: frame.temporalLayer)
      ? .sent(frame, video) : .skipped(frame, video)
  }

  /// Takes each frame of each lane, whoever was sent it.
  mutating func encoded(_ frame: EncodedFrame, _ video: VideoCounters, now: NIODeadline) {
    counters[video.lane] = video.encoding
    _ = bitrates[video.lane].add(
      bytes: frame.data.readableBytes, temporalLayer: frame.temporalLayer, at: frame.captureTime)
    let closesOne = budget.record(load: video.encodingLoad, lanes: assignment.count, now: now)
    if closesOne || now >= nextUpdate { update(closesOne: closesOne, now: now) }
  }

  /// The next frames are of another source, or of the same that was opened again.
  mutating func sourceEnded() {
    for (id, var place) in places {
      if let shown = place.shown { place.former = place.former + (counters[shown] - place.beginning) }
      place.beginning = EncodingCounters()
      places[id] = place
    }
    for lane in counters.indices { counters[lane] = EncodingCounters() }
  }

  private mutating func update(closesOne: Bool = false, now: NIODeadline) {
    nextUpdate = now + Self.updateInterval
    let former = places.keys.reduce(into: [Int: Int]()) { $0[$1] = assignment.lane(of: $1) }
    let budget = budget
    let moved = assignment.update(maximum: maximumBitrate, closesOne: closesOne, now: now) {
      budget.affords(part: $0, now: now)
    }
    for id in moved {
      guard let place = places[id], let lane = assignment.lane(of: id) else { continue }
      if let former = former[id] { bitrates[former].leave(id) }
      bitrates[lane].join(id)
      bitrates[lane].cap(id, to: place.target, stable: place.stable)
      if place.shown != nil { awaitedKeyFrames.insert(lane) }
    }
  }
}
