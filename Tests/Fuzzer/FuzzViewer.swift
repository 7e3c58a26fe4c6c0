import NIOCore
import RTP
import SRTP

/// The peer's DTLS and SRTP, which no input can guess: with it a scene has keys, and what the input has the peer say is
/// authentic. Its certificate is our own.
final class FuzzViewer {
  private let dtls: DTLSAssociation
  private var srtp: SRTPSession?
  /// The header of the last packet of media that came for the first time.
  private(set) var latest: RTPHeader?

  init(role: DTLSRole) {
    let certificate = PeerScene.certificate
    guard
      let dtls = try? DTLSAssociation(
        role: role, certificate: certificate, remoteFingerprints: [certificate.fingerprint],
        retransmission: PeerScene.retransmission)
    else { fatalError("no association") }
    self.dtls = dtls
  }

  var hasKeys: Bool { srtp != nil }

  /// To be called once there is a path.
  func start(now: NIODeadline) {
    dtls.start(now: now)
  }

  func receive(_ datagram: ByteBuffer, now: NIODeadline) {
    var packet = datagram
    switch PacketKind(of: datagram) {
    case .dtls:
      dtls.receive(datagram, now: now)
      while let event = dtls.pollEvent() {
        if case .connected(let keys) = event { srtp = try? SRTPSession(keyingMaterial: keys) }
      }
    case .rtp:
      do throws(SRTPError) {
        try srtp?.unprotect(&packet)
        if hasKeys { latest = try? RTPHeader(parsing: &packet) }
      } catch {
        // A retransmission without RTX is the same packet once more.
        require(error == .replayed, "\(error)")
      }
    case .rtcp:
      guard hasKeys else { return }
      require((try? srtp?.unprotectControl(&packet)) != nil, "a report that is not authentic")
      require((try? RTCPPacket.parse(packet)) != nil, "a report that nobody can read")
    default: break
    }
  }

  /// What the handshake has to send.
  func pollTransmit() -> ByteBuffer? { dtls.pollTransmit() }

  /// `datagram` as it is, unless it is RTCP and there are keys.
  func protect(_ datagram: ByteBuffer) -> ByteBuffer {
    var packet = datagram
    guard hasKeys, PacketKind(of: datagram) == .rtcp, (try? srtp?.protectControl(&packet)) != nil else {
      return datagram
    }
    return packet
  }
}
