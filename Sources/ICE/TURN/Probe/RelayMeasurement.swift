import NIOCore

/// The schedule of the packets through a relay, and the evaluation of their arrivals.
struct RelayMeasurement: Sendable {
  static let packets = 200
  /// The time between packets, as in a small video: 200 packets take 2 s.
  static let interval = TimeAmount.milliseconds(10)
  static let payloadLength = 160
  /// The payload lengths to try, in bytes: from below what IPv6 always carries, over what RTP uses here (1,200), to a
  /// whole Ethernet frame. Each is sent twice, so that a random loss is not taken for a limit.
  static let lengths = [500, 1_000, 1_200, 1_232, 1_280, 1_300, 1_350, 1_380, 1_400, 1_420, 1_440, 1_452, 1_460, 1_472]
  /// The time to wait for the last packet.
  static let patience = TimeAmount.seconds(1)

  private static let total = packets + 2 * lengths.count

  let token: UInt64
  private let startedAt: NIODeadline
  private var sentAt: [NIODeadline] = []
  private var arrived: Set<Int> = []
  private var previousTransit: TimeAmount?
  private var jitter = 0.0
  private(set) var roundTripTimes = RoundTripTimes()

  init(token: UInt64, now: NIODeadline) {
    self.token = token
    startedAt = now
  }

  var packetsSent: Int { min(sentAt.count, Self.packets) }
  var packetsReceived: Int { arrived.count { $0 < Self.packets } }
  var interarrivalJitter: TimeAmount { .nanoseconds(Int64(jitter)) }
  var largestPayload: Int? { arrived.filter { $0 >= Self.packets }.map(Self.length).max() }
  var isComplete: Bool { arrived.count == Self.total || sentAt.count == Self.total && nextAt == nil }

  /// When the next packet is due; nil once all were sent and the last one has had its time.
  private(set) var nextAt: NIODeadline? = .uptimeNanoseconds(0)

  /// Returns the next packet if it is due.
  mutating func next(now: NIODeadline) -> ByteBuffer? {
    guard let due = nextAt, due <= now else { return nil }
    guard sentAt.count < Self.total else {
      nextAt = nil
      return nil
    }
    let number = sentAt.count
    sentAt.append(now)
    let wait = sentAt.count < Self.total ? Self.interval : Self.patience
    nextAt = (sentAt.count < Self.total ? startedAt + Self.interval * number : now) + wait
    return ProbePacket(token: token, number: number).encoded(length: Self.length(of: number))
  }

  mutating func receive(_ payload: ByteBuffer, now: NIODeadline) {
    guard let packet = ProbePacket(payload, token: token) else { return }
    let number = Int(packet.number)
    guard sentAt.indices.contains(number), payload.readableBytes == Self.length(of: number) else { return }
    guard arrived.insert(number).inserted, number < Self.packets else { return }
    let transit = now - sentAt[number]
    roundTripTimes.record(transit)
    // "J(i) = J(i-1) + (|D(i-1,i)| - J(i-1))/16" (RFC 3550 section 6.4.1).
    if let previousTransit {
      jitter += (Double(abs(transit.nanoseconds - previousTransit.nanoseconds)) - jitter) / 16
    }
    previousTransit = transit
  }

  private static func length(of number: Int) -> Int {
    number < packets ? payloadLength : lengths[(number - packets) / 2]
  }
}
