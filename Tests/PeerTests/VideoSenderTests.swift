import NIOCore
import RTP
import SRTP
import TestSupport
import Testing

@testable import Peer

@Suite("The video of one viewer")
struct VideoSenderTests {
  private static let now = NIODeadline.uptimeNanoseconds(1_000_000_000)

  private static func frame(isKeyFrame: Bool) -> RTPFrame {
    RTPFrame(
      payload: ByteBuffer(repeating: isKeyFrame ? 0 : 1, count: 300), captureTime: now, isKeyFrame: isKeyFrame,
      temporalLayer: 0)
  }

  private static func makeSender() -> VideoSender {
    VideoSender(
      RTPStreamConfiguration(ssrc: 1, payloadType: 96, canonicalName: "cam"),
      clock: SessionClock(now: now, wallClock: NTPTimestamp(secondsSince1970: 1_800_000_000, nanoseconds: 0)),
      generator: SeededGenerator(seed: 1), now: now)
  }

  /// It has no path, so that nothing is sent over it.
  private static func makeTransport() throws -> MediaTransport {
    MediaTransport(
      configuration: .init(), role: .controlling, certificate: try Certificate(), generator: SeededGenerator(seed: 1))
  }

  private static func requestsKeyFrame(_ sender: inout VideoSender) -> Bool {
    var isRequested = false
    while let event = sender.pollEvent() {
      if case .keyFrameRequested = event { isRequested = true }
    }
    return isRequested
  }

  @Test("a stream begins with a key frame, which is requested")
  func beginning() throws {
    var sender = Self.makeSender()
    let outcome = sender.send(Self.frame(isKeyFrame: false), now: Self.now)
    let isRequested = Self.requestsKeyFrame(&sender)
    #expect(outcome == .dropped(.awaitsKeyFrame) && isRequested)
  }

  @Test("who is sent each packet twice is sent half of the picture's bitrate, within the same rate")
  func repetition() throws {
    var sender = Self.makeSender()
    let before = Self.stableTarget(&sender)
    let block = ReportBlock(
      ssrc: 1, fractionLost: 13, packetsLost: 0, extendedHighestSequenceNumber: 0, jitter: 0, lastSenderReport: 0,
      delaySinceLastSenderReport: 0)
    sender.receive([.receiverReport(ReceiverReport(ssrc: 2, reportBlocks: [block]))], now: Self.now)
    let after = Self.stableTarget(&sender)
    let available = sender.availableOutgoingBitrate
    #expect(try #require(before) > available * 3 / 4)
    #expect(after == available / 2)
  }

  private static func stableTarget(_ sender: inout VideoSender) -> Int? {
    var target: Int?
    while let event = sender.pollEvent() {
      if case .targetBitrate(_, let stable) = event { target = stable }
    }
    return target
  }

  @Test("after a frame whose packets could not all be sent a key frame is requested and awaited")
  func incomplete() throws {
    var sender = Self.makeSender()
    let transport = try Self.makeTransport()
    let first = sender.send(Self.frame(isKeyFrame: true), now: Self.now)
    let isRequestedEarly = Self.requestsKeyFrame(&sender)
    for wait in 0..<20 {
      while sender.sendNext(over: transport, now: Self.now + .milliseconds(Int64(wait))) {}
    }
    let second = sender.send(Self.frame(isKeyFrame: false), now: Self.now)
    let isRequested = Self.requestsKeyFrame(&sender)
    #expect(first == .sent && !isRequestedEarly)
    #expect(second == .dropped(.awaitsKeyFrame) && isRequested)
  }
}
