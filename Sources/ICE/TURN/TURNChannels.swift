import NIOCore

/// The channels of an allocation, indexed by peer and by number. The number of a channel is its position plus 0x4000.
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

  /// Makes a channel with a number that may be reused or, if there is none, with a new number. Returns nil if there are
  /// too many channels.
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
