import ICE
import NIOCore
import Peer
import RTP
import SRTP
import TestSupport
import Testing

@Suite("A thousand random and a thousand mutated datagrams at every socket")
struct NoiseTests {
  /// What comes in with the addresses of the parties, and from a stranger.
  @Test(
    "a thousand random and a thousand mutated datagrams at every socket change nothing", arguments: [false, true],
    [true, false])
  func noise(relayed: Bool, bundled: Bool) throws {
    let call = try PeerCall(
      .init(
        bundled: bundled, policy: relayed ? .relay : .all, usesTURN: relayed, retransmission: PeerCall.impatient))
    // What was sent to each socket: checks, flights of the handshake, media, control, and TURN.
    var seen: [SocketAddress: [VirtualNetwork.Packet]] = [:]
    call.network.onDelivery = { seen[$0.destination, default: []].append($0) }
    call.start()
    #expect(call.connects(within: .minutes(1)))
    call.stream(frames: 10)
    call.viewer.send([], now: call.network.now)
    call.network.run(for: .seconds(5))
    call.network.onDelivery = { _ in }

    let before = Self.state(of: call)
    let events = call.caller.events.count { Self.isChange($0.event) }
    let parties = [
      PeerCall.callerAddress(.audio), PeerCall.callerAddress(.video), PeerCall.viewerAddress(.audio),
      PeerCall.viewerAddress(.video), PeerCall.serverAddress, PeerCall.address("192.0.2.66", 5000),
    ]
    let sockets = parties[..<4].filter { seen[$0] != nil }
    #expect(sockets.count >= (bundled ? 2 : 4))
    var generator = SeededGenerator(seed: 7)
    for round in 0..<1_000 {
      for socket in sockets {
        let packets = try #require(seen[socket])
        let original = packets[Int.random(in: 0..<packets.count, using: &generator)]
        let source = parties[Int.random(in: 0..<parties.count, using: &generator)]
        call.network.inject(Self.random(&generator), from: source, to: socket, in: VirtualNetwork.internet)
        call.network.inject(
          Self.mutated(original.payload, &generator), from: round % 2 == 0 ? original.source : source, to: socket,
          in: VirtualNetwork.internet)
      }
      // The picture goes on meanwhile.
      if round % 20 == 0 { call.stream(frames: 1) }
    }
    call.stream(frames: 50)
    #expect(Self.state(of: call) == before)
    #expect(call.caller.failures.isEmpty && call.viewer.main.failure == nil && !call.viewer.main.isClosedByPeer)
    let later = call.caller.events.filter { Self.isChange($0.event) }
    #expect(later.count == events, "\(later.dropFirst(events))")
    #expect(call.viewer.frames.map(\.payload) == call.framesOffered)
    #expect(call.caller.connection.videoTransport?.statistics.packetsDiscarded ?? 0 > 0, "some reached the last check")
  }

  /// A mutation may undo itself, or change only what TURN wraps a datagram in, which has no integrity: then an old check
  /// comes again whole, also from an address that nobody has. It is answered by a check, for which `completed` becomes
  /// `connected` for a while.
  private static func isChange(_ event: PeerConnection.Event) -> Bool {
    switch event {
    case .keyFrameRequested, .iceStateChange(_, .connected), .iceStateChange(_, .completed): false
    default: true
    }
  }

  private struct State: Equatable {
    var pairs: [CandidatePairDescription?]
    var generation: UInt32
    var ssrc: UInt32
    var profile: SRTPProfile?
    var isWritable: Bool
  }

  private static func state(of call: PeerCall) -> State {
    let transport = call.caller.connection.videoTransport
    return State(
      pairs: [transport?.selectedPair, call.viewer.main.ice.selectedPair],
      generation: call.caller.connection.generation(of: .video), ssrc: call.caller.connection.videoSSRC,
      profile: transport?.profile, isWritable: call.caller.connection.isVideoWritable)
  }

  private static func random(_ generator: inout SeededGenerator) -> ByteBuffer {
    let length = Int.random(in: 0...1_300, using: &generator)
    return ByteBuffer(bytes: (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }

  /// One to four bytes are others, and now and then the end is missing.
  private static func mutated(_ datagram: ByteBuffer, _ generator: inout SeededGenerator) -> ByteBuffer {
    var copy = ByteBuffer(datagram.readableBytesView)
    guard copy.readableBytes > 0 else { return copy }
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let at = Int.random(in: 0..<copy.writerIndex, using: &generator)
      let old = copy.getInteger(at: at, as: UInt8.self) ?? 0
      copy.setInteger(old ^ UInt8.random(in: 1...255, using: &generator), at: at)
    }
    guard Int.random(in: 0..<4, using: &generator) == 0 else { return copy }
    return copy.getSlice(at: 0, length: Int.random(in: 0..<copy.writerIndex, using: &generator)) ?? copy
  }
}
