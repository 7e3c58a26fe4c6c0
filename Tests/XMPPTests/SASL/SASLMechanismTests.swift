import Testing

@testable import XMPP

@Suite("Choice of SASL mechanism")
struct SASLMechanismTests {
  static let all: Set = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"]

  func choose(
    _ offered: Set<String>, types: Set<String> = ["tls-server-end-point"], endPoint: [UInt8]? = [1], tls: Bool = true
  ) throws -> SASLMechanism {
    try SASLMechanism.choose(offered: offered, bindingTypes: types, endPoint: endPoint, isEncrypted: tls)
  }

  @Test("takes -PLUS where XEP-0440 lists tls-server-end-point, the better hash first")
  func plus() throws {
    #expect(try choose(Self.all) == .scram(.sha256, .serverEndPoint([1])))
    #expect(try choose(Self.all).name == "SCRAM-SHA-256-PLUS")
    #expect(try choose(["SCRAM-SHA-1-PLUS", "SCRAM-SHA-256"]) == .scram(.sha1, .serverEndPoint([1])))
  }

  @Test("says n where -PLUS is offered for binding types that we lack, or we have no certificate's hash")
  func unsupported() throws {
    #expect(try choose(Self.all, types: ["tls-exporter", "tls-unique"]) == .scram(.sha256, .unsupported))
    #expect(try choose(Self.all, types: []) == .scram(.sha256, .unsupported))
    #expect(try choose(Self.all, endPoint: nil) == .scram(.sha256, .unsupported))
    #expect(try choose(["SCRAM-SHA-1"], endPoint: nil) == .scram(.sha1, .unsupported))
  }

  @Test("says y where somebody may have struck -PLUS from the list, so that the server sees the downgrade")
  func downgrade() throws {
    #expect(try choose(["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"]) == .scram(.sha256, .notOffered))
    #expect(try choose(["SCRAM-SHA-1", "PLAIN"], types: []) == .scram(.sha1, .notOffered))
  }

  @Test("PLAIN only inside TLS and only where no SCRAM is offered at all")
  func plain() throws {
    #expect(try choose(["PLAIN", "DIGEST-MD5"]) == .plain)
    #expect(try choose(["PLAIN", "SCRAM-SHA-1"]) != .plain)
    #expect(throws: SASLError.noCommonMechanism) { try choose(["PLAIN"], tls: false) }
    #expect(throws: SASLError.noCommonMechanism) { try choose(["PLAIN", "SCRAM-SHA-256-PLUS"], types: []) }
    #expect(throws: SASLError.noCommonMechanism) { try choose(["DIGEST-MD5", "EXTERNAL"]) }
    #expect(throws: SASLError.noCommonMechanism) { try choose([]) }
  }
}
