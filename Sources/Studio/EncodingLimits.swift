/// The limits within which pictures are encoded; bitrates are in bits per second.
package struct EncodingLimits: Equatable, Sendable {
  /// The highest target of the encoder, whatever the network takes.
  package var maximumBitrate: Int
  /// The lowest target; it counts for more than what the network takes.
  package var minimumBitrate: Int
  /// Whether pictures keep the size and the frame rate of the source.
  package var isFixed: Bool

  package init(maximumBitrate: Int, minimumBitrate: Int = 100_000, isFixed: Bool = false) {
    self.maximumBitrate = maximumBitrate
    self.minimumBitrate = minimumBitrate
    self.isFixed = isFixed
  }

  /// - Parameter available: the bitrate that the network takes; nil: nothing is known of it.
  func target(available: Int?) -> Int {
    // With one size the bitrate goes as low as the receiver says.
    let lowest = isFixed ? 0 : minimumBitrate
    return min(maximumBitrate, max(lowest, available ?? maximumBitrate))
  }
}
