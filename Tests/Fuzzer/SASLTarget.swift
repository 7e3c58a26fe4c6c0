import NIOCore

@testable import XMPP

extension FuzzTarget {
  /// A server's part of SCRAM, a message a line, to a client whose nonce it knows.
  static let sasl = FuzzTarget(text: "sasl", seeds: seeds, words: words) { bytes in
    let lines = bytes.readableBytesView.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard
      var client = try? SCRAMClient(
        .sha256, username: "user", password: "pencil", binding: .unsupported, nonce: "nonce")
    else { fatalError("no client") }
    for (number, line) in lines.prefix(3).enumerated() {
      let message = Array(line)
      if number == 0 {
        guard (try? client.receiveChallenge(message)) != nil else { break }
        guard (try? client.prove(with: SCRAMKeys(client: [1], server: [2]))) != nil else {
          fatalError("no proof")
        }
      } else {
        try? client.verify(message)
      }
    }
    require(!client.isVerified, "a server without the password was believed")
    _ = ChannelBinding.serverEndPoint(certificate: bytes.octets)
    for line in lines {
      let text = String(decoding: line, as: UTF8.self)
      if let decoded = Base64.decode(text) { require(Base64.encode(decoded) == text) }
      _ = try? SASLPreparation.prepare(text)
      let offered = Set(text.split(separator: " ").map(String.init))
      let mechanism = try? SASLMechanism.choose(
        offered: offered, bindingTypes: offered, bindings: [.exporter([1]), .serverEndPoint([2])], hadSCRAM: false)
      let isBetterKnown = offered.contains { $0.hasPrefix("SCRAM-") }
      require(mechanism != .plain || !isBetterKnown, "the password to a server that knows better")
      if let jid = try? JID(text) { require((try? JID(jid.description)) == jid, "\(jid) is no JID") }
    }
  }

  private static let seeds = [
    "r=nonce2,s=c2FsdA==,i=4096\nv=c2FsdA==", "r=nonce2,s=c2FsdA==,i=4096,x=y\ne=invalid-proof", "m=x,r=nonce,s=a,i=1",
    "SCRAM-SHA-256 SCRAM-SHA-256-PLUS PLAIN\nc2FsdA==\nuser\u{AA}\u{E9}@exämple.org/\u{2168}",
  ]

  private static let words = ["r=nonce", ",s=", ",i=", "v=", "e=", "m=", "\n", "4096", "1000000", "c2FsdA=="]
}
