import NIOCore
import TestSupport

@testable import RTP

extension FuzzTarget {
  /// A viewer's feedback, to a sender that goes on sending: the first octet says how, then come a time and a packet in
  /// turns.
  static let rtcp = FuzzTarget("rtcp", seeds: seeds) { bytes in
    var input = FuzzInput(bytes)
    var scene = RTCPScene(&input)
    while !input.isAtEnd { scene.act(&input) }
  }

  private static func seeds() -> [[UInt8]] {
    var input = FuzzInput(ByteBuffer())
    let scene = RTCPScene(&input)
    let packets = FuzzFeedback.packets(of: RTCPScene.ssrc, sequenceNumber: scene.firstSequenceNumber)
    return (UInt8(0)..<2).flatMap { options in
      packets.map { packet in
        let bytes = RTCPPacket.compound([packet]).octets
        // At once, and when the next frame has been sent.
        return [options] + [3, UInt8(bytes.count)] + bytes + [0, 8, UInt8(bytes.count)] + bytes + [1]
      }
    }
  }
}

private struct RTCPScene: ~Copyable {
  static let ssrc: UInt32 = 0xDEAD_BEEF
  private var stream: RTPStream<VP8Payloader>
  private(set) var firstSequenceNumber: UInt16 = 0
  private var now = NIODeadline.fuzzStart

  init(_ input: inout FuzzInput) {
    var configuration = RTPStreamConfiguration(ssrc: Self.ssrc, payloadType: 96, canonicalName: "cam")
    if input.flag() { configuration.rtx = .init(ssrc: 0x0BAD_CAFE, payloadType: 97) }
    configuration.headerExtensions = .init(transportWideSequenceNumber: 3, absoluteSendTime: 2)
    stream = RTPStream(configuration, generator: SeededGenerator(seed: 1))
    let frame = RTPFrame(payload: ByteBuffer(repeating: 0, count: 1), captureTime: now, isKeyFrame: true)
    for packet in stream.packetize(frame, now: now) {
      stream.send(packet, now: now) { packet in
        var packet = packet
        firstSequenceNumber = (try? RTPHeader(parsing: &packet).sequenceNumber) ?? 0
      }
    }
  }

  mutating func act(_ input: inout FuzzInput) {
    now = now + input.time()
    let datagram = input.chunk()
    _ = RTCPPacket.looksLikeRTCP(datagram)
    if let packets = try? RTCPPacket.parse(datagram) {
      for case .transportWideFeedback(let feedback) in packets { check(feedback, of: datagram) }
      stream.receive(packets, now: now)
    }
    var media = datagram
    if (try? RTPHeader(parsing: &media)) != nil { _ = try? VP8PayloadDescriptor(parsing: &media) }
    check()
    send(isKeyFrame: input.flag())
  }

  private mutating func send(isKeyFrame: Bool) {
    let payload = ByteBuffer(repeating: 0, count: 3000)
    let frame = RTPFrame(payload: payload, captureTime: now, isKeyFrame: isKeyFrame)
    for packet in stream.packetize(frame, now: now) { stream.send(packet, now: now) { _ in } }
  }

  private func check(_ feedback: TransportWideFeedback, of datagram: ByteBuffer) {
    let numbers = feedback.arrivals.map { Int($0.sequenceNumber &- feedback.baseSequenceNumber) }
    require(numbers.count <= datagram.readableBytes, "\(numbers.count) arrivals of \(datagram.readableBytes) octets")
    require(numbers.allSatisfy { $0 < feedback.packetStatusCount }, "an arrival that the feedback is not about")
    require(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }, "arrivals out of order")
    let written = RTCPPacket.compound([.transportWideFeedback(feedback)])
    guard case .transportWideFeedback(let read)? = try? RTCPPacket.parse(written).first else {
      fatalError("feedback that nobody can read")
    }
    require(read.arrivals.map(\.sequenceNumber) == feedback.arrivals.map(\.sequenceNumber), "other arrivals")
  }

  private mutating func check() {
    stream.handleTimeout(now: now)
    var events = 0
    while stream.pollEvent() != nil { events += 1 }
    require(events <= 3, "\(events) events")
    var resent = 0
    while stream.pollRetransmission(now: now) != nil { resent += 1 }
    require(resent <= RetransmissionHistory.maximumPackets, "\(resent) packets sent again")
    let report = stream.report(now: now, wallClock: NTPTimestamp(secondsSince1970: 1_800_000_000, nanoseconds: 0))
    require((try? RTCPPacket.parse(report))?.count == 2, "a report that nobody can read")
  }
}
