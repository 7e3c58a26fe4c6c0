import COpus

extension OpusEncoder {
  package enum Content: Sendable {
    case voice
    case music
  }

  package struct Configuration: Sendable {
    /// 1 or 2.
    package var channels: Int
    /// The bitrate in bits per second.
    package var bitrate: Int
    package var content: Content

    package init(channels: Int, bitrate: Int, content: Content) {
      self.channels = channels
      self.bitrate = Self.possible(bitrate: bitrate)
      self.content = content
    }

    /// "Opus supports all bitrates from 6 kbit/s to 510 kbit/s" (RFC 6716 section 2.1.1).
    static func possible(bitrate: Int) -> Int {
      max(6_000, min(bitrate, 510_000))
    }

    var application: Int32 {
      switch content {
      case .voice: OPUS_APPLICATION_VOIP
      case .music: OPUS_APPLICATION_AUDIO
      }
    }
  }
}
