/// The supported SASL mechanisms, and the choice among them.
package enum SASLMechanism: Hashable, Sendable {
  case scram(SCRAMHash, ChannelBinding)
  /// PLAIN (RFC 4616), which sends the password itself. It is used only over TLS, and only with a server that offers
  /// nothing better.
  case plain

  package var name: String {
    switch self {
    case .scram(let hash, let binding): binding.type == nil ? hash.rawValue : hash.bound
    case .plain: "PLAIN"
    }
  }

  /// Chooses the strongest mechanism that the server offers. Channel binding is preferred to a stronger hash.
  ///
  /// - Parameters:
  ///   - bindingTypes: the binding types that the server lists (XEP-0440). If it lists none, a -PLUS mechanism may need
  ///     a type that is not supported, since before that specification it meant tls-unique.
  ///   - bindings: the bindings of this TLS connection, the most preferred first.
  ///   - hadSCRAM: whether the account has logged in by SCRAM before.
  /// - Throws: `SASLError.noCommonMechanism`, `SASLError.scramWithdrawn`.
  package static func choose(
    offered: Set<String>, bindingTypes: Set<String>, bindings: [ChannelBinding], hadSCRAM: Bool
  ) throws(SASLError) -> SASLMechanism {
    let hashes = SCRAMHash.allCases.reversed()
    let plain = hashes.first { offered.contains($0.rawValue) }
    // RFC 9266 section 3 makes tls-exporter the default for TLS 1.3. It is only a guess, and made only if there is
    // nothing else.
    let types = bindingTypes.isEmpty && plain == nil ? ["tls-exporter"] : bindingTypes
    if let hash = hashes.first(where: { offered.contains($0.bound) }),
      let binding = bindings.first(where: { $0.type.map(types.contains) == true })
    {
      return .scram(hash, binding)
    }
    if let plain {
      // The flag `y` would be wrong if the server offers any -PLUS mechanism: the server would have to refuse it as a
      // downgrade attack.
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
  /// The name of the mechanism with channel binding.
  fileprivate var bound: String { rawValue + "-PLUS" }
}
