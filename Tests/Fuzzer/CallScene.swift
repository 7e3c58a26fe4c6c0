import Call
import ICE
import Jingle
import NIOCore
import Peer
import RTP
import TestSupport
import XMPP

/// cam@example.org/pi and ann@example.net/phone, and the network between them, in virtual time.
///
/// The phone's network does what ICE asks for, with the password that the inputs know.
final class CallScene {
  private static let key = IntegrityKey(password: "abcdefghijklmnopqrstuv")
  private static let mostSentAtOnce = 200

  private let call: Call
  private var now = NIODeadline.fuzzStart
  private var endpoints: UInt32 = 0
  private var hasEnded = false
  private var refuses = false
  private var answers = 0
  /// The phone's end of the handshake, where it has one.
  private var viewer: FuzzViewer?
  /// Where the last datagram went from and to.
  private var path: (endpoint: LocalEndpoint, remote: SocketAddress)?

  /// - Parameter opening: what a call that comes in begins with; the sid of one of ours, too.
  init?(isIncoming: Bool, by opening: XMLElement?) {
    let signalling: Signalling
    if isIncoming {
      guard var opening else { return nil }
      opening["from"] = JingleScene.phone.description
      guard let incoming = IncomingCall(opening: opening, local: JingleScene.local, now: now) else { return nil }
      signalling = .incoming(incoming)
    } else {
      signalling = .outgoing(
        OutgoingCall(
          sid: "s1", local: JingleScene.local, peer: JingleScene.phone.bare, media: [.audio, .video]))
    }
    let clock = SessionClock(now: now, wallClock: NTPTimestamp(secondsSince1970: 1_800_000_000, nanoseconds: 0))
    var seeds = SeededGenerator(seed: 1)
    var configuration = Call.Configuration(certificate: PeerScene.certificate, clock: clock)
    configuration.retransmission = PeerScene.retransmission
    call = Call(signalling, configuration) {
      SeededGenerator(seed: seeds.next())
    }
    call.begin(.init(), now: now)
    settle()
  }

  func act(_ element: XMLElement) {
    switch element.name {
    case "wait": pass(.seconds(Int64(element["s"].flatMap(UInt8.init) ?? 1)))
    case "picture":
      let layer = element["layer"] == nil ? 0 : 1
      let picture = RTPFrame(
        payload: ByteBuffer(repeating: 0, count: 2000), captureTime: now, isKeyFrame: layer == 0, temporalLayer: layer)
      let outcome = call.send(picture, source: MediaSourceStatistics(), now: now)
      require(outcome != .sent || viewer?.hasKeys == true, "there are no keys")
    case "handshake":
      if viewer == nil { viewer = FuzzViewer(role: element["setup"] == "active" ? .active : .passive) }
      viewer?.start(now: now)
    case "feedback": giveFeedback(element)
    case "leave": call.setAvailable(false, now: now)
    case "return": call.setAvailable(true, now: now)
    case "refuse": refuses = true
    case "moved": move()
    case "hang-up": call.interrupt(now: now)
    default: receive(element)
    }
    settle()
    pass(.seconds(1))
  }

  func end() {
    call.abandon(now: now)
    settle()
    require(hasEnded, "a call that does not end")
    for _ in 0..<100 {
      guard let deadline = call.deadline else { return }
      now = max(now, deadline)
      call.handleTimeout(now: now)
      settle()
    }
    fatalError("it has ended, and still waits for something")
  }

