import Jingle
import NIOCore
import TestSupport
import Testing
import XMPP

@Suite("Mutated stanzas never trap")
struct MutationTests {
  static let values = [
    "", "0", "-1", "128", "65536", "4294967296", "18446744073709551616", "\u{0}", "é", "@/", "s1", "both", "none",
    "session-accept", "transport-info", "content-add", String(repeating: "9", count: 400),
  ]

  private func mutate(_ element: XMLElement, _ generator: inout SeededGenerator) -> XMLElement {
    var copy = element
    switch Int.random(in: 0..<9, using: &generator) {
    case 0: if let key = copy.attributes.keys.sorted().randomElement(using: &generator) { copy[key] = nil }
    case 1, 2:
      if let key = copy.attributes.keys.sorted().randomElement(using: &generator) {
        copy[key] = Self.values.randomElement(using: &generator)
      }
    case 3: copy.children.shuffle(using: &generator)
    case 4: if let child = copy.children.randomElement(using: &generator) { copy.children.append(child) }
    case 5:
      if !copy.children.isEmpty { copy.children.remove(at: .random(in: copy.children.indices, using: &generator)) }
    case 6: copy.children.append(.text("text"))
    case 7: copy.namespace = "urn:x"
    default: break
    }
    guard !copy.children.isEmpty else { return copy }
    let index = Int.random(in: copy.children.indices, using: &generator)
    if case .element(let child) = copy.children[index] { copy.children[index] = .element(mutate(child, &generator)) }
    return copy
  }

  @Test("mutated requests in any state never trap, and each gets exactly one response", arguments: 0..<8)
  func mutated(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let stanzas = try Fixture.names.map { try Fixture.stanza($0).with("from", Caller.phone) }
    for round in 0..<300 {
      let callers = [try Caller.proposed(), try .proceeded(), try .offered(), try .answered()]
      let caller = callers[round % callers.count]
      for _ in 0..<8 {
        var stanza = try #require(stanzas.randomElement(using: &generator))
        for _ in 0..<Int.random(in: 0...4, using: &generator) { stanza = mutate(stanza, &generator) }
        if let jingle = stanza.jingle, jingle["sid"] != nil,
          let index = stanza.children.firstIndex(of: .element(jingle))
        {
          if Bool.random(using: &generator) { stanza.children[index] = .element(jingle.with("sid", "s1")) }
        }
        let isTaken = caller.receive(stanza)
        let answers =
          isTaken ? caller.sent() : IncomingRefusal.answers(to: stanza, isTrusted: Bool.random(using: &generator))
        if stanza["type"] == "set", stanza.name == "iq", stanza.namespace == "jabber:client", stanza.jingle != nil,
          let from = stanza["from"], (try? JID(from)) != nil
        {
          #expect(answers.replies.count == 1)
        }
        caller.call.handleTimeout(now: caller.now)
        caller.discard()
      }
    }
  }

  @Test("mutated requests to an incoming call never trap, and each gets exactly one response", arguments: 8..<16)
  func mutatedIncoming(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let stanzas =
      try Fixture.names.map { try Fixture.stanza($0).with("from", Callee.phone) } + [Callee.propose(), Callee.offer()]
    for round in 0..<300 {
      var callees = [try Callee.proceeded(), try .offered(), try .answered()]
      var opening = try #require(stanzas.randomElement(using: &generator))
      for _ in 0..<Int.random(in: 0...4, using: &generator) { opening = mutate(opening, &generator) }
      if let callee = try? Callee(opening) {
        callee.call.answer(now: callee.now)
        callee.discard()
        callees.append(callee)
      }
      let callee = callees[round % callees.count]
      for _ in 0..<8 {
        var stanza = try #require(stanzas.randomElement(using: &generator))
        for _ in 0..<Int.random(in: 0...4, using: &generator) { stanza = mutate(stanza, &generator) }
        if let jingle = stanza.jingle, Bool.random(using: &generator),
          let index = stanza.children.firstIndex(of: .element(jingle))
        {
          stanza.children[index] = .element(jingle.with("sid", callee.call.sid))
        }
        let isTaken = callee.receive(stanza)
        let answers =
          isTaken ? callee.sent() : IncomingRefusal.answers(to: stanza, isTrusted: Bool.random(using: &generator))
        if stanza["type"] == "set", stanza.name == "iq", stanza.namespace == "jabber:client", stanza.jingle != nil,
          let from = stanza["from"], (try? JID(from)) != nil
        {
          #expect(answers.replies.count == 1)
        }
        let contents = callee.call.session?.contents ?? []
        if Int.random(in: 0..<4, using: &generator) == 0 { callee.call.accept(contents: contents, now: callee.now) }
        callee.call.handleTimeout(now: callee.now)
        callee.discard()
      }
    }
  }
}
