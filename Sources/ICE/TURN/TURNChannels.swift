import NIOCore

/// The channels of an allocation, found by peer and by number: the number of each is its place plus 0x4000.
struct TURNChannels: RandomAccessCollection, MutableCollection, Sendable {
  private var bindings: [ChannelBinding] = []
  private var indicesOfPeers: [SocketAddress: Int] = [:]

  var startIndex: Int { bindings.startIndex }
  var endIndex: Int { bindings.endIndex }

  subscript(index: Int) -> ChannelBinding {
    _read { yield bindings[index] }
    _modify { yield &bindings[index] }
  }

  func index(of peer: SocketAddress) -> Int? { indicesOfPeers[peer] }

  func index(of number: UInt16) -> Int? {
    guard number >= ChannelBinding.numbers.lowerBound else { return nil }
    let index = Int(number - ChannelBinding.numbers.lowerBound)
    return bindings.indices.contains(index) ? index : nil
  }

  /// Makes a channel: of a number that may be used again before one that was never used. nil: there are too many.
  mutating func make(to peer: SocketAddress, now: NIODeadline) -> Int? {
    let reused = bindings.firstIndex { !$0.isRequested && $0.reusableAt <= now }
    let index = reused ?? bindings.count
    guard index < ChannelBinding.maximumCount else { return nil }
    let number = ChannelBinding.numbers.lowerBound + UInt16(index)
    let channel = ChannelBinding(peer: peer, number: number, isRequested: true, reusableAt: now)
    if let reused {
      indicesOfPeers[bindings[reused].peer] = nil
      bindings[reused] = channel
    } else {
      bindings.append(channel)
    }
    indicesOfPeers[peer] = index
    return index
  }

  mutating func removeAll() {
    bindings.removeAll()
    indicesOfPeers.removeAll()
  }
}
