/// The mechanisms that we speak, and which of them to take.
package enum SASLMechanism: Hashable, Sendable {
  case scram(SCRAMHash, ChannelBinding)
  /// RFC 4616: the password itself, so only inside TLS and only to a server that knows nothing better.
  case plain

  package var name: String {
    switch self {
    case .scram(let hash, let binding): binding.type == nil ? hash.rawValue : hash.bound
    case .plain: "PLAIN"
    }
  }

  /// Chooses the strongest of what the server offers. Binding the channel is worth more than the better hash.
  ///
  /// - Parameters:
  ///   - bindingTypes: those that the server lists by XEP-0440, without which a -PLUS mechanism may be bound to something
  ///     that we do not have: before that specification it meant tls-unique.
  ///   - bindings: those that this TLS connection has, the one to prefer first.
  ///   - hadSCRAM: whether the account has logged in by SCRAM before.
  package static func choose(
    offered: Set<String>, bindingTypes: Set<String>, bindings: [ChannelBinding], hadSCRAM: Bool
  ) throws(SASLError) -> SASLMechanism {
    let hashes = SCRAMHash.allCases.reversed()
    let plain = hashes.first { offered.contains($0.rawValue) }
    // RFC 9266 section 3 has a default for TLS 1.3. It is a guess, and made only where there is nothing else.
    let types = bindingTypes.isEmpty && plain == nil ? ["tls-exporter"] : bindingTypes
    if let hash = hashes.first(where: { offered.contains($0.bound) }),
      let binding = bindings.first(where: { $0.type.map(types.contains) == true })
    {
      return .scram(hash, binding)
    }
    if let plain {
      // `y` where the server offers any -PLUS would be a lie, and a correct server must refuse it as a downgrade.
      let isBinding = offered.contains { $0.hasSuffix("-PLUS") }
      return .scram(plain, bindings.isEmpty || isBinding ? .unsupported : .notOffered)
    }
    guard offered.contains("PLAIN"), !offered.contains(where: { $0.hasPrefix("SCRAM-") }) else {
      throw .noCommonMechanism
    }
    guard !hadSCRAM else { throw .scramWithdrawn }
    return .plain
  }
}

extension SCRAMHash {
  /// The mechanism's name with channel binding.
  fileprivate var bound: String { rawValue + "-PLUS" }
}
