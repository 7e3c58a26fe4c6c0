import NIOCore

/// The least time between capture and display that the receiver is asked to keep
/// (http://www.webrtc.org/experiments/rtp-hdrext/playout-delay).
///
/// A receiver shows pictures as early as it can. A packet that was lost and is sent again comes a round trip late, and on a
/// path with a long round trip, or a long queue, the picture stands still for that time. When losses come again and again,
/// the receiver is asked to wait as long as a retransmission takes, so that there is no gap.
struct PlayoutDelay: Sendable {
  /// Of the header extension, in milliseconds.
  private static let unit = 10
  /// In milliseconds. Zero would tell libwebrtc to show each picture at once.
  private static let least = 10
  /// The longest delay that is asked for, in milliseconds, and the one from which on it is: below it libwebrtc waits as
  /// long by itself.
  private static let asked = 150...500
  /// libwebrtc's own limit in milliseconds.
  private static let most = 10_000
  /// What a retransmission takes besides the round trip, in milliseconds: a receiver misses the last packet of a frame when
  /// the next frame comes.
  private static let margin = 80
  /// Losses that follow each other faster are one event.
  private static let event = TimeAmount.seconds(1)
  /// Two events in this time are a habit of the path, and after so long without one it is none any more.
  private static let habit = TimeAmount.seconds(10)
  private static let memory = TimeAmount.seconds(20)

  private var milliseconds = Self.least
  private var lastEvent: NIODeadline?

  /// The value of the header extension: twelve bits of the minimum, twelve of the maximum.
  var encoded: UInt64 { UInt64(milliseconds / Self.unit) << 12 | UInt64(Self.most / Self.unit) }

  /// The receiver has missed packets.
  ///
  /// - Parameter roundTrip: in seconds, with the time that packets wait.
  mutating func packetsMissed(roundTrip: Double, now: NIODeadline) {
    let last = lastEvent
    guard let last, now - last < Self.habit else {
      lastEvent = now
      return
    }
    let isNewEvent = now - last >= Self.event
    if isNewEvent { lastEvent = now }
    let needed = min(Int(roundTrip * 1_000) + Self.margin, Self.asked.upperBound)
    guard needed >= Self.asked.lowerBound, isNewEvent || milliseconds > Self.least else { return }
    milliseconds = max(milliseconds, needed)
  }

  mutating func update(now: NIODeadline) {
    guard let lastEvent, now - lastEvent > Self.memory else { return }
    milliseconds = Self.least
    self.lastEvent = nil
  }
}
