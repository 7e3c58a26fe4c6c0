import Account
import NIOCore
import Settings
import XMPP

/// Whether a caller gets in: on the list, not too often, and while there is room.
struct CallAdmission: Sendable {
  enum Decision: Equatable, Sendable {
    case admit
    /// In the place of the viewer of that index.
    case displace(Int)
    case refuse(Refusal)
  }

  enum Refusal: String, CaseIterable, Sendable {
    /// A caller who is not on the list, and learns nothing of us.
    case stranger
    // These hear that we are busy.
    case tooOften = "too-often"
    /// His devices have as many places as one person gets.
    case tooMany = "too-many"
    case full
  }

  var access: AccessList
  var maximumViewers: Int
  var callsPerMinute: Int
  /// The budgets of those who called lately: a domain on the list may have many people.
  private var recent: [JID: TokenBucket] = [:]

  init(access: AccessList, maximumViewers: Int, callsPerMinute: Int) {
    self.access = access
    self.maximumViewers = maximumViewers
    self.callsPerMinute = callsPerMinute
  }

  /// - Parameter viewers: who have a place, each as often as he has, in the order in which they came.
  mutating func decide(on caller: JID, viewers: [JID], now: NIODeadline) -> Decision {
    guard let role = access.role(of: caller) else { return .refuse(.stranger) }
    guard mayCall(caller, now: now) else { return .refuse(.tooOften) }
    if role != .admin, viewers.count(where: { $0.bare == caller.bare }) >= share { return .refuse(.tooMany) }
    if viewers.count < maximumViewers { return .admit }
    guard role == .admin, let guest = guestToDisplace(viewers) else { return .refuse(.full) }
    return .displace(guest)
  }

  /// The places that one person gets who is no admin.
  private var share: Int { max(1, maximumViewers / 2) }

  /// The latest place of the guest who has most.
  private func guestToDisplace(_ viewers: [JID]) -> Int? {
    let places = Dictionary(viewers.map { ($0.bare, 1) }, uniquingKeysWith: +)
    return viewers.indices.filter { access.role(of: viewers[$0]) != .admin }
      .max { (places[viewers[$0].bare, default: 0], $0) < (places[viewers[$1].bare, default: 0], $1) }
  }

  private mutating func mayCall(_ caller: JID, now: NIODeadline) -> Bool {
    for (jid, bucket) in recent {
      var bucket = bucket
      if bucket.isFull(now: now) { recent[jid] = nil }
    }
    var bucket =
      recent[caller.bare]
      ?? TokenBucket(
        capacity: callsPerMinute, interval: .nanoseconds(TimeAmount.minutes(1).nanoseconds / Int64(callsPerMinute)),
        now: now)
    defer { recent[caller.bare] = bucket }
    return bucket.take(now: now)
  }
}
