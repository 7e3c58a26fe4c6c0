import NIOCore

/// The allocations of a transport, each with a number of its own, and how many there may be.
struct ICERelays: RandomAccessCollection, MutableCollection, Sendable {
  /// More hold ports of servers and add no path.
  static let maximumAllocations = 4

  private var relays: [ICERelay] = []
  private var nextNumber = 0

  var startIndex: Int { relays.startIndex }
  var endIndex: Int { relays.endIndex }

  subscript(index: Int) -> ICERelay {
    _read { yield relays[index] }
    _modify { yield &relays[index] }
  }

  /// The number of an allocation to be made: none is given twice, so that what arrives late for one is not taken for
  /// another's.
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

  /// The allocation whose server's datagrams come from there.
  func index(from server: SocketAddress, on endpoint: LocalEndpoint) -> Int? {
    relays.firstIndex { $0.base.endpoint == endpoint && $0.client.server == server }
  }

  func index(connectedBy endpoint: LocalEndpoint) -> Int? {
    relays.firstIndex { $0.base.endpoint == endpoint }
  }

  var isFull: Bool { relays.count(where: \.isAllocated) >= Self.maximumAllocations }

  /// Two allocations of one socket on one server cannot be told apart.
  func isInUse(_ server: SocketAddress, from socket: LocalEndpoint) -> Bool {
    relays.contains { $0.isActive && $0.base.endpoint == socket && $0.client.server == server }
  }
}
