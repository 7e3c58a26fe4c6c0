import NIOCore
import XMPP

/// Whether a caller gets in: on the list, not too often, and while there is room.
struct CallAdmission: Sendable {
  enum Decision: Equatable, Sendable {
    case admit
    case refuse(Refusal)
  }

  enum Refusal: String, CaseIterable, Sendable {
    /// Learns nothing of us.
    case stranger
    // Both hear that we are busy.
    case tooOften = "too-often"
    case full
  }

  var access: AccessList
  var maximumViewers: Int
  var callsPerMinute: Int
  /// Of those who called lately; a domain on the list may have many.
  private var recent: [JID: TokenBucket] = [:]

  init(access: AccessList, maximumViewers: Int, callsPerMinute: Int) {
    self.access = access
    self.maximumViewers = maximumViewers
    self.callsPerMinute = callsPerMinute
  }

  mutating func decide(on caller: JID, viewers: Int, now: NIODeadline) -> Decision {
    guard access.role(of: caller) != nil else { return .refuse(.stranger) }
    for (jid, bucket) in recent {
      var bucket = bucket
      if bucket.isFull(now: now) { recent[jid] = nil }
    }
    var bucket =
      recent[caller.bare]
      ?? TokenBucket(
        capacity: callsPerMinute, interval: .nanoseconds(TimeAmount.minutes(1).nanoseconds / Int64(callsPerMinute)),
        now: now)
    let mayCall = bucket.take(now: now)
    recent[caller.bare] = bucket
    guard mayCall else { return .refuse(.tooOften) }
    return viewers < maximumViewers ? .admit : .refuse(.full)
  }
}
