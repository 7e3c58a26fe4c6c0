import ICE
import NIOCore
import Peer
import RTP
import SRTP
import TestSupport

/// One transport of the viewer, made of the rooms' parts by another hand than ours: ICE controlled, DTLS, SRTP.
final class ViewerLeg {
  let kind: MediaKind
  /// Another once the viewer has moved.
  var endpoint: LocalEndpoint
  var ice: ICETransport
  let dtls: DTLSAssociation
  var srtp: SRTPSession?
  var profile: SRTPProfile?
  var isClosedByPeer = false
  var failure: DTLSError?
  /// Datagrams of the peer that were neither STUN nor DTLS, and came before the keys.
  var earlyMedia = 0
  var isStarted = false
  var outgoing = CircularBuffer<Transmit>()

  init(kind: MediaKind, endpoint: LocalEndpoint, ice: consuming ICETransport, dtls: DTLSAssociation) {
    self.kind = kind
    self.endpoint = endpoint
    self.ice = ice
    self.dtls = dtls
  }

  /// What came out of it that is media: plain.
  enum Received {
    case rtp(ByteBuffer)
    case rtcp(ByteBuffer)
    case undecipherable
  }

  func receive(_ datagram: ByteBuffer, from source: SocketAddress, now: NIODeadline) -> Received? {
    guard var payload = ice.receive(datagram, from: source, on: endpoint, now: now) else { return nil }
    switch PacketKind(of: payload) {
    case .dtls:
      dtls.receive(payload, now: now)
      return nil
    case .rtp, .rtcp:
      guard srtp != nil else {
        earlyMedia += 1
        return nil
      }
      let isControl = PacketKind(of: payload) == .rtcp
      do throws(SRTPError) {
        if isControl { try srtp?.unprotectControl(&payload) } else { try srtp?.unprotect(&payload) }
      } catch {
        return .undecipherable
      }
      return isControl ? .rtcp(payload) : .rtp(payload)
    default:
      return nil
    }
  }

  func advance(now: NIODeadline) {
    if !isStarted, ice.state == .connected || ice.state == .completed {
      isStarted = true
      dtls.start(now: now)
    }
    while var flight = dtls.pollTransmit() {
      if let transmit = ice.send(&flight, now: now) { outgoing.append(transmit) }
    }
    while let event = dtls.pollEvent() {
      switch event {
      case .connected(let keys):
        profile = keys.profile
        srtp = try? SRTPSession(keyingMaterial: keys)
      case .failed(let error): failure = error
      case .closed: isClosedByPeer = true
      }
    }
  }

  func send(_ packet: ByteBuffer, isControl: Bool = true, now: NIODeadline) {
    var packet = packet
    guard srtp != nil else { return }
    if isControl { try? srtp?.protectControl(&packet) } else { try? srtp?.protect(&packet) }
    sendRaw(packet, now: now)
  }

  func sendRaw(_ packet: ByteBuffer, now: NIODeadline) {
    var packet = packet
    if let transmit = ice.send(&packet, now: now) { outgoing.append(transmit) }
  }

  var deadline: NIODeadline? {
    switch (ice.deadline, dtls.deadline) {
    case (let path?, let handshake?): min(path, handshake)
    case (let path, let handshake): path ?? handshake
    }
  }
}
