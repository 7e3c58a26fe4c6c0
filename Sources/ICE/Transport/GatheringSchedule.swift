import NIOCore

/// Which server is to be asked from which socket, and when: "once every Ta" holds for gathering too (RFC 8445 section
/// 14.2), and some are asked only where the others lead nowhere.
struct GatheringSchedule: Sendable {
  /// How long a server may be silent over UDP before others are tried over TCP and TLS: as long as the first request
  /// waits to be repeated.
  static let streamDelay = RetransmissionTimer.initialRTO
  /// For the sockets that are still to be opened, which may reach a server that the others do not.
  static let relayPatience = TimeAmount.seconds(1)

  /// What is asked next, one each Ta.
  private(set) var queue = CircularBuffer<GatheringTask>()
  /// Relays that may still be needed: those over streams, those of servers that have given one already, and those that
  /// were let go because the selected pair does without.
  private(set) var spare: [GatheringTask] = []
  /// W3C's `gathering`: from the first task on until every answer is here.
  private(set) var isUnderWay = false
  /// Whether the peer has IPv6, so that relayed addresses of that family are of use.
  private(set) var wantsIPv6Relays = false
  private var nextAt: NIODeadline?
  /// When UDP has been silent for so long that streams are tried.
  private var streamsAt: NIODeadline?
  /// When nothing is expected any more of policy `relay`.
  private var givesUpAt: NIODeadline?

  var deadline: NIODeadline? {
    [streamsAt, givesUpAt, queue.isEmpty ? nil : nextAt].lazy.compactMap { $0 }.min()
  }

  mutating func begin() {
    isUnderWay = true
  }

  mutating func append(_ tasks: some Collection<GatheringTask>) {
    queue.append(contentsOf: tasks)
  }

  /// Keeps a task for the time when the others lead nowhere.
  mutating func reserve(_ task: GatheringTask) {
    spare.append(task)
  }

  /// Whether IPv6 relays were not wanted before.
  mutating func wantIPv6Relays() -> Bool {
    defer { wantsIPv6Relays = true }
    return !wantsIPv6Relays
  }

  /// The task whose turn it is. Where it asks for something `asked` is to be called, so that the next one waits for Ta.
  mutating func next(now: NIODeadline) -> GatheringTask? {
    nextAt ?? now <= now ? queue.popFirst() : nil
  }

  mutating func asked(now: NIODeadline) {
    nextAt = now + ICEAgent.pacing
  }

  /// A server is asked over UDP: streams wait for it.
  mutating func awaitDatagrams(now: NIODeadline) {
    streamsAt = streamsAt ?? now + Self.streamDelay
  }

  /// Whether UDP has been silent for too long; told once.
  mutating func takeSilence(now: NIODeadline) -> Bool {
    guard let due = streamsAt, due <= now else { return false }
    streamsAt = nil
    return true
  }

  /// Puts reserved tasks in the queue.
  mutating func release(where isWanted: (GatheringTask) -> Bool) {
    let released = spare.filter(isWanted)
    guard !released.isEmpty else { return }
    spare.removeAll(where: released.contains)
    queue.append(contentsOf: released)
    isUnderWay = true
  }

  /// Takes all that was reserved, to be enqueued anew.
  mutating func takeSpare() -> [GatheringTask] {
    defer { spare.removeAll() }
    return spare
  }

  /// Empties the queue and reserves the relays in it.
  mutating func suspend(relays isRelay: (GatheringTask) -> Bool) {
    spare += queue.filter(isRelay)
    queue.removeAll()
  }

  /// Every answer is here.
  ///
  /// - Parameter lacksRelay: policy `relay` has nothing to work with so far.
  mutating func complete(lacksRelay: Bool, now: NIODeadline) {
    isUnderWay = false
    givesUpAt = lacksRelay ? now + Self.relayPatience : nil
  }

  /// Whether the patience for a relay is at its end; told once.
  mutating func takeGivingUp(now: NIODeadline) -> Bool {
    guard let due = givesUpAt, due <= now else { return false }
    givesUpAt = nil
    return !isUnderWay
  }

  mutating func remove(_ endpoint: LocalEndpoint) {
    queue.removeAll { $0.endpoint == endpoint }
    spare.removeAll { $0.endpoint == endpoint }
  }

  mutating func stop() {
    queue.removeAll()
    spare.removeAll()
    streamsAt = nil
    givesUpAt = nil
  }
}
