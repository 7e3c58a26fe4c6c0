import NIOCore
import RTP
import TestSupport

/// Every random number is the highest that may come: sequence numbers begin at 0x7FFF, picture ids too.
struct HighestGenerator: RandomNumberGenerator, Sendable {
  func next() -> UInt64 { .max }
}

extension NIODeadline {
  /// A time of the test: long after the machine's start, so that no arithmetic works by the smallness of numbers.
  static func test(milliseconds: Int64) -> NIODeadline {
    .uptimeNanoseconds(1_000_000_000_000_000) + .milliseconds(milliseconds)
  }
}

extension ByteBuffer {
  init(hex: String) {
    let digits = hex.filter(\.isHexDigit)
    self.init()
    var index = digits.startIndex
    while index < digits.endIndex {
      let next = digits.index(index, offsetBy: 2)
      writeInteger(UInt8(digits[index..<next], radix: 16) ?? 0)
      index = next
    }
  }

  /// Bytes that differ from place to place, so that a misplaced fragment shows.
  static func pattern(_ length: Int, seed: UInt8 = 0) -> ByteBuffer {
    ByteBuffer(bytes: (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8 &+ Int(seed)) })
  }

  var bytes: [UInt8] { Array(readableBytesView) }
}

let videoSSRC: UInt32 = 0xDEAD_BEEF
let retransmissionSSRC: UInt32 = 0x0BAD_CAFE
let viewerSSRC: UInt32 = 0x1234_5678

typealias VP8Stream = RTPStream<VP8Payloader>

extension RTPStreamConfiguration {
  static var plain: Self {
    var configuration = Self(ssrc: videoSSRC, payloadType: 96, canonicalName: "cam")
    configuration.headroom = 4
    configuration.tailroom = 16
    return configuration
  }

  static var withRTX: Self {
    var configuration = plain
    configuration.rtx = RTX(ssrc: retransmissionSSRC, payloadType: 97)
    return configuration
  }
}

extension RTPStream {
  init(_ configuration: RTPStreamConfiguration = .plain, seed: UInt64 = 1) {
    self.init(configuration, generator: SeededGenerator(seed: seed))
  }

  /// Sends a frame and collects its packets as they were given to the transport.
  @discardableResult
  mutating func send(
    _ length: Int, at milliseconds: Int64, isKeyFrame: Bool = false, seed: UInt8 = 0
  ) -> [ByteBuffer] {
    var packets: [ByteBuffer] = []
    let frame = RTPFrame(
      payload: .pattern(length, seed: seed), captureTime: .test(milliseconds: milliseconds), isKeyFrame: isKeyFrame)
    send(frame, now: .test(milliseconds: milliseconds)) { packets.append($0) }
    return packets
  }

  /// Sends the packets of a frame at once.
  mutating func send(_ frame: RTPFrame, now: NIODeadline, transmit: (_ packet: inout ByteBuffer) -> Void) {
    for packet in packetize(frame, now: now) { send(packet, now: now, transmit: transmit) }
  }

  mutating func receive(_ packet: RTCPPacket, now: NIODeadline) {
    receive([packet], now: now)
  }

  mutating func nack(_ lost: [UInt16], at milliseconds: Int64) {
    let nack = GenericNACK(senderSSRC: viewerSSRC, mediaSSRC: videoSSRC, lost: lost)
    receive(.genericNACK(nack), now: .test(milliseconds: milliseconds))
  }

  mutating func retransmissions(at milliseconds: Int64) -> [RTPRetransmission] {
    var all: [RTPRetransmission] = []
    while let next = pollRetransmission(now: .test(milliseconds: milliseconds)) {
      all.append(next)
    }
    return all
  }

  mutating func events() -> [RTPStreamEvent] {
    var all: [RTPStreamEvent] = []
    while let next = pollEvent() {
      all.append(next)
    }
    return all
  }
}

extension RTPRetransmission {
  var packet: ByteBuffer {
    switch self {
    case .stored(let packet, _), .rtx(let packet, _): packet
    }
  }
}

func header(_ packet: ByteBuffer) throws -> RTPHeader {
  var packet = packet
  return try RTPHeader(parsing: &packet)
}
