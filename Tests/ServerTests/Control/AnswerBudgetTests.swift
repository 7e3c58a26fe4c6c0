import NIOCore
import Testing
import XMPP

@testable import Server

@Suite("How many messages are answered")
struct AnswerBudgetTests {
  private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

  @Test(
    "what is no command is answered three times and then every two minutes, a command ten times and then every six seconds"
  )
  func limits() throws {
    var budget = AnswerBudget()
    let ann = try JID("ann@example.net/phone")
    func taken(_ kind: AnswerBudget.Kind, at time: TimeAmount) -> Int {
      (0..<50).count { _ in budget.take(kind, for: ann, now: start + time) }
    }
    #expect(taken(.hint, at: .zero) == 3)
    #expect(taken(.hint, at: .seconds(119)) == 0)
    #expect(taken(.hint, at: .minutes(2)) == 1)
    #expect(taken(.encrypted, at: .zero) == 1)
    #expect(taken(.encrypted, at: .hours(23)) == 0)
    #expect(taken(.command, at: .hours(23)) == 10)
    #expect(taken(.command, at: .hours(23) + .seconds(5)) == 0)
    #expect(taken(.command, at: .hours(23) + .seconds(6)) == 1)
  }

  @Test("a person's devices share a budget, people do not")
  func people() throws {
    var budget = AnswerBudget()
    for (jid, isTaken) in [("ann@example.net/a", true), ("ann@example.net/b", false), ("bob@example.net/a", true)] {
      #expect(budget.take(.encrypted, for: try JID(jid), now: start) == isTaken)
    }
  }
}
