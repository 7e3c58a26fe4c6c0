import NIOCore
import XMPP

/// Presence, by which a phone knows that there is somebody to call, is for those on the list alone (RFC 6121 section 3).
extension CameraServer {
  /// What is sent between two answers of the server, which ends a stream that owes it too many (XEP-0198 section 4).
  private static let batch = 64

  /// Asks the people on the list for their presence, since without it both ways a phone shows no call button, and takes
  /// ours back from those whom the camera let in and who are no longer on it.
  func matchSubscriptions() async {
    guard let client else { return }
    // By then the roster, asked for before, is here.
    await client.settled()
    let plan = SubscriptionPlan(
      account: client.jid, access: access, roster: await client.roster(),
      approved: await contacts.approved.all)
    await contacts.approved.adopt(plan.adopted)
    tell(of: plan.others)
    let stanzas =
      plan.asked.map { Self.presence(.subscribe, to: $0) }
      + plan.struckOff.map { Self.presence(.unsubscribed, to: $0) }
    for start in stride(from: 0, to: stanzas.count, by: Self.batch) {
      guard !Task.isCancelled else { return }
      stanzas[start...].prefix(Self.batch).forEach(client.send)
      await client.settled()
    }
    // Where the stream broke off meanwhile, the next one has to do it.
    let gone = Set(plan.struckOff).subtracting(await client.roster().subscribers.map(\.jid))
    for jid in gone { log.write(.notice, "contact no longer sees the camera", ["jid": "\(jid)"], now: .now()) }
    await contacts.approved.remove(gone)
    logger.info(
      "contacts compared with who may watch",
      metadata: [
        "asked": "\(plan.asked.count)", "struck-off": "\(gone.count)", "others": "\(plan.others.count)",
      ])
    client.announce(status: await connection.status)
  }

  /// Once: whose account it is does not change.
  private func tell(of others: [JID]) {
    guard !others.isEmpty, !contacts.hasToldOfOthers else { return }
    contacts.hasToldOfOthers = true
    logger.warning(
      "give the camera an account of its own: this one has contacts who may not watch, but see its presence",
      metadata: ["contacts": "\(others.count)"])
  }

  func receivePresence(_ stanza: XMLElement) {
    takeAvailability(stanza)
    guard stanza["type"] == PresenceType.subscribe.rawValue, let from = stanza.from else { return }
    // Who is not on the list is not told so: no answer is what an account without a person gives.
    guard access.role(of: from) != nil else {
      contacts.remember(asking: from.bare)
      log.write(
        .notice, "a contact request was ignored: the sender may not watch", ["jid": "\(from.bare)"], now: .now())
      return
    }
    grant(from.bare)
    Task {
      let subscription = await client?.roster()[from.bare]
      guard subscription?.subscription != .to, subscription?.subscription != .both, subscription?.isAsking != true
      else { return }
      send(Self.presence(.subscribe, to: from.bare))
    }
  }

  /// Lets a person see the camera online who has asked for that, and welcomes who has never seen it before.
  func grant(_ person: JID) {
    send(Self.presence(.subscribed, to: person))
    log.write(
      .notice, ServiceStatus.Event.Milestone.contact.rawValue, ["jid": "\(person)"], now: .now())
    Task {
      await contacts.approved.insert([person]).forEach(welcome)
    }
  }

  private func takeAvailability(_ presence: XMLElement) {
    let type = presence["type"]
    guard let from = presence.from, type == nil || type == PresenceType.unavailable.rawValue else { return }
    if access.role(of: from) != nil {
      contacts.mirrored.receive(presence)
      contacts.welcome.receive(presence).map(discover)
    }
    for call in viewers.calls {
      call.assumeIsolated { if $0.peer == from { $0.setAvailable(type == nil) } }
    }
  }

  enum PresenceType: String {
    case subscribe, subscribed, unsubscribe, unsubscribed, unavailable
  }

  static func presence(_ type: PresenceType, to jid: JID) -> XMLElement {
    XMLElement("presence", namespace: Namespace.client, attributes: ["type": type.rawValue, "to": jid.description])
  }
}
