import ICE
import NIOCore
import Peer
import RTP
import SRTP
import Testing

@Suite("One transport or several")
struct BundleTests {
  @Test("a bundle uses the first content's transport and reports events under its name")
  func bundled() throws {
    let call = try PeerCall(.init(usesTURN: true))
    call.start()
    let answered = call.caller.events.count
    #expect(call.connects())
    // The unused transport's allocation was given back at once, the other is for as long as the path may change.
    #expect(call.network.turnServers[0].relayedAddresses.count == 1)
    call.network.run(for: .seconds(60))
    call.stream(frames: 3)
    call.network.run(for: .milliseconds(200))
    #expect(call.viewer.frames.count == 3)
    for (event, _) in call.caller.events.dropFirst(answered) {
      switch event {
      case .localCandidate(let kind, _), .iceStateChange(let kind, _), .selectedPairChange(let kind, _):
        #expect(kind == .audio)
      default: break
      }
    }
    #expect(call.caller.failures.isEmpty)
    #expect(call.caller.writableAt != nil)
    #expect(call.network.turnServers[0].relayedAddresses.isEmpty)
    let late = call.caller.sent.filter { $0.at > call.startedAt + .seconds(10) && $0.transmit.endpoint.id == 1 }
    #expect(late.isEmpty)
  }

  @Test("without a bundle each content has its own path, and video uses its own")
  func separate() throws {
    let call = try PeerCall(.init(bundled: false))
    call.start()
    #expect(call.connects())
    call.stream(frames: 3)
    call.network.run(for: .milliseconds(200))
    #expect(call.viewer.frames.count == 3)
    let kinds = Set(
      call.caller.events.compactMap { event in
        if case .selectedPairChange(let kind, _) = event.event { kind } else { nil }
      })
    #expect(kinds == [.audio, .video])
    #expect(call.caller.sent.filter { $0.transmit.payload.isMedia }.allSatisfy { $0.transmit.endpoint.id == 1 })
  }

  @Test("video continues if the transport of the audio fails")
  func soundFails() throws {
    let call = try PeerCall(.init(bundled: false))
    call.network.isBlocked = { $0.destination == PeerCall.viewerAddress(.audio) }
    call.start()
    call.network.run(for: .seconds(2))
    call.stream(frames: 5)
    call.network.run(for: .minutes(2))
    call.stream(frames: 5)
    #expect(call.viewer.frames.count == 10)
    #expect(call.caller.failures.isEmpty)
    #expect(
      call.caller.events.contains {
        if case .iceStateChange(.audio, .failed) = $0.event { true } else { false }
      })
  }
}
