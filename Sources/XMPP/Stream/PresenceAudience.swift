/// Who gets our presence, RFC 6121 section 4.
///
/// It is broadcast where all who subscribed to it may know what we are. On an account with other contacts the broadcast
/// says no more than that somebody is there, which it has to: a server delivers messages to an account only where one
/// of its resources is available (RFC 6121 section 8.5.2). Those who may know are then sent the rest directly (section
/// 4.6), to each device whose presence we have.
struct PresenceAudience: Sendable {
  /// More devices than those who may watch have, and few enough to be written to at once.
  static let limit = 128

  private static let available = XMLElement("presence", namespace: Namespace.client)

  /// Nil: everybody may.
  private let mayKnow: (@Sendable (JID) -> Bool)?
  private var broadcast: XMLElement?
  /// The devices of those who may know, and what each of them was sent directly.
  private var devices: [JID: XMLElement?] = [:]

  init(mayKnow: (@Sendable (JID) -> Bool)?) {
    self.mayKnow = mayKnow
  }

  /// Takes the presence of somebody else; true where that is a device which may have to be told of ours.
  mutating func receive(_ presence: XMLElement) -> Bool {
    guard let mayKnow, let device = presence.from, !device.isBare, mayKnow(device) else { return false }
    switch presence["type"] {
    case nil:
      guard devices[device] == nil, devices.count < Self.limit else { return false }
      devices.updateValue(nil, forKey: device)
      return true
    case "unavailable", "error":
      devices.removeValue(forKey: device)
      return false
    default: return false
    }
  }

  /// What is to be sent so that everybody has the presence that he may have; nothing where everybody has it.
  ///
  /// - Parameter roster: nil where it is not known, and who is in it neither.
  mutating func announce(_ presence: XMLElement, roster: Roster?) -> [XMLElement] {
    var stanzas: [XMLElement] = []
    let isShared = mayKnow.map { mayKnow in roster?.subscribers.allSatisfy { mayKnow($0.jid) } != true } ?? false
    let common = isShared ? Self.available : presence
    if broadcast != common {
      broadcast = common
      stanzas.append(common)
    }
    for (device, sent) in devices.sorted(by: { $0.key.description < $1.key.description }) {
      if let mayKnow, !mayKnow(device) {
        devices.removeValue(forKey: device)
        if sent != nil { stanzas.append(Self.unavailable(to: device)) }
      } else if isShared, sent != presence {
        devices[device] = presence
        stanzas.append(Self.directed(presence, to: device))
      }
    }
    return stanzas
  }

  private static func directed(_ presence: XMLElement, to device: JID) -> XMLElement {
    var directed = presence
    directed["to"] = device.description
    return directed
  }

  private static func unavailable(to device: JID) -> XMLElement {
    var unavailable = directed(available, to: device)
    unavailable["type"] = "unavailable"
    return unavailable
  }
}
