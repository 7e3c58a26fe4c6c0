import NIOCore
import Peer
import RTP
import TestSupport
import Testing

@Suite("Transport-wide feedback")
struct TransportFeedbackTests {
  @Test(
    "where it is agreed, all packets are numbered and the viewer's feedback names each of them",
    arguments: [false, true])
  func agreed(rtx: Bool) throws {
    let call = try PeerCall(.init(rtx: rtx, transportFeedback: true, seed: 3))
    call.start()
    #expect(call.connects())
    call.viewer.nackInterval = .milliseconds(110)
    call.stream(frames: 1)
    call.network.conditions.loss = 0.1
    call.stream(frames: 100)
    call.network.conditions.loss = 0
    call.stream(frames: 5)
    call.network.run(for: .seconds(1))

    let numbers = call.viewer.packets.compactMap { $0.header.extensions[PeerCall.transportWideSequenceNumberID] }
    #expect(numbers.count == call.viewer.packets.count)
    let sent = try #require(call.caller.connection.outboundStatistics)
    // What is sent again as it was is no new packet.
    let numbered = sent.packetsSent - (rtx ? 0 : sent.retransmittedPacketsSent)
    #expect(numbers.max() == UInt64(numbered - 1) && Set(numbers).count == numbers.count)
    #expect(call.viewer.packets.allSatisfy { $0.plain.readableBytes <= 1_200 })

    let feedback = call.viewer.transportFeedbackSent
    #expect((30...60).contains(feedback.count))
    #expect(feedback.map(\.feedbackCount) == (0..<feedback.count).map { UInt8($0) })
    // Loss is told, and nothing that arrived is left out.
    var told: [UInt16: TimeAmount] = [:]
    for arrival in feedback.flatMap(\.arrivals) { told[arrival.sequenceNumber] = arrival.time }
    #expect(Set(told.keys) == Set(numbers.map { UInt16($0) }))
    #expect(feedback.contains { $0.arrivals.count < $0.packetStatusCount })
    for packet in call.viewer.packets {
      let number = try #require(packet.header.extensions[PeerCall.transportWideSequenceNumberID])
      #expect(told[UInt16(number)] == packet.at - .distantPast)
    }
  }

  @Test("where it is not agreed, no packet has an extension and the viewer sends none")
  func notAgreed() throws {
    let call = try PeerCall()
    call.start()
    #expect(call.connects())
    call.stream(frames: 20)
    #expect(call.viewer.packets.allSatisfy { $0.header.encodedLength == RTPHeader.length })
    #expect(call.viewer.transportFeedbackSent.isEmpty)
  }

  @Test("the time of sending is in every packet where there is no transport-wide sequence number")
  func sendTime() throws {
    for transportFeedback in [false, true] {
      let call = try PeerCall(.init(transportFeedback: transportFeedback, absoluteSendTimeID: 5))
      call.start()
      #expect(call.connects())
      call.stream(frames: 2)
      #expect(call.viewer.packets.allSatisfy { ($0.header.extensions[5] == nil) == transportFeedback })
    }
  }
}
