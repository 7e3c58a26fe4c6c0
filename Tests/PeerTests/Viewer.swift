import ICE
import NIOCore
import Peer
import RTP
import SRTP
import TestSupport

/// The other end of a call: what a client makes of our packets.
final class Viewer: VirtualHost {
  struct Packet {
    var header: RTPHeader
    var plain: ByteBuffer
    /// As it came, protected.
    var wire: ByteBuffer
    var at: NIODeadline
  }

  static let ssrc: UInt32 = 0xBEEF
  static let soundPayloadType: UInt8 = 111

  let audio: ViewerLeg?
  let main: ViewerLeg
  /// SSRCs of the caller.
  var videoSSRC: UInt32 = 0
  var rtxSSRC: UInt32 = 0
  var audioSSRC: UInt32 = 0
  private(set) var sounds: [(header: RTPHeader, content: String, at: NIODeadline)] = []
  var depayloader = VP8Depayloader()
  private(set) var frames: [VP8Depayloader.Frame] = []
  private(set) var packets: [Packet] = []
  private(set) var control: [(packet: RTCPPacket, at: NIODeadline)] = []
  private(set) var undecipherable = 0
  var keepsPackets = true
  /// Asks again for what is missing, this often, while set.
  var nackInterval: TimeAmount?
  private var nackAt: NIODeadline?
  /// Sends transport-wide feedback this often, while set and while packets with a transport-wide sequence number come.
  var transportFeedbackInterval: TimeAmount? = .milliseconds(100)
  private(set) var transportFeedbackSent: [TransportWideFeedback] = []
  private var transportFeedback = TransportFeedbackRecorder(origin: .distantPast)
  private var transportFeedbackAt: NIODeadline?
  private var highest: UInt16?
  private var missing: [UInt16: NIODeadline] = [:]
  private(set) var localCandidates: [(kind: MediaKind, candidate: ICECandidate)] = []
  var onCandidate: ((MediaKind, ICECandidate) -> Void)?

  init(main: ViewerLeg, audio: ViewerLeg?) {
    self.main = main
    self.audio = audio
  }

  func receive(_ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline) {
    if endpoint == main.endpoint {
      if let received = main.receive(datagram, from: source, now: now) { take(received, wire: datagram, now: now) }
    } else if let received = audio?.receive(datagram, from: source, now: now) {
      take(received, wire: datagram, now: now)
    }
    settle(now: now)
  }

  private func take(_ received: ViewerLeg.Received, wire: ByteBuffer, now: NIODeadline) {
    switch received {
    case .undecipherable: undecipherable += 1
    case .rtcp(let plain):
      for packet in (try? RTCPPacket.parse(plain)) ?? [] { control.append((packet, now)) }
    case .rtp(let plain):
      var payload = plain
      guard let header = try? RTPHeader(parsing: &payload) else { return undecipherable += 1 }
      if header.ssrc == audioSSRC {
        sounds.append((header, String(buffer: payload), now))
        return
      }
      if let number = header.extensions[PeerCall.transportWideSequenceNumberID] {
        transportFeedback.receive(UInt16(truncatingIfNeeded: number), now: now)
        transportFeedbackAt = transportFeedbackAt ?? transportFeedbackInterval.map { now + $0 }
      }
      if keepsPackets { packets.append(Packet(header: header, plain: plain, wire: wire, at: now)) }
      if header.ssrc == rtxSSRC {
        if let original = payload.getInteger(at: payload.readerIndex, as: UInt16.self) { missing[original] = nil }
        if let frame = try? depayloader.receiveRetransmission(plain) { frames.append(frame) }
      } else {
        note(header.sequenceNumber, now: now)
        if let frame = try? depayloader.receive(plain) { frames.append(frame) }
      }
    }
  }

  private func note(_ sequenceNumber: UInt16, now: NIODeadline) {
    missing[sequenceNumber] = nil
    guard let last = highest else { return highest = sequenceNumber }
    let advance = sequenceNumber &- last
    guard advance != 0, advance < 0x8000 else { return }
    for step in 1..<max(advance, 1) { missing[last &+ step] = now }
    highest = sequenceNumber
    if nackInterval != nil, !missing.isEmpty { nackAt = nackAt ?? now + .milliseconds(5) }
  }

  func handleTimeout(now: NIODeadline) {
    main.ice.handleTimeout(now: now)
    main.dtls.handleTimeout(now: now)
    audio?.ice.handleTimeout(now: now)
    audio?.dtls.handleTimeout(now: now)
    if let nackAt, nackAt <= now, let nackInterval {
      missing = missing.filter { now - $0.value < .milliseconds(800) }
      self.nackAt = missing.isEmpty ? nil : now + nackInterval
      if let highest, !missing.isEmpty {
        let lost = missing.keys.sorted { highest &- $0 > highest &- $1 }
        send([.genericNACK(GenericNACK(senderSSRC: Self.ssrc, mediaSSRC: videoSSRC, lost: lost))], now: now)
      }
    }
    if let transportFeedbackAt, transportFeedbackAt <= now {
      self.transportFeedbackAt = transportFeedbackInterval.map { transportFeedbackAt + $0 }
      if let feedback = transportFeedback.feedback(senderSSRC: Self.ssrc, mediaSSRC: videoSSRC, now: now) {
        transportFeedbackSent.append(feedback)
        send([.transportWideFeedback(feedback)], now: now)
      }
    }
    settle(now: now)
  }

  func settle(now: NIODeadline) {
    main.advance(now: now)
    audio?.advance(now: now)
    while let event = main.ice.pollEvent() { handle(event, main.kind) }
    while let event = audio?.ice.pollEvent() { handle(event, .audio) }
  }

  private func handle(_ event: ICETransport.Event, _ kind: MediaKind) {
    guard case .localCandidate(let candidate) = event else { return }
    localCandidates.append((kind, candidate))
    onCandidate?(kind, candidate)
  }

  /// A receiver report, and what is to be said besides, in one compound.
  func send(_ packets: [RTCPPacket], now: NIODeadline) {
    let report = RTCPPacket.receiverReport(ReceiverReport(ssrc: Self.ssrc))
    main.send(RTCPPacket.compound([report] + packets), now: now)
  }

  /// Says something, in a packet of RTP.
  func say(
    _ content: String, number: UInt16, payloadType: UInt8 = soundPayloadType, ssrc: UInt32 = ssrc, now: NIODeadline
  ) {
    var packet = ByteBuffer()
    RTPHeader(
      marker: false, payloadType: payloadType, sequenceNumber: number, timestamp: UInt32(number) * 960, ssrc: ssrc
    ).write(to: &packet)
    packet.writeString(content)
    (audio ?? main).send(packet, isControl: false, now: now)
  }

  func pollTransmit() -> Transmit? {
    main.outgoing.popFirst() ?? audio?.outgoing.popFirst() ?? main.ice.pollTransmit() ?? audio?.ice.pollTransmit()
  }

  var deadline: NIODeadline? {
    var earliest = main.deadline
    for deadline in [audio?.deadline, nackAt, transportFeedbackAt] {
      if let deadline { earliest = min(earliest ?? deadline, deadline) }
    }
    return earliest
  }

  var isConnected: Bool { main.profile != nil && (audio == nil || audio?.profile != nil) }
  var undecipherableOrEarly: Int { undecipherable + main.earlyMedia + (audio?.earlyMedia ?? 0) }
}
