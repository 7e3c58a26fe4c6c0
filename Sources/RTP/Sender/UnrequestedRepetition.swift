import NIOCore

/// Decides by the peer's reports and requests whether every packet is sent twice, to a peer that requests none of those
/// that it loses.
///
/// Such a peer shows nothing new from a loss to the next key frame. At a loss of 5 % and six packets a frame, that is four
/// frames away, and the key frame loses packets, too; of packets that are sent twice, 0.25 % are lost. Half of the bitrate is a
/// low price.
struct UnrequestedRepetition: Sendable {
  /// The shares of lost packets from which on packets are repeated: in one report, and in two in a row. A path that becomes
  /// narrower loses some once.
  private static let unbearableLoss = 0.03
  private static let lastingLoss = 0.01
  /// The time without a reported loss after which they are not repeated any more. A repeated packet is rarely lost, so that
  /// a report without losses says little.
  private static let patience = TimeAmount.seconds(30)
  /// A request for a key frame says that something was lost if one was sent that long ago, and so many round trips. The
  /// first one says only that the peer was not ready for what was sent before: two in this time do not.
  private static let arrival = 0.4
  private static let arrivalInRoundTrips = 2.0
  private static let secondRequest = TimeAmount.seconds(3)
  private static let patienceWithoutRequest = TimeAmount.seconds(10)

  private var formerLoss = 0.0
  /// The first key frame since the last request that said something, and when that came.
  private var keyFrameSentAt: NIODeadline?
  private var lastRequest: NIODeadline?
  private var end: NIODeadline?

  func isOn(now: NIODeadline) -> Bool { end.map { now < $0 } ?? false }

  mutating func receive(_ block: ReportBlock, now: NIODeadline) {
    let loss = Double(block.fractionLost) / 256
    let isLossy = loss >= Self.unbearableLoss || min(loss, formerLoss) >= Self.lastingLoss
    if isLossy || (isOn(now: now) && loss > 0) { end = now + Self.patience }
    formerLoss = loss
  }

  mutating func keyFrameSent(now: NIODeadline) { keyFrameSentAt = keyFrameSentAt ?? now }

  /// Dino's first report comes after 5 to 12 s, and it requests a key frame after each loss.
  ///
  /// - Parameter roundTrip: in seconds, with the time that packets wait.
  mutating func keyFrameRequested(roundTrip: Double, now: NIODeadline) {
    let arrival = max(Self.arrival, Self.arrivalInRoundTrips * roundTrip)
    guard let sent = keyFrameSentAt, (now - sent).seconds >= arrival else { return }
    keyFrameSentAt = nil
    defer { lastRequest = now }
    guard isOn(now: now) || lastRequest.map({ now - $0 < Self.secondRequest }) ?? false else { return }
    let end = now + Self.patienceWithoutRequest
    self.end = max(end, self.end ?? end)
  }
}
