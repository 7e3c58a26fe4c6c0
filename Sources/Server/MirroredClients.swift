import XMPP

/// The devices whose client is to be answered with what it offered: what each client is, its presence says by the node of
/// its entity capabilities (XEP-0115 section 3).
struct MirroredClients: Sendable {
  /// Movim shows no picture of a content that is not `both`.
  private static let nodes: Set = ["https://movim.eu/"]
  /// More devices than a list of people has, and still little memory.
  private static let limit = 256

  private var devices: Set<JID> = []

  func contains(_ device: JID) -> Bool { devices.contains(device) }

  /// Takes the presence of somebody on the list.
  mutating func receive(_ presence: XMLElement) {
    guard let device = presence.from else { return }
    let node = presence.first("c", ServiceDiscovery.capsNamespace)?["node"]
    guard presence["type"] == nil, let node, Self.nodes.contains(node) else {
      devices.remove(device)
      return
    }
    if devices.count == Self.limit { devices.removeFirst() }
    devices.insert(device)
  }
}
