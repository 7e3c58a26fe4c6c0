import NIOCore
import RTP
import SRTP

/// The program's own way: payloading, protection in place, and the store for retransmissions.
struct FrameSender: ~Copyable {
  private var stream: RTPStream<VP8Payloader>
  private var session: SRTPSession
  private var now = NIODeadline.uptimeNanoseconds(0)
  private let payload = ByteBuffer(
    repeating: 0x5A, count: PacketShape.packetsPerFrame * (PacketShape.payload - VP8Payloader.descriptorLength))

  init(_ profile: SRTPProfile) throws {
    var configuration = RTPStreamConfiguration(ssrc: 1, payloadType: 96, canonicalName: "bench")
    configuration.maximumPacketSize = RTPHeader.length + PacketShape.payload
    configuration.headroom = 4
    configuration.tailroom = SRTPSession.tailroom
    stream = RTPStream(configuration, generator: SystemRandomNumberGenerator())
    let key = [UInt8](repeating: 7, count: profile.keyLength + profile.saltLength)
    session = try SRTPSession(keyingMaterial: SRTPKeyingMaterial(profile: profile, local: key, remote: key))
  }

  mutating func run(packets: Int) {
    var sent = 0
    for _ in 0..<(packets / PacketShape.packetsPerFrame) {
      // 25 frames a second, so that the store keeps what it keeps in a call.
      now = now + .milliseconds(40)
      let frame = RTPFrame(payload: payload, captureTime: now, isKeyFrame: false)
      for packet in stream.packetize(frame, now: now) {
        stream.send(packet, now: now) { packet in
          do {
            try session.protect(&packet)
            sent += 1
          } catch {
            preconditionFailure("\(error)")
          }
        }
      }
    }
    precondition(sent == packets, "\(sent) packets of \(packets)")
  }
}
