import NIOCore

/// The bound sockets that a transport gathers from, in the order in which they were given.
struct LocalEndpoints: Sendable {
  struct Entry: Sendable {
    let endpoint: LocalEndpoint
    let address: SocketAddress
    /// Its place among all that were ever added, for priorities.
    let order: Int
  }

  private(set) var entries: [Entry] = []
  private var nextOrder = 0

  var isEmpty: Bool { entries.isEmpty }

  subscript(endpoint: LocalEndpoint) -> Entry? { entries.first { $0.endpoint == endpoint } }

  /// Answers nil where the endpoint is there already.
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
