import NIOCore
import Testing

@testable import RTP

@Suite struct PacerTests {
  private let start = NIODeadline.uptimeNanoseconds(0)

  private func frame(_ number: UInt8, size: Int, key: Bool = false, layer: Int = 0) -> RTPFrame {
    RTPFrame(
      payload: ByteBuffer(repeating: number, count: size), captureTime: .uptimeNanoseconds(UInt64(number)),
      isKeyFrame: key, temporalLayer: layer)
  }

  private func packets(of frame: RTPFrame) -> RTPPackets {
    var generator = SystemRandomNumberGenerator()
    var payloader = VP8Payloader(using: &generator)
    let fragments = payloader.fragments(
      ofFrameWithLength: frame.payload.readableBytes, maximumPayloadSize: 1_100)
    return RTPPackets(fragments, of: frame.payload, timestamp: 0)
  }

  /// The first octets of all fragments that come out.
  private func drain(_ pacer: inout Pacer) -> [UInt8] {
    var numbers: [UInt8] = []
    while let next = pacer.popPacket(packetize: packets) {
      numbers.append(next.packet.fragment.readableBytesView.first ?? 0)
    }
    return numbers
  }

  @Test func `packets come out one by one in the order of the frames, and the last of each ends it`() {
    var pacer = Pacer()
    _ = pacer.hold(frame(1, size: 2_000, key: true), rate: 1e6, now: start)
    _ = pacer.hold(frame(2, size: 100), rate: 1e6, now: start)
    #expect(pacer.bytes == 2_100)
    var ended: [NIODeadline?] = []
    while let next = pacer.popPacket(packetize: packets) {
      ended.append(next.ended?.captureTime)
    }
    #expect(ended == [nil, .uptimeNanoseconds(1), .uptimeNanoseconds(2)])
    #expect(pacer.isEmpty && pacer.bytes == 0)
  }

  @Test func `each packet tells since when its frame has been held`() {
    var pacer = Pacer()
    #expect(pacer.oldest == nil)
    _ = pacer.hold(frame(1, size: 2_000, key: true), rate: 1e6, now: start)
    _ = pacer.hold(frame(2, size: 100), rate: 1e6, now: start + .milliseconds(40))
    #expect(pacer.oldest == start)
    #expect(pacer.popPacket(packetize: packets)?.heldSince == start)
    #expect(pacer.oldest == start)
    #expect(pacer.popPacket(packetize: packets)?.heldSince == start)
    #expect(pacer.oldest == start + .milliseconds(40))
    #expect(pacer.popPacket(packetize: packets)?.heldSince == start + .milliseconds(40))
    #expect(pacer.oldest == nil)
  }

  @Test func `what would come too late is dropped, frames of layer 1 first`() {
    var pacer = Pacer()
    // 50,000 bytes are 400 ms at this rate.
    _ = pacer.hold(frame(1, size: 50_000), rate: 1e6, now: start)
    _ = pacer.hold(frame(2, size: 9_000), rate: 1e6, now: start)
    _ = pacer.hold(frame(3, size: 4_000, layer: 1), rate: 1e6, now: start)
    guard case .enhancements(1) = pacer.hold(frame(4, size: 1_000), rate: 1e6, now: start) else {
      return #expect(Bool(false))
    }
    #expect(pacer.bytes == 60_000)
    guard case .nothing = pacer.hold(frame(5, size: 5_000), rate: 1e6, now: start) else { return #expect(Bool(false)) }
    guard case .all(5) = pacer.hold(frame(6, size: 1_000), rate: 1e6, now: start) else { return #expect(Bool(false)) }
    #expect(pacer.isEmpty)
  }

  @Test func `a frame that has begun is completed`() {
    var pacer = Pacer()
    _ = pacer.hold(frame(1, size: 90_000), rate: 1e6, now: start)
    _ = pacer.popPacket(packetize: packets)
    guard case .all(1) = pacer.hold(frame(2, size: 1_000), rate: 1e6, now: start) else { return #expect(Bool(false)) }
    #expect(Set(drain(&pacer)) == [1])
    #expect(pacer.bytes == 0)
  }

  @Test func `a key frame overtakes the frames that wait`() {
    var pacer = Pacer()
    _ = pacer.hold(frame(1, size: 1_000, key: true), rate: 1e6, now: start)
    _ = pacer.hold(frame(2, size: 1_000), rate: 1e6, now: start)
    guard case .overtaken(2) = pacer.hold(frame(3, size: 900, key: true), rate: 1e6, now: start) else {
      return #expect(Bool(false))
    }
    #expect(drain(&pacer) == [3])
  }

  @Test(arguments: [(4_000, false, false), (9_000, false, true), (9_000, true, false)])
  func `a key frame waits for no more than 40 ms of a frame that has begun, unless that is one, too`(
    rest: Int, isKeyFrame: Bool, isCut: Bool
  ) {
    var pacer = Pacer()
    // 5,000 bytes are 40 ms at this rate.
    _ = pacer.hold(frame(1, size: rest + 1_000, key: isKeyFrame), rate: 1e6, now: start)
    _ = pacer.popPacket(packetize: packets)
    guard case .nothing = pacer.hold(frame(2, size: 900, key: true), rate: 1e6, now: start) else {
      return #expect(Bool(false))
    }
    #expect(Set(drain(&pacer)) == (isCut ? [2] : [1, 2]))
    #expect(pacer.isEmpty && pacer.bytes == 0)
  }

  @Test func `frames may wait longer behind a key frame, of which none would come sooner`() {
    var pacer = Pacer()
    _ = pacer.hold(frame(1, size: 60_000, key: true), rate: 1e6, now: start)
    guard case .nothing = pacer.hold(frame(2, size: 60_000), rate: 1e6, now: start) else { return #expect(Bool(false)) }
    guard case .nothing = pacer.hold(frame(3, size: 60_000), rate: 1e6, now: start) else { return #expect(Bool(false)) }
    guard case .all(4) = pacer.hold(frame(4, size: 60_000), rate: 1e6, now: start) else { return #expect(Bool(false)) }
  }

  @Test func `a frame of any size is taken where nothing waits`() {
    var pacer = Pacer()
    guard case .nothing = pacer.hold(frame(1, size: 1_000_000, key: true), rate: 30e3, now: start) else {
      return #expect(Bool(false))
    }
    #expect(!pacer.isEmpty)
  }
}
