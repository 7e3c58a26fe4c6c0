import Settings
import XMPP

/// What is to be done so that presence goes both ways with those on the list, and that whom the camera let in has it no
/// longer when he is struck off. Nobody else's subscription is touched: the account may be a person's.
struct SubscriptionPlan {
  /// On the list by name, and to be asked for their presence.
  var asked: [JID] = []
  /// No longer on the list, and let in by the camera.
  var struckOff: [JID] = []
  /// Contacts that have the account's presence, are not on the list, and were let in by others than the camera.
  var others: [JID] = []
  /// To be taken for let in by the camera until the program ends, though somebody else did it: where there are no others,
  /// the account is the camera's own, and who is on its list by name is a contact of it for that.
  var adopted: Set<JID> = []

  init(account: JID, access: AccessList, roster: Roster, approved: Set<JID>) {
    let people = Set(access.people).subtracting([account.bare])
    for person in people {
      let item = roster[person]
      let isSubscribed = item?.subscription == .to || item?.subscription == .both
      if !isSubscribed, item?.isAsking != true { asked.append(person) }
    }
    let subscribers = roster.subscribers.map(\.jid)
    for jid in subscribers where access.role(of: jid) == nil {
      if approved.contains(jid) { struckOff.append(jid) } else { others.append(jid) }
    }
    if others.isEmpty { adopted = people.intersection(subscribers) }
  }
}
