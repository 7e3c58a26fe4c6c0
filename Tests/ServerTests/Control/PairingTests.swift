import NIOCore
import TestSupport
import Testing
import XMPP

@testable import Server

@Suite("The code of a camera that nobody may watch yet")
struct PairingTests {
  private static let camera = "cam@example.net/x"
  private static let start = NIODeadline.uptimeNanoseconds(1_000)

  private static func pairing(seed: UInt64 = 1) -> Pairing {
    var generator = SeededGenerator(seed: seed)
    return Pairing(now: start, using: &generator)
  }

  private static func message(
    _ body: String, from: String = "ann@example.net/phone", type: String? = "chat", _ payload: XMLElement? = nil
  ) throws -> ChatMessage? {
    var stanza = XMLElement("message", namespace: Namespace.client, attributes: ["from": from, "to": camera])
    stanza["type"] = type
    stanza.append(XMLElement("body", namespace: Namespace.client, children: [.text(body)]))
    if let payload { stanza.append(payload) }
    return ChatMessage(live: stanza, local: try JID(camera))
  }

  private static func receive(
    _ body: String, by pairing: inout Pairing, after time: TimeAmount = .zero
  ) throws -> Pairing.Answer? {
    pairing.receive(try #require(try message(body)), now: start + time)
  }

  /// As long as the code, and another.
  private static func wrong(_ pairing: Pairing) -> String {
    pairing.code.dropLast() + (pairing.code.last == "0" ? "1" : "0")
  }

  @Test("is eight digits in two groups, others each time, and all of them occur")
  func code() {
    let codes = (0..<200).map { Self.pairing(seed: $0).code }
    #expect(codes.allSatisfy { $0.wholeMatch(of: #/[0-9]{4} [0-9]{4}/#) != nil })
    #expect(Set(codes).count == codes.count)
    for place in [0, 1, 2, 3, 5, 6, 7, 8] {
      #expect(Set(codes.map { Array($0)[place] }).count == 10, "each digit at \(place)")
    }
  }

  @Test("makes whoever writes it, by his bare address, the admin, and nobody after him", arguments: [0, 599])
  func paired(seconds: Int64) throws {
    var pairing = Self.pairing()
    #expect(
      try Self.receive(pairing.code, by: &pairing, after: .seconds(seconds)) == .paired(try JID("ann@example.net")))
    #expect(try Self.receive(pairing.code, by: &pairing, after: .seconds(seconds)) == nil)
  }

  @Test("may be written with other blanks, or none")
  func spelling() throws {
    for change: (String) -> String in [
      { $0.replacing(" ", with: "") }, { " \($0)\n" }, { $0.replacing(" ", with: "-") }, { "\($0)." },
    ] {
      var pairing = Self.pairing()
      #expect(try Self.receive(change(pairing.code), by: &pairing) == .paired(try JID("ann@example.net")))
    }
  }

  @Test("is of no use after ten minutes")
  func time() throws {
    var pairing = Self.pairing()
    #expect(try Self.receive(pairing.code, by: &pairing, after: .minutes(10)) == nil)
    #expect(!pairing.isOpen(now: Self.start + .minutes(10)))
  }

  @Test("is ended by five wrong ones, whoever writes them")
  func count() throws {
    var pairing = Self.pairing()
    for left in (0..<5).reversed() {
      let message = try Self.message(Self.wrong(pairing), from: "user\(left)@example.org/x")
      #expect(pairing.receive(try #require(message), now: Self.start) == .wrong(attemptsLeft: left))
    }
    #expect(try Self.receive(pairing.code, by: &pairing) == nil)
  }

  @Test("is still good after four")
  func four() throws {
    var pairing = Self.pairing()
    for _ in 0..<4 { _ = try Self.receive(Self.wrong(pairing), by: &pairing) }
    #expect(try Self.receive(pairing.code, by: &pairing) == .paired(try JID("ann@example.net")))
  }

  @Test("differs by a digit from a wrong one, wherever that is")
  func digits() throws {
    for place in [0, 1, 2, 3, 5, 6, 7, 8] {
      var pairing = Self.pairing()
      var digits = Array(pairing.code)
      digits[place] = digits[place] == "7" ? "8" : "7"
      #expect(try Self.receive(String(digits), by: &pairing) == .wrong(attemptsLeft: 4))
    }
  }

  @Test(
    "is not tried by what is no code",
    arguments: [
      "hello", "1234567", "123456789", "", "12345678x", "١٢٣٤٥٦٧٨", String(repeating: " ", count: 60) + "12345678",
    ])
  func other(text: String) throws {
    var pairing = Self.pairing()
    if let message = try Self.message(text) { #expect(pairing.receive(message, now: Self.start) == nil) }
    #expect(pairing.attemptsLeft == Pairing.attemptLimit)
  }

  @Test(
    "counts only in a message of a person, sent now: no room, error, headline, carbon, delay, server or device of ours")
  func senders() throws {
    let code = Self.pairing().code
    for type in ["groupchat", "error", "headline"] { #expect(try Self.message(code, type: type) == nil) }
    for sender in ["example.org", "cam@example.net/other", "cam@example.net"] {
      #expect(try Self.message(code, from: sender) == nil, "\(sender)")
    }
    let delay = XMLElement("delay", namespace: "urn:xmpp:delay", attributes: ["stamp": "2026-01-01T00:00:00Z"])
    #expect(try Self.message(code, delay) == nil)
    let occupant = XMLElement("x", namespace: "http://jabber.org/protocol/muc#user")
    #expect(try Self.message(code, from: "room@rooms.example.org/ann", occupant) == nil)
    #expect(try Self.message(code) != nil)
  }

  @Test("does not count in a copy that somebody forwards")
  func forwarded() throws {
    let inner = XMLElement(
      "message", namespace: Namespace.client, attributes: ["from": "ann@example.net/phone", "type": "chat"],
      children: [
        .element(XMLElement("body", namespace: Namespace.client, children: [.text(Self.pairing().code)]))
      ])
    let forwarded = XMLElement("forwarded", namespace: "urn:xmpp:forward:0", children: [.element(inner)])
    let carbon = XMLElement("received", namespace: "urn:xmpp:carbons:2", children: [.element(forwarded)])
    let stanza = XMLElement(
      "message", namespace: Namespace.client, attributes: ["from": "eve@example.org", "type": "chat"],
      children: [.element(carbon)])
    #expect(ChatMessage(live: stanza, local: try JID(Self.camera)) == nil)
  }

  @Test("does not count in a message that is encrypted, whose text is a notice")
  func encrypted() throws {
    var pairing = Self.pairing()
    let message = try Self.message(pairing.code, XMLElement("encrypted", namespace: "eu.siacs.conversations.axolotl"))
    #expect(pairing.receive(try #require(message), now: Self.start) == nil)
  }
}
