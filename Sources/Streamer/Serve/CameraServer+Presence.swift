import NIOCore
import XMPP

/// Presence, by which a phone knows that there is somebody to call, is for those on the list alone (RFC 6121 section 3).
extension CameraServer {
  /// Asks the people on the list for their presence, since without it both ways a phone shows no call button, and takes
  /// ours back from those who are not on it.
  func matchSubscriptions() async {
    guard let client else { return }
    // The server answers in order: after this one the roster, asked for before, is here.
    _ = await client.externalServices()
    let roster = await client.roster()
    guard !Task.isCancelled else { return }
    for person in configuration.access.people where person != client.jid.bare {
      let item = roster[person]
      guard item?.subscription != .to, item?.subscription != .both, item?.isAsking != true else { continue }
      send(Self.presence(.subscribe, to: person))
    }
    for item in roster.items.values where item.subscription == .from || item.subscription == .both {
      guard configuration.access.role(of: item.jid) == nil else { continue }
      logger.notice("presence is no longer shared", metadata: ["jid": "\(item.jid)"])
      send(Self.presence(.unsubscribed, to: item.jid))
    }
  }

  /// False: it is no presence.
  func receivePresence(_ stanza: XMLElement) -> Bool {
    guard stanza.is("presence", Namespace.client) else { return false }
    takeAvailability(stanza)
    guard stanza["type"] == PresenceType.subscribe.rawValue, let from = stanza.from else { return true }
    // Who is not on the list is not told so: no answer is what an account without a person gives.
    guard configuration.access.role(of: from) != nil else {
      log.write(.notice, "a stranger asked for presence", ["jid": "\(from.bare)"], now: .now())
      return true
    }
    send(Self.presence(.subscribed, to: from.bare))
    Task {
      let subscription = await client?.roster()[from.bare]
      guard subscription?.subscription != .to, subscription?.subscription != .both, subscription?.isAsking != true
      else { return }
      send(Self.presence(.subscribe, to: from.bare))
    }
    return true
  }

  private func takeAvailability(_ presence: XMLElement) {
    let type = presence["type"]
    guard let from = presence.from, type == nil || type == PresenceType.unavailable.rawValue else { return }
    if configuration.access.role(of: from) != nil { mirrored.receive(presence) }
    for call in calls {
      call.assumeIsolated { if $0.peer == from { $0.peerIsAvailable = type == nil } }
    }
  }

  private enum PresenceType: String {
    case subscribe, subscribed, unsubscribed, unavailable
  }

  private static func presence(_ type: PresenceType, to jid: JID) -> XMLElement {
    XMLElement("presence", namespace: Namespace.client, attributes: ["type": type.rawValue, "to": jid.description])
  }
}
