import Capture
import Testing

@testable import Studio

@Suite("Mailbox")
struct MailboxTests {
  @Test("gives out everything in its order, once")
  func order() {
    let mailbox = Mailbox<Int>(capacity: 10)
    #expect(mailbox.isEmpty)
    for number in 0..<5 { mailbox.put(number) }
    #expect(!mailbox.isEmpty)
    var taken: [Int] = []
    mailbox.take { taken.append($0) }
    mailbox.put(5)
    mailbox.take { taken.append($0) }
    mailbox.take { taken.append($0) }
    #expect(taken == [0, 1, 2, 3, 4, 5])
  }

  @Test("drops what comes while it is full")
  func full() {
    let mailbox = Mailbox<Int>(capacity: 3)
    #expect((0..<5).map { mailbox.put($0) } == [true, true, true, false, false])
    var taken: [Int] = []
    mailbox.take { taken.append($0) }
    #expect(taken == [0, 1, 2])
    #expect(mailbox.put(6))
  }

  @Test("lets go of what nobody took")
  func memory() {
    final class Element: Sendable {}
    let mailbox = Mailbox<Element>(capacity: 10)
    weak var element: Element?
    do {
      let made = Element()
      element = made
      mailbox.put(made)
    }
    #expect(element != nil)
    mailbox.take { _ in }
    #expect(element == nil)
  }

  @Test("loses nothing while several threads put in and one takes out")
  func threads() async {
    final class Writer: ThreadBody {
      let (mailbox, number, count): (Mailbox<(Int, Int)>, Int, Int)

      init(_ mailbox: Mailbox<(Int, Int)>, _ number: Int, _ count: Int) {
        (self.mailbox, self.number, self.count) = (mailbox, number, count)
      }

      func run() {
        for value in 0..<count { mailbox.put((number, value)) }
      }
    }
    let (writers, count) = (4, 20_000)
    let mailbox = Mailbox<(Int, Int)>(capacity: writers * count)
    for number in 0..<writers { Writer(mailbox, number, count).start() }
    var next = [Int](repeating: 0, count: writers)
    var isInOrder = true
    while isInOrder, next != Array(repeating: count, count: writers) {
      mailbox.take { writer, value in
        isInOrder = isInOrder && value == next[writer]
        next[writer] += 1
      }
      await Task.yield()
    }
    #expect(isInOrder)
  }
}
