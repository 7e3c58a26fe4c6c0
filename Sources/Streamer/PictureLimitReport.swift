/// Decides when a change of what limits the picture deserves a line.
///
/// The size and the bitrate of a picture follow the network each second. So a line is written only when the limit has
/// differed from what was told last in five statistics in a row, which come once a second, and thirty after the last line.
struct PictureLimitReport: Sendable {
  private static let patience = 5
  private static let interval = 30
  /// The ratio of two bitrates from which on they differ.
  private static let tolerance = 1.5

  /// nil: nothing was told, since nothing limited the picture.
  private var told: PictureLimit?
  private var differing = 0
  private var sinceLine = Self.interval

  /// Takes the limit that the statistics of a second show.
  ///
  /// - Returns: what is to be told.
  mutating func update(_ limit: PictureLimit) -> PictureLimit? {
    sinceLine += 1
    guard differs(limit) else {
      differing = 0
      return nil
    }
    differing += 1
    guard differing >= Self.patience, sinceLine >= Self.interval else { return nil }
    told = limit
    (differing, sinceLine) = (0, 0)
    return limit
  }

  private func differs(_ limit: PictureLimit) -> Bool {
    switch (told?.cause ?? .none, limit.cause) {
    case (.none, .none): false
    case (.host, .host): isOtherSize(limit)
    case (.network(let former), .network(let bitrate)):
      isOtherSize(limit) || Double(max(former, bitrate)) >= Self.tolerance * Double(min(former, bitrate))
    default: true
    }
  }

  private func isOtherSize(_ limit: PictureLimit) -> Bool {
    (told?.width, told?.height) != (limit.width, limit.height)
  }
}
