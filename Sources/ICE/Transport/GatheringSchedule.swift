import NIOCore

/// The schedule by which servers are queried from sockets. Gathering is paced by Ta as well (RFC 8445 section 14.2),
/// and some servers are queried only if the others yield nothing.
struct GatheringSchedule: Sendable {
  /// The time for which a server may be silent over UDP before TCP and TLS are tried: that until the first
  /// retransmission.
  static let streamDelay = RetransmissionTimer.initialRTO
  /// The time to wait for further sockets, which may reach a server that the present ones do not.
  static let relayPatience = TimeAmount.seconds(1)

  /// The tasks to perform, one per Ta.
  private(set) var queue = CircularBuffer<GatheringTask>()
  /// The relays that may be needed later: those over streams, those of servers that have granted an allocation already,
  /// and those that were freed because the selected pair does not use them.
  private(set) var spare: [GatheringTask] = []
  /// Whether gathering is in progress, W3C's `gathering`: from the first task until the last response.
  private(set) var isUnderWay = false
  /// Whether the peer has IPv6, so that IPv6 relayed addresses are useful.
  private(set) var wantsIPv6Relays = false
  private var nextAt: NIODeadline?
  /// When streams are tried, since UDP has been silent for too long.
  private var streamsAt: NIODeadline?
  /// When the policy `relay` fails for lack of a relay.
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

  /// Keeps a task in case the others yield nothing.
  mutating func reserve(_ task: GatheringTask) {
    spare.append(task)
  }

  /// Notes that IPv6 relays are wanted; returns whether that is new.
  mutating func wantIPv6Relays() -> Bool {
    defer { wantsIPv6Relays = true }
    return !wantsIPv6Relays
  }

  /// Returns the next task if it is due. If a request is sent for it, `asked` must be called, so that the next task
  /// waits for Ta.
  mutating func next(now: NIODeadline) -> GatheringTask? {
    nextAt ?? now <= now ? queue.popFirst() : nil
  }

  mutating func asked(now: NIODeadline) {
    nextAt = now + ICEAgent.pacing
  }

  /// Notes that a server is queried over UDP, which delays the streams.
  mutating func awaitDatagrams(now: NIODeadline) {
    streamsAt = streamsAt ?? now + Self.streamDelay
  }

  /// Returns true once when UDP has been silent for too long.
  mutating func takeSilence(now: NIODeadline) -> Bool {
    guard let due = streamsAt, due <= now else { return false }
    streamsAt = nil
    return true
  }

  /// Moves reserved tasks to the queue.
  mutating func release(where isWanted: (GatheringTask) -> Bool) {
    let released = spare.filter(isWanted)
    guard !released.isEmpty else { return }
    spare.removeAll(where: released.contains)
    queue.append(contentsOf: released)
    isUnderWay = true
  }

  /// Removes all reserved tasks and returns them, to be enqueued again.
  mutating func takeSpare() -> [GatheringTask] {
    defer { spare.removeAll() }
    return spare
  }

  /// Empties the queue and reserves the relays in it.
  mutating func suspend(relays isRelay: (GatheringTask) -> Bool) {
    spare += queue.filter(isRelay)
    queue.removeAll()
  }

  /// Ends gathering after the last response.
  ///
  /// - Parameter lacksRelay: the policy is `relay`, and there is no relay so far.
  mutating func complete(lacksRelay: Bool, now: NIODeadline) {
    isUnderWay = false
    givesUpAt = lacksRelay ? now + Self.relayPatience : nil
  }

  /// Returns true once when the wait for a relay has ended without one.
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
