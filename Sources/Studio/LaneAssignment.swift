import NIOCore

/// Which viewers share an encode: those whose networks take nearly the same.
///
/// The best viewer of a lane sets its bitrate, so that nobody's trouble is another's. Whose network takes less than
/// `near` of that leaves soon, for the lane of others like them or for a new one; whose network takes `nearer` of what
/// a better lane has moves there late. In between one stays. A move up that had to be taken back makes the next one wait
/// twice as long. Where there is no further lane, the weakest viewers share the last.
struct LaneAssignment: Sendable {
  /// More lanes than this cost more than they give.
  static let most = 3
  /// In parts of what the best of a lane takes.
  fileprivate static let near = 0.7
  private static let nearer = 0.85
  fileprivate static let patienceDown = TimeAmount.milliseconds(500)
  fileprivate static let shortestPatienceUp = TimeAmount.seconds(3)
  fileprivate static let longestPatienceUp = TimeAmount.minutes(2)
  /// A move up that has held for so long is right.
  fileprivate static let trial = TimeAmount.seconds(10)

  fileprivate struct Viewer {
    /// nil: none was chosen yet.
    var lane: Int?
    /// What the network takes in bits per second.
    var rate: Int
    /// Since when another lane would be the better one.
    var misplacedSince: NIODeadline?
    var movedUpAt: NIODeadline?
    var patienceUp = LaneAssignment.shortestPatienceUp
  }

  private struct Group {
    /// What the best of them takes.
    var rate: Int
    var members: [Int]
    var lane: Int?
  }

  /// How many lanes there may be.
  private let most: Int
  private var viewers: [Int: Viewer] = [:]

  init(most: Int = Self.most) {
    self.most = most
  }

  func lane(of id: Int) -> Int? { viewers[id]?.lane }

  /// How many lanes are in use.
  var count: Int { Set(viewers.values.lazy.compactMap(\.lane)).count }

  func isUsed(_ lane: Int) -> Bool { viewers.values.contains { $0.lane == lane } }

  /// Sets what a viewer's network takes, in bits per second; ``update(maximum:closesOne:now:affords:)`` follows.
  mutating func cap(_ id: Int, to bitsPerSecond: Int) {
    viewers[id, default: Viewer(rate: bitsPerSecond)].rate = bitsPerSecond
  }

  mutating func leave(_ id: Int) {
    viewers[id] = nil
  }

  /// Moves viewers to the lanes that suit them.
  ///
  /// - Parameters:
  ///   - maximum: the highest bitrate of a lane, in bits per second: what a network takes beyond it makes no difference.
  ///   - closesOne: whether there has to be a lane less than there is.
  ///   - affords: whether another lane can be encoded that takes this part of the best one's bitrate.
  /// - Returns: who was moved.
  mutating func update(
    maximum: Int, closesOne: Bool = false, now: NIODeadline, affords: (_ part: Double) -> Bool
  ) -> [Int] {
    var groups = groups(maximum: maximum, limit: closesOne ? count - 1 : most, affords: affords)
    assignLanes(to: &groups)
    let bestOfLane = Dictionary(
      viewers.values.lazy.map { ($0.lane, min($0.rate, maximum)) }, uniquingKeysWith: max)
    var moved: [Int] = []
    for group in groups {
      guard let lane = group.lane else { continue }
      for id in group.members {
        guard var viewer = viewers[id] else { continue }
        let isMoved = viewer.move(
          to: lane, part: Double(min(viewer.rate, maximum)) / Double(max(1, bestOfLane[viewer.lane] ?? 0)),
          isForced: closesOne, now: now)
        if isMoved { moved.append(id) }
        viewers[id] = viewer
      }
    }
    return moved
  }

  /// Those who may share a lane, the best first.
  private func groups(maximum: Int, limit: Int, affords: (_ part: Double) -> Bool) -> [Group] {
    let order = viewers.map { (id: $0.key, lane: $0.value.lane, rate: min($0.value.rate, maximum)) }
      .sorted { ($1.rate, $0.id) < ($0.rate, $1.id) }
    let used = count
    var groups: [Group] = []
    for viewer in order {
      guard let last = groups.indices.last else {
        groups.append(Group(rate: viewer.rate, members: [viewer.id], lane: viewer.lane))
        continue
      }
      let isSame = viewer.lane != nil && groups[last].lane == viewer.lane
      let part = isSame ? Self.near : Self.nearer
      let isNear = Double(viewer.rate) >= part * Double(groups[last].rate)
      let mayOpen =
        groups.count < limit
        && (groups.count < used || affords(Double(viewer.rate) / Double(max(1, groups[0].rate))))
      if isNear || !mayOpen {
        groups[last].members.append(viewer.id)
      } else {
        let isTaken = groups.contains { $0.lane == viewer.lane }
        groups.append(Group(rate: viewer.rate, members: [viewer.id], lane: isTaken ? nil : viewer.lane))
      }
    }
    return groups
  }

  /// A group whose best comes from another's lane, or from none, has that of any of its members, or a free one. Where none
  /// is free yet, since those who are to leave one wait, it shares that of the next better group.
  private func assignLanes(to groups: inout [Group]) {
    for index in groups.indices where groups[index].lane == nil {
      let taken = Set(groups.compactMap(\.lane))
      let own = groups[index].members.lazy.compactMap { viewers[$0]?.lane }.first { !taken.contains($0) }
      let free = (0..<most).first { !taken.contains($0) && !isUsed($0) }
      groups[index].lane = own ?? free ?? groups[..<index].last?.lane ?? 0
    }
  }
}

extension LaneAssignment.Viewer {
  /// - Parameters:
  ///   - part: what the viewer takes, in parts of the best of the present lane.
  ///   - isForced: whether there is no time to wait.
  /// - Returns: whether the viewer has moved.
  fileprivate mutating func move(to target: Int, part: Double, isForced: Bool, now: NIODeadline) -> Bool {
    guard target != lane else {
      misplacedSince = nil
      return false
    }
    let since = misplacedSince ?? now
    misplacedSince = since
    if let movedUpAt, now - movedUpAt > LaneAssignment.trial { patienceUp = LaneAssignment.shortestPatienceUp }
    let isTooMuch = part < LaneAssignment.near
    guard lane != nil, !isForced else {
      lane = target
      return true
    }
    guard now - since >= (isTooMuch ? LaneAssignment.patienceDown : patienceUp) else { return false }
    if isTooMuch, let movedUpAt, now - movedUpAt <= LaneAssignment.trial {
      patienceUp = min(patienceUp * 2, LaneAssignment.longestPatienceUp)
    }
    movedUpAt = isTooMuch ? nil : now
    misplacedSince = nil
    lane = target
    return true
  }
}
