import NIOCore
import Testing

@testable import RTP

@Suite struct SendHistoryTests {
  private func sent(_ numbers: some Sequence<Int>) -> SendHistory {
    var history = SendHistory()
    for number in numbers {
      history.sent(
        .init(sentAt: .uptimeNanoseconds(UInt64(number) * 1_000_000), size: number, expectedWait: 0),
        number: UInt16(truncatingIfNeeded: number))
    }
    return history
  }

  /// The sizes of those that are told to have arrived and to be lost, which are their numbers.
  private func receive(
    _ history: inout SendHistory, base: Int, count: Int, _ numbers: [Int]
  ) -> (arrived: [Int], lost: [Int]) {
    var result = (arrived: [Int](), lost: [Int]())
    history.receive(
      TransportWideFeedback(
        senderSSRC: 1, mediaSSRC: 2, feedbackCount: 0, baseSequenceNumber: UInt16(truncatingIfNeeded: base),
        packetStatusCount: count,
        arrivals: numbers.map { .init(sequenceNumber: UInt16(truncatingIfNeeded: $0), time: .zero) }),
      arrived: { packet, _ in result.arrived.append(packet.size) }, lost: { result.lost.append($0.size) })
    return result
  }

  @Test func `a packet counts as lost when a later feedback passes over it, and not before`() {
    var history = sent(1...10)
    let first = receive(&history, base: 1, count: 5, [1, 2, 4])
    #expect(first.arrived == [1, 2, 4] && first.lost.isEmpty)
    // The third was overtaken.
    let second = receive(&history, base: 3, count: 4, [3, 6])
    #expect(second.arrived == [3, 6] && second.lost.isEmpty)
    let third = receive(&history, base: 7, count: 1, [7])
    #expect(third.arrived == [7] && third.lost == [5])
  }

  @Test func `a missed packet that is sent again under its number counts as lost, whichever of the two arrives`() {
    var history = sent(1...10)
    for number in 3...4 as ClosedRange<UInt16> { history.missed(number) }
    for number in 2...3 as ClosedRange<UInt16> { history.sentAgain(number) }
    let result = receive(&history, base: 1, count: 6, [1, 2, 3, 4, 6])
    #expect(result.arrived == [1, 2, 4, 6] && result.lost == [3])
  }

  @Test func `no packet is told twice`() {
    var history = sent(1...10)
    _ = receive(&history, base: 1, count: 3, [1, 2, 3])
    let again = receive(&history, base: 1, count: 4, [1, 2, 3, 4])
    #expect(again.arrived == [4] && again.lost.isEmpty)
  }

  @Test func `what was never sent is ignored`() {
    var history = sent(1...10)
    let future = receive(&history, base: 11, count: 2, [11, 12])
    #expect(future.arrived.isEmpty && future.lost.isEmpty)
    let mixed = receive(&history, base: 9, count: 9, [9, 17])
    #expect(mixed.arrived == [9] && mixed.lost == Array(1...8))
    // Its place in memory is that of a packet which was.
    let last = SendHistory.capacity + 900
    var full = sent(1...last)
    #expect(receive(&full, base: 901, count: last, [last, last + 5]).arrived == [last])
    var empty = SendHistory()
    let none = receive(&empty, base: 0, count: 3, [0, 1, 2])
    #expect(none.arrived.isEmpty && none.lost.isEmpty)
  }

  @Test func `numbers wrap`() {
    var history = sent(65_530...65_545)
    let result = receive(&history, base: 65_530, count: 16, [65_530, 65_540])
    #expect(result.arrived == [65_530, 65_540])
    let lost = receive(&history, base: 65_545, count: 1, [65_545]).lost
    #expect(lost == (65_531...65_544).filter { $0 != 65_540 })
  }

  @Test func `old packets are forgotten, neither lost nor arrived`() {
    let last = 2 * SendHistory.capacity
    var history = sent(1...last)
    let old = receive(&history, base: 1, count: 3, [1, 2, 3])
    #expect(old.arrived.isEmpty && old.lost.isEmpty)
    let late = receive(&history, base: last, count: 1, [last])
    #expect(late.arrived == [last] && late.lost.count == SendHistory.capacity - 1)
  }

  @Test func `the work for a feedback does not grow with the length of a call`() {
    var history = SendHistory()
    var longest = 0
    for number in 0..<200_000 {
      history.sent(
        .init(sentAt: .uptimeNanoseconds(0), size: number, expectedWait: 0), number: UInt16(truncatingIfNeeded: number))
      guard number % 10 == 9 else { continue }
      // One of ten is lost, and every hundredth feedback.
      longest = max(longest, history.span)
      guard number % 1_000 != 999 else { continue }
      _ = receive(&history, base: number - 9, count: 10, Array(number - 8...number))
    }
    #expect(longest <= 30)
  }

  @Test func `a peer that tells of nothing does not make the work for a feedback grow without bound`() {
    #expect(sent(0..<100_000).span <= SendHistory.capacity)
  }

  @Test func `what is in flight is told in the order in which it was sent`() {
    var history = sent(1...6)
    _ = receive(&history, base: 1, count: 5, [1, 2, 5])
    var sizes: [Int] = []
    history.forEachInFlight(sentFrom: .uptimeNanoseconds(4_000_000)) { sizes.append($0.size) }
    #expect(sizes == [4, 6])
  }
}
