import Testing

@testable import XMPP

@Suite("SCRAM, RFC 5802 and RFC 7677")
struct SCRAMClientTests {
  struct Vector: Sendable, CustomTestStringConvertible {
    let hash: SCRAMHash
    let nonce: String
    let clientFirst: String
    let serverFirst: String
    let clientFinal: String
    let serverFinal: String
    var testDescription: String { hash.rawValue }
  }

  /// RFC 5802 section 5 and RFC 7677 section 3; user "user", password "pencil". That of SHA-512 has the nonces and the salt
  /// of RFC 7677 and was worked out by Python's hashlib.
  static let vectors = [
    Vector(
      hash: .sha1, nonce: "fyko+d2lbbFgONRv9qkxdawL", clientFirst: "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
      serverFirst: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
      clientFinal: "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
      serverFinal: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="),
    Vector(
      hash: .sha256, nonce: "rOprNGfwEbeRWgbNEkqO", clientFirst: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
      serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
      clientFinal: "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
      serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="),
    Vector(
      hash: .sha512, nonce: "rOprNGfwEbeRWgbNEkqO", clientFirst: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
      serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
      clientFinal: "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        + "p=gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==",
      serverFinal: "v=ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw=="),
  ]

  static func client(
    _ vector: Vector, binding: ChannelBinding = .unsupported, username: String = "user", password: String = "pencil"
  ) throws -> SCRAMClient {
    try SCRAMClient(vector.hash, username: username, password: password, binding: binding, nonce: vector.nonce)
  }

  @Test("the published exchanges are reproduced exactly", arguments: vectors)
  func published(vector: Vector) throws {
    var client = try Self.client(vector)
    #expect(String(decoding: client.initialResponse, as: UTF8.self) == vector.clientFirst)
    let derivation = try client.receiveChallenge(Array(vector.serverFirst.utf8))
    let proof = try client.prove(with: derivation.derive())
    #expect(String(decoding: proof, as: UTF8.self) == vector.clientFinal)
    #expect(!client.isVerified)
    try client.verify(Array(vector.serverFinal.utf8))
    #expect(client.isVerified)
  }

  @Test("a server signature that is altered, truncated or of another exchange is refused")
  func wrongSignature() throws {
    let vector = Self.vectors[1]
    let good = try #require(Base64.decode(vector.serverFinal.dropFirst(2)))
    var bad = (0..<good.count).map { index in
      var copy = good
      copy[index] ^= 1
      return copy
    }
    bad.append(Array(good.dropLast()))
    bad.append([])
    for signature in bad {
      var client = try Self.client(vector)
      let keys = try client.receiveChallenge(Array(vector.serverFirst.utf8)).derive()
      _ = try client.prove(with: keys)
      let error = #expect(throws: SASLError.self) { try client.verify(Array("v=\(Base64.encode(signature))".utf8)) }
      #expect(error == .wrongServerSignature)
      #expect(!client.isVerified)
    }
  }

  @Test(
    "a malformed server-first-message is refused",
    arguments: [
      ("r=Fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096", SASLError.wrongNonce),
      ("r=fyko+d2lbbFgONRv9qkxdawL,s=QSXCR+Q6sek8bf92,i=4096", .wrongNonce),
      ("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=4095", .iterationCount(4095)),
      ("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=1", .iterationCount(1)),
      ("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=1000001", .iterationCount(1_000_001)),
      ("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=2147483647", .iterationCount(2_147_483_647)),
      ("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=99999999999999999999", .malformedMessage),
      ("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=-4096", .iterationCount(-4096)),
      ("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92", .malformedMessage),
      ("r=fyko+d2lbbFgONRv9qkxdawLx,s=,i=4096", .malformedMessage),
      ("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSX,i=4096", .malformedMessage),
      ("s=QSXCR+Q6sek8bf92,r=fyko+d2lbbFgONRv9qkxdawLx,i=4096", .malformedMessage),
      ("m=ext,r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=4096", .unsupportedExtension),
      ("", .malformedMessage),
    ] as [(String, SASLError)])
  func badChallenge(message: String, expected: SASLError) throws {
    var client = try Self.client(Self.vectors[0])
    let error = #expect(throws: SASLError.self) { _ = try client.receiveChallenge(Array(message.utf8)) }
    #expect(error == expected)
  }

  @Test("both limits of the iteration count and optional extensions are accepted")
  func goodChallenge() throws {
    for iterations in [4096, 1_000_000] {
      var client = try Self.client(Self.vectors[0])
      let message = "r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=\(iterations),d=x"
      let derivation = try client.receiveChallenge(Array(message.utf8))
      #expect(derivation.iterations == iterations)
    }
  }

  @Test("a server-error and messages out of order fail the exchange")
  func outOfTurn() throws {
    let vector = Self.vectors[0]
    var client = try Self.client(vector)
    var error = #expect(throws: SASLError.self) { try client.verify(Array(vector.serverFinal.utf8)) }
    #expect(error == .malformedMessage)
    let keys = try client.receiveChallenge(Array(vector.serverFirst.utf8)).derive()
    error = #expect(throws: SASLError.self) { _ = try client.receiveChallenge(Array(vector.serverFirst.utf8)) }
    #expect(error == .malformedMessage)
    _ = try client.prove(with: keys)
    error = #expect(throws: SASLError.self) { try client.verify(Array("e=invalid-proof".utf8)) }
    #expect(error == .serverError("invalid-proof"))
    error = #expect(throws: SASLError.self) { try client.verify(Array(vector.serverFinal.utf8)) }
    #expect(error == .malformedMessage)
  }

  @Test("the gs2 header states the channel binding, and the proof covers it")
  func channelBinding() throws {
    let data: [UInt8] = Array(0..<32)
    for (binding, header, data) in [
      (ChannelBinding.serverEndPoint(data), "p=tls-server-end-point,,", data),
      (.exporter(data), "p=tls-exporter,,", data), (.notOffered, "y,,", []), (.unsupported, "n,,", []),
    ] {
      var client = try Self.client(Self.vectors[1], binding: binding)
      #expect(String(decoding: client.initialResponse, as: UTF8.self).hasPrefix(header + "n=user,"))
      let keys = try client.receiveChallenge(Array(Self.vectors[1].serverFirst.utf8)).derive()
      let proof = String(decoding: try client.prove(with: keys), as: UTF8.self)
      let input = try #require(Base64.decode(proof.dropFirst(2).prefix { $0 != "," }))
      #expect(input == Array(header.utf8) + data)
    }
  }

  @Test("the user name is escaped, and user name and password are prepared by SASLprep")
  func preparation() throws {
    let client = try Self.client(Self.vectors[0], username: "a=b,c\u{AD}")
    #expect(String(decoding: client.initialResponse, as: UTF8.self) == "n,,n=a=3Db=2Cc,r=\(Self.vectors[0].nonce)")
    #expect(try SASLPreparation.prepare("I\u{AD}X\u{A0}") == Array("IX ".utf8))
    for bad in ["", "\u{7}", "a\u{0}b", "\u{AD}", "\u{E000}", "\u{2028}"] {
      #expect(throws: SASLError.prohibitedCredentials) { try SASLPreparation.prepare(bad) }
    }
  }
}
