import NIOCore

/// Whether a stanza with a stamp of Delayed Delivery (XEP-0203) is still current.
///
/// Servers stamp what they stored while no resource was available; Prosody and ejabberd also stamp what they deliver
/// again after a resumption (XEP-0198 section 5), and clients what they send again after an interruption of their own.
/// The first kind is too old to act upon and the others are not. Only the age of the stamp tells them apart.
///
/// A stamp is wall-clock time by the server's clock, which is therefore requested (XEP-0202). If the server does not
/// answer, as ejabberd by default, its clock is assumed to agree with that of this computer. Since the latter may be
/// wrong until the network is available, and then steps, the time is continued by the monotonic clock.
package struct Timeliness: Sendable {
  /// How long a user who calls, or has sent a command, is assumed to wait for the answer, in seconds. A dead connection
  /// goes unnoticed for almost as long.
  static let patience: Int64 = 120
  /// How far the clock of a client that stamps may be ahead of the server's, in seconds.
  static let tolerance: Int64 = 10
  /// The error of stamps and times without fractions, and the delay of the server's answer, in seconds.
  static let precision: Int64 = 5

  /// When we came online first. What was sent before is not meant for this process.
  private let start: NIODeadline
  private var connections = 0
  /// A wall-clock time in seconds since 1970, and the monotonic time of the same instant; nil if it is not known.
  private var reference: (time: NIODeadline, seconds: Int64)?
  private var isOfServer = false

  /// - Parameter start: when we came online first; later interruptions do not count.
  package init(start: NIODeadline) {
    self.start = start
  }

  /// Notes that a connection was established, the first one or a later one.
  ///
  /// - Parameter wallClock: the clock of this computer in seconds since 1970; nil if it is not known.
  mutating func connected(wallClock: Int64?, now: NIODeadline) {
    connections += 1
    if let wallClock, !isOfServer { reference = (now, wallClock) }
  }

  /// Takes the server's time, in seconds since 1970, which was requested at the time `requested`.
  mutating func learn(serverTime: Int64, requested: NIODeadline) {
    reference = (requested, serverTime)
    isOfServer = true
  }

  /// Whether nothing indicates that the stanza is old. All of its stamps must agree, since its sender can add one too.
  func isTimely(_ stanza: XMLElement, now: NIODeadline) -> Bool {
    DelayedDelivery.stamps(of: stanza).allSatisfy { stamp in
      guard let stamp, let reference else { return false }
      // The years of stamps have four digits, so that nothing here overflows.
      func serverTime(_ moment: NIODeadline) -> Int64 {
        reference.seconds + (moment - reference.time).nanoseconds / 1_000_000_000
      }
      let age = serverTime(now) - stamp
      // On the first connection the server has stored everything older; on a later one it may have been delayed by the
      // interruption.
      let first = serverTime(start) + (connections <= 1 ? 1 : -Self.precision)
      return -Self.tolerance...Self.patience ~= age && stamp >= first
    }
  }
}
