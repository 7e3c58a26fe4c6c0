import NIOCore
import RTP

/// The arrivals of a transport's packets, and the feedback on them as libwebrtc makes it: each begins where the last
/// one has ended, or at a packet that has come late since, and then reports again what follows that.
package struct TransportFeedbackRecorder {
  /// How long an arrival is kept to be reported again.
  private static let memory = TimeAmount.milliseconds(500)

  private let origin: NIODeadline
  private var arrivals: [Int: NIODeadline] = [:]
  private var first: Int?
  private var latest = 0
  private var hasNews = false
  private var feedbackCount: UInt8 = 0

  /// - Parameter origin: the time at which the receiver's clock began.
  package init(origin: NIODeadline) {
    self.origin = origin
  }

  /// Takes the transport-wide sequence number of a packet; one that has arrived before counts for nothing.
  package mutating func receive(_ sequenceNumber: UInt16, now: NIODeadline) {
    guard let first else {
      self.first = Int(sequenceNumber)
      return record(Int(sequenceNumber), now: now)
    }
    let distance = Int16(bitPattern: sequenceNumber &- UInt16(truncatingIfNeeded: latest))
    let number = latest + Int(distance)
    guard arrivals[number] == nil else { return }
    self.first = min(first, number)
    record(number, now: now)
  }

  private mutating func record(_ number: Int, now: NIODeadline) {
    arrivals[number] = now
    latest = max(latest, number)
    hasNews = true
  }

  /// Returns the next feedback; nil if nothing has arrived since the last one.
  package mutating func feedback(senderSSRC: UInt32, mediaSSRC: UInt32, now: NIODeadline) -> TransportWideFeedback? {
    guard let first, hasNews else { return nil }
    defer {
      self.first = latest + 1
      hasNews = false
      feedbackCount &+= 1
      arrivals = arrivals.filter { now - $0.value <= Self.memory }
    }
    return TransportWideFeedback(
      senderSSRC: senderSSRC, mediaSSRC: mediaSSRC, feedbackCount: feedbackCount,
      baseSequenceNumber: UInt16(truncatingIfNeeded: first), packetStatusCount: latest + 1 - first,
      arrivals: (first...latest).compactMap { number in
        arrivals[number].map { .init(sequenceNumber: UInt16(truncatingIfNeeded: number), time: $0 - origin) }
      })
  }
}
