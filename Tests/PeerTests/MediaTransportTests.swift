import ICE
import NIOCore
import Peer
import SRTP
import TestSupport
import Testing

@Suite("The path of one content")
struct MediaTransportTests {
  /// Whoever is given the packet keeps what is left of it, to send it again as it is.
  @Test("a packet that cannot be protected is emptied, so that its plain text is never sent again")
  func unprotected() throws {
    let transport = MediaTransport(
      configuration: .init(), role: .controlling, certificate: try Certificate(), generator: SeededGenerator(seed: 1))
    var packet = ByteBuffer(repeating: 0x80, count: 100)
    let isSent = transport.send(&packet, now: .uptimeNanoseconds(1))
    #expect(!isSent && packet.readableBytes == 0)
    transport.resend(ByteBuffer(repeating: 0x80, count: 100), now: .uptimeNanoseconds(1))
    #expect(transport.pollTransmit() == nil && transport.statistics.packetsSent == 0)
  }

  @Test("the first failure is the only one that is told")
  func failsOnce() throws {
    let transport = MediaTransport(
      configuration: .init(), role: .controlling, certificate: try Certificate(), generator: SeededGenerator(seed: 1))
    var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
    transport.setRemote(
      RemoteTransport(
        ice: ICEParameters(usernameFragment: "them", password: "their password of 22 ch"), fingerprints: [],
        localRole: .passive, candidates: []), now: now)
    // Without candidates, ICE fails later on.
    for _ in 0..<100 {
      guard let deadline = transport.deadline else { break }
      now = max(now, deadline)
      transport.handleTimeout(now: now)
    }
    var failures: [PeerError] = []
    while let event = transport.pollEvent() {
      if case .failed(let error) = event { failures.append(error) }
    }
    #expect(transport.iceState == .failed && failures == [.security(.noFingerprint)])
  }
}
