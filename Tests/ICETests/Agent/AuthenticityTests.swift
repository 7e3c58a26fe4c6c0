import ICE
import NIOCore
import TestSupport
import Testing

@Suite("Authentication of connectivity checks and data")
struct AuthenticityTests {
  @Test("a peer with a wrong password never makes a pair valid")
  func wrongPassword() {
    let call = ICECall()
    call.start(parameters: false)
    for (host, peer) in [(call.caller, call.callee), (call.callee, call.caller)] {
      var wrong = peer.transport.localParameters
      wrong.password += "x"
      host.transport.setRemoteParameters(wrong, now: call.network.now)
    }
    call.network.run(for: .seconds(10))
    #expect(call.callee.transport.statistics.requestsReceived == 0)
    #expect(call.caller.transport.selectedPair == nil)
    #expect(call.callee.transport.selectedPair == nil)
    #expect(call.callee.transport.statistics.checks.messagesDropped > 0)
  }

  @Test("data from an address that no check has verified is dropped")
  func strangeData() {
    let call = ICECall()
    call.start()
    #expect(call.connects())
    call.network.inject(
      ByteBuffer(string: "~stranger"), from: ICECall.address("192.0.2.66", 5000),
      to: ICECall.address("198.51.100.1", 5000), in: VirtualNetwork.internet)
    call.network.run(for: .seconds(1))
    #expect(call.caller.received.isEmpty)
    #expect(call.caller.transport.statistics.datagramsDropped == 1)
  }

  @Test("random and mutated datagrams change no state")
  func noise() {
    let call = ICECall()
    var seen: [ByteBuffer] = []
    call.network.isBlocked = { packet in
      seen.append(packet.payload)
      return false
    }
    call.start()
    #expect(call.connects())
    call.network.isBlocked = { _ in false }
    let pair = call.caller.transport.selectedPair
    var generator = SeededGenerator(seed: 99)
    for round in 0..<2_000 {
      var payload = ByteBuffer()
      if round % 2 == 0 {
        payload = seen[Int.random(in: 0..<seen.count, using: &generator)]
        let at = Int.random(in: 0..<payload.readableBytes, using: &generator) + payload.readerIndex
        let old = payload.getInteger(at: at, as: UInt8.self) ?? 0
        payload.setInteger(old ^ UInt8.random(in: 1...255, using: &generator), at: at)
      } else {
        let length = Int.random(in: 0...200, using: &generator)
        payload.writeBytes((0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) })
      }
      let sources = [ICECall.address("192.0.2.66", 5000), ICECall.serverAddress]
      call.network.inject(
        payload, from: sources[round / 2 % 2], to: ICECall.address("198.51.100.1", 5000),
        in: VirtualNetwork.internet)
      if round % 50 == 0 { call.network.run(for: .milliseconds(20)) }
    }
    call.network.run(for: .seconds(60))
    #expect(call.caller.transport.selectedPair == pair)
    #expect(call.caller.received.isEmpty)
    #expect(call.caller.transport.state == .completed)
    #expect(call.carriesData())
  }
}
