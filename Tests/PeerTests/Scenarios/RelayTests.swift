import ICE
import NIOCore
import Peer
import RTP
import SRTP
import Testing

@Suite("Through a relay")
struct RelayTests {
  @Test("with the policy relay everything is sent to the server, and media as ChannelData")
  func relay() throws {
    let call = try PeerCall(.init(policy: .relay, usesTURN: true, retransmission: PeerCall.impatient))
    call.start()
    #expect(call.connects(within: .minutes(1)))
    call.stream(frames: 5)
    #expect(call.viewer.frames.map(\.payload) == call.framesOffered)
    #expect(call.caller.sent.allSatisfy { $0.transmit.remote == PeerCall.serverAddress })
    #expect(call.network.turnServers[0].channelDataReceived >= 8 + 4 * 3)
    #expect(call.viewer.packets.allSatisfy { $0.plain.readableBytes <= 1_200 })
    // The header was written into the room in front: no byte of it is left.
    let media = call.caller.sent.map(\.transmit.payload).filter { $0.isChannelData && $0.readableBytes > 1_000 }
    #expect(media.count == 8 + 4 * 3)
    #expect(media.allSatisfy { $0.readerIndex == 0 })
  }

  @Test("without any relay, a call with the policy relay fails for that reason")
  func noRelay() throws {
    let call = try PeerCall(.init(policy: .relay, usesTURN: true))
    call.network.isBlocked = { $0.destination == PeerCall.serverAddress }
    call.start()
    call.network.run(for: .minutes(1))
    #expect(call.caller.failures == [.noRelay])
  }

  @Test("media over TLS is padded to the server, and retransmitted packets are unpadded")
  func padding() throws {
    let call = try PeerCall(
      .init(policy: .relay, usesTURN: true, relayProtocol: .tls, retransmission: PeerCall.impatient))
    call.start()
    #expect(call.connects(within: .minutes(1)))
    // Behind the server all is lost, and nothing on the way to it.
    call.network.conditions.loss = 1
    let before = call.caller.sent.count
    call.stream(frames: 1, keyBytes: 9_001)
    call.network.run(for: .milliseconds(500))
    call.network.conditions.loss = 0
    let media = call.caller.sent[before...].map(\.transmit.payload).filter { $0.readableBytes > 900 }
    #expect(media.count == 8 && media.allSatisfy { $0.isChannelData && $0.readableBytes % 4 == 0 })
    let first = try #require(media.first.flatMap { $0.getInteger(at: $0.readerIndex + 6, as: UInt16.self) })
    let lost = (0..<8).map { first &+ $0 }
    call.viewer.send(
      [.genericNACK(GenericNACK(senderSSRC: Viewer.ssrc, mediaSSRC: call.viewer.videoSSRC, lost: lost))],
      now: call.network.now)
    call.network.run(for: .milliseconds(200))
    #expect(call.viewer.frames.map(\.payload) == call.framesOffered)
  }

  @Test("a packet that was sent before the channel existed is sent again correctly")
  func resendFromIndication() throws {
    let call = try PeerCall(.init(policy: .relay, usesTURN: true, retransmission: PeerCall.impatient))
    var dropsMedia = true
    // No channel: the answers to ChannelBind do not come back.
    call.network.turnServers[0].configuration.errors[.channelBind] = Array(
      repeating: STUNErrorCode(508, "Insufficient"), count: 20)
    call.start()
    #expect(call.connects(within: .minutes(1)))
    call.network.isBlocked = {
      $0.source == PeerCall.callerAddress(.audio) && dropsMedia && $0.payload.readableBytes > 900
    }
    call.stream(frames: 1)
    dropsMedia = false
    #expect(call.viewer.packets.isEmpty)
    #expect(call.network.turnServers[0].channelDataReceived == 0)
    // The sequence number is known from the sender's own counting: the first packets of the stream.
    let first = try #require(call.firstSequenceNumber)
    let lost = (0..<8).map { first &+ $0 }
    call.viewer.send(
      [.genericNACK(GenericNACK(senderSSRC: Viewer.ssrc, mediaSSRC: call.viewer.videoSSRC, lost: lost))],
      now: call.network.now)
    call.network.run(for: .milliseconds(200))
    #expect(call.viewer.packets.count == 8)
    #expect(call.viewer.frames.map(\.payload) == call.framesOffered)
  }
}

extension PeerCall {
  /// Of the first RTP packet, wherever it is in what the caller sent.
  var firstSequenceNumber: UInt16? {
    for (transmit, _) in caller.sent {
      guard let message = try? STUNMessage(parsing: transmit.payload), let data = message.data, data.isMedia,
        data.getInteger(at: data.readerIndex + 8, as: UInt32.self) == viewer.videoSSRC
      else { continue }
      return data.getInteger(at: data.readerIndex + 2)
    }
    return nil
  }
}

extension ByteBuffer {
  var isChannelData: Bool { (64...79).contains(getInteger(at: readerIndex, as: UInt8.self) ?? 0) }
}
