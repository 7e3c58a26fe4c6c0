import Studio

extension EncodingLimits {
  /// The bitrate that is not exceeded unless a setting says otherwise, in bits per second.
  private static let defaultMaximum = 2_500_000
  private static let defaultMinimum = 100_000

  /// - Throws: `SettingError` where what is said for the lowest bitrate is above the highest.
  package init(maximumBitrate: Int?, minimumBitrate: Int?, isFixed: Bool) throws(SettingError) {
    let maximum = maximumBitrate ?? Self.defaultMaximum
    if let minimumBitrate, minimumBitrate > maximum {
      throw SettingError(
        of: .option("min-bitrate"), "\(minimumBitrate / 1000)k is above the bitrate of \(maximum / 1000)k",
        cure: "lower it, or raise --bitrate", .usage)
    }
    self.init(
      maximumBitrate: maximum, minimumBitrate: minimumBitrate ?? min(Self.defaultMinimum, maximum), isFixed: isFixed)
  }
}
