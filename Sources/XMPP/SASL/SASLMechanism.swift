/// The mechanisms that we speak, and which of them to take.
package enum SASLMechanism: Hashable, Sendable {
  case scram(SCRAMHash, ChannelBinding)
  /// RFC 4616: the password itself, so only inside TLS and only to a server that knows nothing better.
  case plain

  package var name: String {
    switch self {
    case .scram(let hash, let binding): hash.rawValue + (binding.isBound ? "-PLUS" : "")
    case .plain: "PLAIN"
    }
  }

  /// Chooses the strongest of what the server offers. Binding the channel is worth more than the better hash.
  ///
  /// `endPoint` is the hash of the server's certificate where TLS gave us one; `bindingTypes` are those that the server
  /// lists by XEP-0440, without which a -PLUS mechanism may be bound to something that we do not have.
  package static func choose(
    offered: Set<String>, bindingTypes: Set<String>, endPoint: [UInt8]?, isEncrypted: Bool
  ) throws(SASLError) -> SASLMechanism {
    let hashes: [SCRAMHash] = [.sha256, .sha1]
    let offersPlus = hashes.contains { offered.contains($0.rawValue + "-PLUS") }
    if let endPoint, offersPlus, bindingTypes.contains(ChannelBinding.serverEndPointName),
      let hash = hashes.first(where: { offered.contains($0.rawValue + "-PLUS") })
    {
      return .scram(hash, .serverEndPoint(endPoint))
    }
    // `y` where the server offers -PLUS would be a lie, and a correct server must refuse it as a downgrade.
    let binding = endPoint != nil && !offersPlus ? ChannelBinding.notOffered : .unsupported
    if let hash = hashes.first(where: { offered.contains($0.rawValue) }) { return .scram(hash, binding) }
    guard isEncrypted, !offersPlus, offered.contains("PLAIN") else { throw .noCommonMechanism }
    return .plain
  }
}
