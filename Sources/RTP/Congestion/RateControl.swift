import NIOCore

/// The control of congestion for one viewer: by the times at which packets arrive, where its client tells them, else by
/// round-trip times.
package struct RateControl: Sendable {
  /// A peer that has agreed to tell of arrivals and tells of none in this time does not do so.
  private static let feedbackPatience = TimeAmount.seconds(3)

  /// nil where the peer sends no transport-wide feedback.
  private var arrivals: CongestionController?
  private var roundTrips: RoundTripController
  /// The peer has agreed to tell of arrivals, and tells of none.
  private var isFeedbackMissed = false
  private let initialRate: Double
  private var firstSent: NIODeadline?
  /// The bitrate of the peer's REMB in bits per second.
  private var maximumBitrate: Int?

  /// - Parameters:
  ///   - hasFeedback: whether transport-wide feedback is agreed.
  ///   - formerRate: what the path to the same peer carried last, in bits per second; nil where nothing is known.
  package init(hasFeedback: Bool, formerRate: Int?, now: NIODeadline) {
    let rate = Self.initialRate(after: formerRate)
    arrivals = hasFeedback ? CongestionController(rate: rate, now: now) : nil
    roundTrips = RoundTripController(rate: rate, now: now)
    initialRate = rate
  }

  private var usesArrivals: Bool { arrivals != nil && !isFeedbackMissed }

  /// The highest rate to begin with: the network may be another one today, and a first picture that is made for much
  /// more than it carries is late.
  private static let highestInitialRate = 1e6

  /// Half of what the path carried last, but no less than where nothing is known, unless it carried less. A viewer may have
  /// claimed by REMB that it carried nothing.
  static func initialRate(after formerRate: Int?) -> Double {
    let usual = CongestionController.initialRate
    guard let formerRate = formerRate.map(Double.init) else { return usual }
    return max(Dispersion.rates.lowerBound, min(max(formerRate / 2, min(formerRate, usual)), highestInitialRate))
  }

  /// What the path carries in bits per second, with all headers.
  package var availableRate: Double {
    limited((usesArrivals ? arrivals?.availableRate : nil) ?? roundTrips.availableRate)
  }

  /// The least time in seconds that packets waited before the bottleneck, by what was measured last.
  package var queueDelay: Double { (usesArrivals ? arrivals?.queueDelay : nil) ?? roundTrips.queueDelay }
  /// The round-trip time in seconds, with the time that packets wait.
  package var roundTripTime: Double { (usesArrivals ? arrivals?.roundTripTime : nil) ?? roundTrips.roundTripTime }
  /// The bytes that the peer told have arrived, with all headers; nil where it does not tell.
  package var bytesDelivered: Int? { arrivals?.bytesDelivered }

  /// The rate for what is encoded next, in bits per second, with all headers.
  ///
  /// - Parameter bytes: what is encoded and not sent yet.
  package func targetRate(held bytes: Int, now: NIODeadline) -> Double {
    limited(
      (usesArrivals ? arrivals?.targetRate(held: bytes, now: now) : nil) ?? roundTrips.targetRate(held: bytes, now: now)
    )
  }

  /// A REMB says less than transport-wide feedback does.
  private func limited(_ rate: Double) -> Double {
    guard !usesArrivals, let maximumBitrate else { return rate }
    return min(rate, Double(maximumBitrate))
  }

  /// When the next packet may be sent.
  package var nextSendTime: NIODeadline { (usesArrivals ? arrivals?.nextSendTime : nil) ?? roundTrips.nextSendTime }

  /// When the next probe of the round-trip time is due; nil if none is.
  ///
  /// - Parameter hasMedia: whether packets wait to be sent.
  package func nextProbeTime(hasMedia: Bool) -> NIODeadline? {
    !usesArrivals ? roundTrips.nextProbeTime(hasMedia: hasMedia) : nil
  }

  /// - Parameters:
  ///   - number: the transport-wide sequence number, if the packet has one.
  ///   - size: the length in bytes, with all headers.
  ///   - isProbe: whether it was sent for ``takeProbe(now:)`` alone.
  package mutating func sent(_ number: UInt16?, size: Int, isProbe: Bool = false, now: NIODeadline) {
    firstSent = firstSent ?? now
    if !usesArrivals { roundTrips.sent(size: size, now: now) }
    if let number {
      arrivals?.sent(number, size: size, isProbe: isProbe, now: now)
    } else if usesArrivals {
      arrivals?.sentBeside(size, now: now)
    }
  }

  /// Something was sent beside what is controlled, of which feedback does not tell.
  ///
  /// - Parameter size: the length in bytes, with all headers.
  package mutating func sentBeside(_ size: Int, now: NIODeadline) {
    if usesArrivals { arrivals?.sentBeside(size, now: now) } else { roundTrips.sentBeside(size, now: now) }
  }

  /// The bytes to be sent as a probe right behind the frame that was sent last: packets that were sent before, again.
  package mutating func takeProbe(now: NIODeadline) -> Int {
    usesArrivals ? arrivals?.takeProbe(now: now) ?? 0 : 0
  }

  /// The last packet of a frame was sent.
  package mutating func frameSent() {
    if !usesArrivals { roundTrips.frameSent() }
  }

  /// Returns the number of a probe that is sent now.
  package mutating func probeSent(now: NIODeadline) -> Int {
    roundTrips.probeSent(now: now)
  }

  package mutating func receive(_ feedback: TransportWideFeedback, now: NIODeadline) {
    arrivals?.receive(feedback, now: now)
    if arrivals?.hasFeedback == true { isFeedbackMissed = false }
  }

  /// A packet was sent again under the same transport-wide sequence number.
  package mutating func sentAgain(_ number: UInt16) {
    arrivals?.sentAgain(number)
  }

  /// The peer misses packets, by their transport-wide sequence numbers.
  package mutating func missed(_ numbers: [UInt16]) {
    arrivals?.missed(numbers)
  }

  /// The probe with this number was answered.
  package mutating func receiveAnswer(to number: Int, now: NIODeadline) {
    roundTrips.receiveAnswer(to: number, now: now)
  }

  /// Packets take another path from now on.
  package mutating func pathChanged(now: NIODeadline) {
    roundTrips.pathChanged()
    // Before the first packet nothing is known of a path but what the last call told.
    guard firstSent != nil, let arrivals else { return }
    self.arrivals?.pathChanged(rate: Self.initialRate(after: Int(arrivals.availableRate)), now: now)
  }

  /// The peer has reported lost packets.
  package mutating func lossReported() {
    roundTrips.lossReported()
  }

  package mutating func limit(toMaximumBitrate bitrate: Int?) {
    maximumBitrate = bitrate
  }

  /// Some part of a peer's side may agree to feedback that another does not send.
  package mutating func handleTimeout(now: NIODeadline) {
    guard usesArrivals, arrivals?.hasFeedback == false, let firstSent, now - firstSent > Self.feedbackPatience else {
      return
    }
    isFeedbackMissed = true
    roundTrips = RoundTripController(rate: initialRate, now: now)
  }
}
