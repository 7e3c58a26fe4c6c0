/// The recipients of our presence (RFC 6121 section 4).
///
/// It is broadcast if all subscribers may know our identity and features. On an account with other contacts the
/// broadcast says only that a resource is available, which is needed because a server delivers messages to an account
/// only if one of its resources is available (RFC 6121 section 8.5.2). Permitted contacts are then sent the full
/// presence directly (section 4.6), to each device whose presence we have.
struct PresenceAudience: Sendable {
  /// The most devices kept: more than the permitted viewers have, and few enough to be sent to at once.
  static let limit = 128

  private static let available = XMLElement("presence", namespace: Namespace.client)

  /// Whether a JID may know our identity and features; nil allows everybody.
  private let mayKnow: (@Sendable (JID) -> Bool)?
  private var broadcast: XMLElement?
  /// The devices of permitted contacts, with the presence that each was sent directly.
  private var devices: [JID: XMLElement?] = [:]

  init(mayKnow: (@Sendable (JID) -> Bool)?) {
    self.mayKnow = mayKnow
  }

  /// Takes the presence of somebody else; returns true if it is a new device that may need our presence.
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

  /// Returns the stanzas after which every recipient has the presence that it may have; none if they have it already.
  ///
  /// - Parameter roster: the roster; nil if it is not known, and with it the subscribers.
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
