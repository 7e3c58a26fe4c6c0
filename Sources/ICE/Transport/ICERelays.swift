import NIOCore

/// The allocations of a transport, numbered uniquely and limited in number.
struct ICERelays: RandomAccessCollection, MutableCollection, Sendable {
  /// The most allocations. More would occupy ports of the servers without adding a path.
  static let maximumAllocations = 4

  private var relays: [ICERelay] = []
  private var nextNumber = 0

  var startIndex: Int { relays.startIndex }
  var endIndex: Int { relays.endIndex }

  subscript(index: Int) -> ICERelay {
    _read { yield relays[index] }
    _modify { yield &relays[index] }
  }

  /// Returns the number for a new allocation. No number is used twice, so that late datagrams for an allocation are not
  /// attributed to another.
  mutating func makeNumber() -> Int {
    defer { nextNumber += 1 }
    return nextNumber
  }

  mutating func append(_ relay: ICERelay) {
    relays.append(relay)
  }

  mutating func removeAll(where shouldRemove: (ICERelay) -> Bool) {
    relays.removeAll(where: shouldRemove)
  }

  func index(of base: CandidateBase) -> Int? {
    relays.firstIndex { $0.base == base }
  }

  /// The index of the allocation whose server sends from this address.
  func index(from server: SocketAddress, on endpoint: LocalEndpoint) -> Int? {
    relays.firstIndex { $0.base.endpoint == endpoint && $0.client.server == server }
  }

  func index(connectedBy endpoint: LocalEndpoint) -> Int? {
    relays.firstIndex { $0.base.endpoint == endpoint }
  }

  var isFull: Bool { relays.count(where: \.isAllocated) >= Self.maximumAllocations }

  /// Whether this socket has an allocation on this server already. Two could not be told apart.
  func isInUse(_ server: SocketAddress, from socket: LocalEndpoint) -> Bool {
    relays.contains { $0.isActive && $0.base.endpoint == socket && $0.client.server == server }
  }
}
