import ICE
import NIOCore
import Peer
import RTP
import SRTP
import TestSupport

extension FuzzTarget {
  /// A path that ICE found, and what comes over it: times and datagrams in turns, before there are keys; or with keys,
  /// where the first octet says so, and then RTCP is authentic.
  static let peer = FuzzTarget("peer", seeds: seeds) { bytes in
    var input = FuzzInput(bytes)
    let scene = PeerScene(&input)
    while !input.isAtEnd { scene.act(&input) }
    scene.end()
  }

  /// What begins a handshake, whole and in two pieces, a datagram of each other kind, and a viewer's feedback.
  private static func seeds() -> [[UInt8]] {
    handshakes()
      + PeerScene.feedback().map { datagram in
        [PeerScene.withKeys] + Array(repeating: [2, UInt8(datagram.count)] + datagram, count: 2).joined()
      }
  }

  private static func handshakes() -> [[UInt8]] {
    let kinds: [[UInt8]] = [0, 16, 20, 64, 100, 128, 200, 255].map { [0, 1, 20] + [UInt8](repeating: $0, count: 20) }
    guard
      let hello = try? DTLSAssociation(
        role: .active, certificate: PeerScene.certificate, remoteFingerprints: [PeerScene.certificate.fingerprint])
    else { return kinds }
    hello.start(now: .fuzzStart)
    let flight = hello.pollTransmit()?.octets ?? []
    let (head, tail) = (flight.prefix(200), flight.dropFirst(200).prefix(255))
    return kinds + [
      [1, 1, UInt8(head.count)] + head, [1, 1, UInt8(head.count)] + head + [1, UInt8(tail.count)] + tail,
    ]
  }
}

final class PeerScene {
  /// Making one takes longer than all the rest.
  static let certificate: Certificate = {
    guard let certificate = try? Certificate() else { fatalError("no certificate") }
    return certificate
  }()
  /// OpenSSL times lost flights by the real clock, and takes 16 ms for nearly over.
  static let retransmission = DTLSRetransmission(initial: .milliseconds(16), maximum: .milliseconds(16))
  private static let endpoint = LocalEndpoint(id: 0)
  private static let remote = ICEParameters(usernameFragment: "peer", password: "a password of the peer")
  private static let mostSentAtOnce = 200

  /// Of the first octet: the viewer takes part in the handshake.
  static let withKeys: UInt8 = 2

  private let connection: PeerConnection
  private let source: SocketAddress
  private let viewer: FuzzViewer?
  private var now = NIODeadline.fuzzStart

  init(_ input: inout FuzzInput) {
    let options = input.integer(UInt8.self)
    let isActive = options & 1 == 1
    viewer = options & Self.withKeys == 0 ? nil : FuzzViewer(role: isActive ? .passive : .active)
    guard let source = try? SocketAddress(ipAddress: "198.51.100.2", port: 6000),
      let local = try? SocketAddress(ipAddress: "198.51.100.1", port: 5000)
    else { fatalError() }
    self.source = source
    var seeds = SeededGenerator(seed: 1)
    var configuration = PeerConnection.Configuration(
      ice: .init(), role: .controlling, media: [.audio, .video], certificate: Self.certificate, canonicalName: "cam",
      clock: SessionClock(now: now, wallClock: NTPTimestamp(secondsSince1970: 1_800_000_000, nanoseconds: 0)))
    configuration.retransmission = Self.retransmission
    connection = PeerConnection(configuration: configuration) { SeededGenerator(seed: seeds.next()) }
    connection.addLocalEndpoint(Self.endpoint, address: local, for: .audio, now: now)
    let candidate = ICECandidate(foundation: "1", component: 1, priority: 1, address: source, kind: .host)
    let transport = RemoteTransport(
      ice: Self.remote, fingerprints: [Self.certificate.fingerprint], localRole: isActive ? .active : .passive,
      candidates: [candidate])
    connection.setRemoteDescription(
      [
        RemoteMedia(kind: .audio, transport: transport, format: nil),
        RemoteMedia(
          kind: .video, transport: transport,
          format: NegotiatedFormat(payloadType: 96, rtxPayloadType: 97, transportWideSequenceNumberID: 3)),
      ], bundled: true, now: now)
    for _ in 0..<20 { pass(.milliseconds(50)) }
    require(connection.videoTransport?.hasPath == true, "there is no path")
    viewer?.start(now: now)
    settle()
    require(connection.isVideoWritable == (viewer != nil), "there are keys, or none")
  }

  func act(_ input: inout FuzzInput) {
    let time = input.integer(UInt8.self)
    let datagram = input.chunk()
    connection.receive(viewer?.protect(datagram) ?? datagram, from: source, on: Self.endpoint, now: now)
    // Two seconds at most: before there are keys a flight is sent every 16 ms.
    pass(.milliseconds(8 * Int64(time)))
    require(viewer != nil || !connection.isVideoWritable, "there are keys")
    let isBase = time & 1 == 0
    let frame = RTPFrame(
      payload: ByteBuffer(repeating: 0, count: 3000), captureTime: now, isKeyFrame: isBase,
      temporalLayer: isBase ? 0 : 1)
    let outcome = connection.send(frame, now: now)
    require(viewer != nil || outcome != .sent, "sent without keys")
    settle()
  }

  /// All that a viewer may say of our stream, and a packet of it that exists in such a scene.
  static func feedback() -> [[UInt8]] {
    var input = FuzzInput(ByteBuffer(bytes: [withKeys]))
    let scene = PeerScene(&input)
    scene.act(&input)
    guard let latest = scene.viewer?.latest else { fatalError("no picture") }
    return FuzzFeedback.packets(of: latest.ssrc, sequenceNumber: latest.sequenceNumber).map {
      RTCPPacket.compound([$0]).octets
    }
  }

  func end() {
    connection.close(now: now)
    settle()
    require(connection.deadline == nil, "it is closed, and still waits for something")
  }

  private func pass(_ time: TimeAmount) {
    let end = now + time
    settle()
    var turns = 0
    while let deadline = connection.deadline, deadline <= end {
      turns += 1
      require(turns < 20_000, "time does not pass")
      now = max(now, deadline)
      connection.handleTimeout(now: now)
      settle()
    }
    now = end
  }

  /// The peer answers each check.
  private func settle() {
    var sent = 0
    shakeHands()
    while let transmit = connection.pollTransmit(now: now) {
      sent += 1
      require(sent <= Self.mostSentAtOnce, "\(sent) datagrams at once")
      viewer?.receive(transmit.payload, now: now)
      shakeHands()
      guard let request = try? STUNMessage(parsing: transmit.payload), request.messageClass == .request else {
        continue
      }
      let answer = STUNMessage(
        .success, .binding, transactionID: request.transactionID, attributes: [.xorMappedAddress(transmit.remote)])
      connection.receive(
        answer.encoded(integrityKey: IntegrityKey(password: Self.remote.password), fingerprint: true),
        from: transmit.remote, on: transmit.endpoint, now: now)
    }
    while connection.pollEvent() != nil {}
  }

  private func shakeHands() {
    while let flight = viewer?.pollTransmit() {
      connection.receive(flight, from: source, on: Self.endpoint, now: now)
    }
  }
}