  /// A receiver report, and what the attributes ask for.
  private func giveFeedback(_ element: XMLElement) {
    guard let viewer, let path, let latest = viewer.latest else { return }
    func number(_ name: String) -> UInt32? { element[name].flatMap(UInt32.init) }
    let block = ReportBlock(
      ssrc: latest.ssrc, fractionLost: UInt8(truncatingIfNeeded: number("lost") ?? 0), packetsLost: 0,
      extendedHighestSequenceNumber: UInt32(latest.sequenceNumber), jitter: 9, lastSenderReport: number("lsr") ?? 0,
      delaySinceLastSenderReport: 0)
    var packets = [RTCPPacket.receiverReport(ReceiverReport(ssrc: 1, reportBlocks: [block]))]
    if element["pli"] != nil {
      packets.append(.pictureLossIndication(PictureLossIndication(senderSSRC: 1, mediaSSRC: latest.ssrc)))
    }
    if let bitrate = number("bps") {
      packets.append(
        .receiverEstimatedMaximumBitrate(
          ReceiverEstimatedMaximumBitrate(senderSSRC: 1, bitrate: Int(bitrate), ssrcs: [])))
    }
    if let back = number("nack") {
      let lost = latest.sequenceNumber &- UInt16(truncatingIfNeeded: back)
      packets.append(.genericNACK(GenericNACK(senderSSRC: 1, mediaSSRC: latest.ssrc, lost: [lost])))
    }
    let datagram = viewer.protect(RTCPPacket.compound(packets, tailroom: 64))
    call.receive(datagram, from: path.remote, on: path.endpoint, now: now)
  }

  private func receive(_ stanza: XMLElement) {
    var stanza = stanza
    stanza["from"] = JingleScene.phone.description
    answers = 0
    _ = call.receive(stanza, now: now)
    settle()
    require(answers <= (stanza.isRequest ? 1 : 0), "\(answers) replies to \(stanza)")
  }

  private func pass(_ time: TimeAmount) {
    let end = now + time
    var turns = 0
    while let deadline = call.deadline, deadline <= end {
      turns += 1
      // ICE is due every 5 ms at the most.
      require(turns < 100_000, "time does not pass")
      now = max(now, deadline)
      call.handleTimeout(now: now)
      settle()
    }
    now = end
  }

  private func move() {
    call.removeLocalEndpoint(LocalEndpoint(id: endpoints), now: now)
    open()
  }

  private func open() {
    for kind in call.transportMedia {
      endpoints += 1
      guard let address = try? SocketAddress(ipAddress: "198.51.100.1", port: 5000 + Int(endpoints % 1000)) else {
        return
      }
      call.addLocalEndpoint(LocalEndpoint(id: endpoints), address: address, for: kind, now: now)
    }
  }

  private func settle() {
    var turns = 0
    var isQuiet = false
    while !isQuiet {
      isQuiet = true
      shakeHands()
      while let event = call.pollEvent() {
        isQuiet = false
        handle(event)
      }
      while let transmit = call.pollTransmit(now: now) {
        isQuiet = false
        turns += 1
        require(turns <= Self.mostSentAtOnce, "\(turns) datagrams at once")
        answer(transmit)
      }
    }
  }

  private func handle(_ event: Call.Event) {
    require(!hasEnded, "\(event) behind the end")
    switch event {
    case .stanza(let stanza):
      if stanza.isRequest { reply(to: stanza) } else if stanza.is("iq", "jabber:client") { answers += 1 }
    case .endpointsWanted:
      open()
      call.endpointsOpened(now: now)
    case .nameToResolve(let request):
      call.resolved(request, to: request.name.hasPrefix("0") ? "198.51.100.2" : nil, now: now)
    case .ended:
      hasEnded = true
      call.close(now: now)
    default: break
    }
  }

  /// At once, as on a path without a delay.
  private func reply(to request: XMLElement) {
    let reply = refuses ? request.errorReply(StanzaError(.cancel, .notAcceptable)) : request.result()
    guard var reply else { return }
    reply["from"] = JingleScene.phone.description
    _ = call.receive(reply, now: now)
  }

  private func shakeHands() {
    guard let path else { return }
    while let flight = viewer?.pollTransmit() {
      call.receive(flight, from: path.remote, on: path.endpoint, now: now)
    }
  }

  /// The phone's network answers each check.
  private func answer(_ transmit: Transmit) {
    path = (transmit.endpoint, transmit.remote)
    viewer?.receive(transmit.payload, now: now)
    guard let request = try? STUNMessage(parsing: transmit.payload), request.messageClass == .request else { return }
    let answer = STUNMessage(
      .success, .binding, transactionID: request.transactionID, attributes: [.xorMappedAddress(transmit.remote)])
    call.receive(
      answer.encoded(integrityKey: Self.key, fingerprint: true), from: transmit.remote, on: transmit.endpoint, now: now)
  }
}
