import NIOCore

/// Whether a stanza that carries the stamp of Delayed Delivery (XEP-0203) still speaks of now.
///
/// A server stamps what it kept while nobody was there, and Prosody and ejabberd also what they deliver again once a
/// stream is resumed (XEP-0198 section 5); clients stamp what they send again after a break of their own. The first is
/// too old to act upon, the others are not, and only the age of the stamp tells which is which.
///
/// A stamp is in wall-clock time and of the server's clock, which is asked for (XEP-0202); a server that does not tell,
/// as ejabberd where nobody enabled it, is taken to agree with the clock of this computer. Since that one may be wrong
/// until the network is found, and jumps then, time goes on by the monotonic clock from there.
package struct Timeliness: Sendable {
  /// How long somebody who calls, or has asked for something, is taken to wait for the answer, in seconds. A connection
  /// that is dead goes unnoticed for almost as long.
  static let patience: Int64 = 120
  /// How far ahead of the server's the clock of a client that stamps may be, in seconds.
  static let tolerance: Int64 = 10
  /// What stamps and times without fractions may be wrong by, in seconds, and the way of the server's answer.
  static let precision: Int64 = 5

  /// What was sent before is for nobody: nothing was here to take it.
  private let start: NIODeadline
  private var connections = 0
  /// The wall-clock time at a moment, in seconds since 1970; nil where nothing told it.
  private var reference: (time: NIODeadline, seconds: Int64)?
  private var isOfServer = false

  /// - Parameter start: when we came online for the first time. Breaks since then do not count.
  package init(start: NIODeadline) {
    self.start = start
  }

  /// There is a connection, the first one or another.
  ///
  /// - Parameter wallClock: what this computer takes for the time, in seconds since 1970; nil: it does not know.
  mutating func connected(wallClock: Int64?, now: NIODeadline) {
    connections += 1
    if let wallClock, !isOfServer { reference = (now, wallClock) }
  }

  /// The server's answer, in seconds since 1970, to a request that was sent at the time `requested`.
  mutating func learn(serverTime: Int64, requested: NIODeadline) {
    reference = (requested, serverTime)
    isOfServer = true
  }

  /// True: nothing says that the stanza is old. All of its stamps have to agree, since who sent it can add one as well.
  func isTimely(_ stanza: XMLElement, now: NIODeadline) -> Bool {
    DelayedDelivery.stamps(of: stanza).allSatisfy { stamp in
      guard let stamp, let reference else { return false }
      // The years of stamps have four digits, so that none of these overflows.
      func serverTime(_ moment: NIODeadline) -> Int64 {
        reference.seconds + (moment - reference.time).nanoseconds / 1_000_000_000
      }
      let age = serverTime(now) - stamp
      // On the first connection what is as old as that was kept by the server, on a later one held up by the break.
      let first = serverTime(start) + (connections <= 1 ? 1 : -Self.precision)
      return -Self.tolerance...Self.patience ~= age && stamp >= first
    }
  }
}
