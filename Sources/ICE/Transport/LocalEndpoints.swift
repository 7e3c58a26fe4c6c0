import NIOCore

/// The bound sockets from which a transport gathers, in the order in which they were added.
struct LocalEndpoints: Sendable {
  struct Entry: Sendable {
    let endpoint: LocalEndpoint
    let address: SocketAddress
    /// Its position among all sockets ever added, from which its preference is derived.
    let order: Int
  }

  private(set) var entries: [Entry] = []
  private var nextOrder = 0

  var isEmpty: Bool { entries.isEmpty }

  subscript(endpoint: LocalEndpoint) -> Entry? { entries.first { $0.endpoint == endpoint } }

  /// Adds a socket; returns nil if it is present already.
  mutating func add(_ endpoint: LocalEndpoint, address: SocketAddress) -> Entry? {
    guard self[endpoint] == nil else { return nil }
    let entry = Entry(endpoint: endpoint, address: address, order: nextOrder)
    nextOrder += 1
    entries.append(entry)
    return entry
  }

  mutating func remove(_ endpoint: LocalEndpoint) {
    entries.removeAll { $0.endpoint == endpoint }
  }

  mutating func removeAll() {
    entries.removeAll()
  }
}
