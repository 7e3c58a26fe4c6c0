import NIOCore

/// Decides whether every packet is sent twice: to a peer that loses packets and requests none of them.
///
/// Such a peer shows nothing new from a loss to the next key frame. At a loss of 5 % and six packets a frame, that is four
/// frames away, and the key frame loses packets, too; of packets that are sent twice, 0.25 % are lost. Half of the bitrate is a
/// low price.
struct UnrequestedRepetition: Sendable {
  /// The share of lost packets from which on packets are repeated.
  private static let bearableLoss = 0.01
  /// The time without a reported loss after which they are not repeated any more. A repeated packet is rarely lost, so that
  /// a report without losses says little.
  private static let patience = TimeAmount.seconds(30)

  private(set) var isOn = false
  private var lastLoss: NIODeadline?

  /// - Parameter requestsPackets: whether the peer has ever requested a lost packet.
  mutating func receive(_ block: ReportBlock, requestsPackets: Bool, now: NIODeadline) {
    guard !requestsPackets else { return isOn = false }
    let loss = Double(block.fractionLost) / 256
    if loss > 0 { lastLoss = now }
    if loss >= Self.bearableLoss {
      isOn = true
    } else if let lastLoss, now - lastLoss > Self.patience {
      isOn = false
    }
  }
}
