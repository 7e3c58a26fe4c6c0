import Testing

@testable import XMPP

@Suite("Choice of SASL mechanism")
struct SASLMechanismTests {
  static let all: Set = [
    "SCRAM-SHA-512-PLUS", "SCRAM-SHA-512", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1",
    "PLAIN",
  ]
  static let bindings: [ChannelBinding] = [.exporter([2]), .serverEndPoint([1])]

  func choose(
    _ offered: Set<String>, types: Set<String> = [], bindings: [ChannelBinding] = bindings, hadSCRAM: Bool = false
  ) throws -> SASLMechanism {
    try SASLMechanism.choose(offered: offered, bindingTypes: types, bindings: bindings, hadSCRAM: hadSCRAM)
  }

  @Test("a -PLUS mechanism with the best listed binding is preferred to a stronger hash")
  func plus() throws {
    let both: Set = ["tls-server-end-point", "tls-exporter", "tls-unique"]
    #expect(try choose(Self.all, types: both) == .scram(.sha512, .exporter([2])))
    #expect(try choose(Self.all, types: both).name == "SCRAM-SHA-512-PLUS")
    #expect(try choose(Self.all, types: ["tls-server-end-point"]) == .scram(.sha512, .serverEndPoint([1])))
    // TLS 1.2 has no exporter that RFC 9266 would take here.
    #expect(
      try choose(Self.all, types: both, bindings: [.serverEndPoint([1])]) == .scram(.sha512, .serverEndPoint([1])))
    #expect(try choose(["SCRAM-SHA-1-PLUS", "SCRAM-SHA-512"], types: both) == .scram(.sha1, .exporter([2])))
  }

  @Test("the flag is n if -PLUS is offered without a usable binding type, or nothing can be bound")
  func unsupported() throws {
    #expect(try choose(Self.all, types: ["tls-unique"]) == .scram(.sha512, .unsupported))
    #expect(try choose(Self.all, types: []) == .scram(.sha512, .unsupported))
    #expect(try choose(Self.all, types: ["tls-exporter"], bindings: []) == .scram(.sha512, .unsupported))
    #expect(try choose(["SCRAM-SHA-1"], bindings: []) == .scram(.sha1, .unsupported))
  }

  @Test("the flag is y only if no -PLUS is offered, so that the server detects a downgrade")
  func downgrade() throws {
    #expect(try choose(["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"]) == .scram(.sha256, .notOffered))
    #expect(try choose(["SCRAM-SHA-1", "PLAIN"], types: ["tls-exporter"]) == .scram(.sha1, .notOffered))
    for unknown in ["SCRAM-SHA3-512-PLUS", "SCRAM-SHA-384-PLUS", "GS2-KRB5-PLUS"] {
      #expect(try choose([unknown, "SCRAM-SHA-256"], types: ["tls-exporter"]) == .scram(.sha256, .unsupported))
    }
  }

  @Test("a lone -PLUS mechanism without listed binding types uses the default of TLS 1.3")
  func defaultType() throws {
    let offered: Set = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "PLAIN"]
    #expect(try choose(offered) == .scram(.sha256, .exporter([2])))
    #expect(throws: SASLError.noCommonMechanism) { try choose(offered, bindings: [.serverEndPoint([1])]) }
    #expect(throws: SASLError.noCommonMechanism) { try choose(offered, types: ["tls-unique"]) }
  }

  @Test("PLAIN is chosen only if no SCRAM is offered, not even an unknown one")
  func plain() throws {
    #expect(try choose(["PLAIN", "DIGEST-MD5"]) == .plain)
    for other in ["SCRAM-SHA-1", "SCRAM-SHA-384", "SCRAM-SHA3-512", "SCRAM-SHA3-512-PLUS"] {
      #expect((try? choose(["PLAIN", other])) != .plain)
    }
    #expect(throws: SASLError.noCommonMechanism) { try choose(["PLAIN", "SCRAM-SHA3-512"]) }
    #expect(throws: SASLError.noCommonMechanism) { try choose(["DIGEST-MD5", "EXTERNAL"]) }
    #expect(throws: SASLError.noCommonMechanism) { try choose([]) }
  }

  @Test("PLAIN is refused for an account that used SCRAM before")
  func withdrawn() throws {
    #expect(throws: SASLError.scramWithdrawn) { try choose(["PLAIN"], hadSCRAM: true) }
    #expect(try choose(["PLAIN", "SCRAM-SHA-1"], hadSCRAM: true) == .scram(.sha1, .notOffered))
  }
}
