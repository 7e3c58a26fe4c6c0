import ICE
import NIOCore
import SRTP

/// The path of one content, or of a BUNDLE group: ICE, then DTLS, then SRTP over the pair that ICE chose
/// (RFC 5764; demultiplexing by RFC 7983).
///
/// A class because a call owns several and an array cannot hold noncopyable values.
package final class MediaTransport {
  package enum Event: Sendable {
    case localCandidate(ICECandidate)
    case gatheringComplete
    case candidateError(url: String, code: Int?, text: String)
    case iceStateChange(ICETransportState)
    case selectedPairChange(CandidatePairDescription)
    /// Both handshakes are done: RTP can be protected and sent.
    case writable(SRTPProfile)
    case failed(PeerError)
  }

  private var ice: ICETransport
  private let certificate: Certificate
  private var remote: RemoteTransport?
  private var dtls: DTLSAssociation?
  private var srtp: SRTPSession?
  private var transmits = CircularBuffer<Transmit>()
  private var events = CircularBuffer<Event>()
  private var isFailed = false
  /// Nil before the DTLS handshake is done.
  package private(set) var profile: SRTPProfile?

  /// Datagrams that belonged to nothing, or failed their integrity check.
  package private(set) var packetsDiscarded = 0
  /// RTP that came in although we want none.
  package private(set) var mediaPacketsIgnored = 0
  package private(set) var bytesSent = 0
  package private(set) var packetsSent = 0
  package private(set) var bytesReceived = 0
  package private(set) var packetsReceived = 0

  package init(
    configuration: ICETransport.Configuration, role: ICERole, certificate: Certificate,
    generator: any RandomNumberGenerator & Sendable
  ) {
    ice = ICETransport(configuration: configuration, role: role, generator: generator)
    self.certificate = certificate
  }

  package var localParameters: ICEParameters { ice.localParameters }
  package var iceState: ICETransportState { ice.state }
  package var selectedPair: CandidatePairDescription? { ice.selectedPair }
  package var iceStatistics: ICETransportStatistics { ice.statistics }
  package var isWritable: Bool { srtp != nil && !isFailed }

  package var deadline: NIODeadline? {
    [ice.deadline, dtls?.deadline].compactMap { $0 }.min()
  }

  package func addLocalEndpoint(_ endpoint: LocalEndpoint, address: SocketAddress, now: NIODeadline) {
    ice.addLocalEndpoint(endpoint, address: address, now: now)
    advance(now: now)
  }

  package func removeLocalEndpoint(_ endpoint: LocalEndpoint, now: NIODeadline) {
    ice.removeLocalEndpoint(endpoint, now: now)
    advance(now: now)
  }

  /// Takes the peer's credentials and fingerprints; DTLS starts as soon as ICE has a path.
  package func setRemote(_ remote: RemoteTransport, now: NIODeadline) {
    self.remote = remote
    ice.setRemoteParameters(remote.ice, now: now)
    for candidate in remote.candidates {
      ice.addRemoteCandidate(candidate, now: now)
    }
    advance(now: now)
  }

  package func addRemoteCandidate(_ candidate: ICECandidate, now: NIODeadline) {
    ice.addRemoteCandidate(candidate, now: now)
    advance(now: now)
  }

  /// Takes one datagram; answers the plain RTCP compound packet in it, if it was one and is authentic.
  package func receive(
    _ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline
  ) -> ByteBuffer? {
    defer { advance(now: now) }
    guard var payload = ice.receive(datagram, from: source, on: endpoint, now: now) else { return nil }
    packetsReceived += 1
    bytesReceived += payload.readableBytes
    switch PacketKind(of: payload) {
    case .dtls:
      dtls?.receive(payload, now: now)
      return nil
    case .rtcp:
      do throws(SRTPError) {
        guard srtp != nil else { throw .malformed }
        try srtp?.unprotectControl(&payload)
        return payload
      } catch {
        packetsDiscarded += 1
        return nil
      }
    case .rtp:
      mediaPacketsIgnored += 1
      return nil
    case .stun, .turnChannel, .other:
      packetsDiscarded += 1
      return nil
    }
  }

  /// Protects one RTP packet in place and addresses it. Nil where there is no path at this moment.
  package func protect(_ packet: inout ByteBuffer, now: NIODeadline) -> Transmit? {
    guard isWritable, (try? srtp?.protect(&packet)) != nil else { return nil }
    return address(&packet, now: now)
  }

  package func protectControl(_ packet: inout ByteBuffer, now: NIODeadline) -> Transmit? {
    guard isWritable, (try? srtp?.protectControl(&packet)) != nil else { return nil }
    return address(&packet, now: now)
  }

  /// Addresses bytes that are already protected: a resend of stored ciphertext.
  package func address(_ packet: inout ByteBuffer, now: NIODeadline) -> Transmit? {
    let size = packet.readableBytes
    guard let transmit = ice.send(&packet, now: now) else { return nil }
    packetsSent += 1
    bytesSent += size
    return transmit
  }

  package func handleTimeout(now: NIODeadline) {
    ice.handleTimeout(now: now)
    dtls?.handleTimeout(now: now)
    advance(now: now)
  }

  package func pollTransmit() -> Transmit? {
    transmits.popFirst() ?? ice.pollTransmit()
  }

  package func pollEvent() -> Event? {
    events.popFirst()
  }

  /// Says goodbye on DTLS and frees relays; what is left to send is drained by ``pollTransmit()``.
  package func close(now: NIODeadline) {
    dtls?.close()
    drainDTLS(now: now)
    ice.close(now: now)
    advance(now: now)
  }

  private func advance(now: NIODeadline) {
    while let event = ice.pollEvent() {
      handle(event, now: now)
    }
    startDTLS(now: now)
    drainDTLS(now: now)
  }

  private func handle(_ event: ICETransport.Event, now: NIODeadline) {
    switch event {
    case .localCandidate(let candidate):
      events.append(.localCandidate(candidate))
    case .gatheringComplete:
      events.append(.gatheringComplete)
    case .candidateError(let url, let code, let text):
      events.append(.candidateError(url: url, code: code, text: text))
    case .selectedPairChange(let pair):
      events.append(.selectedPairChange(pair))
    case .stateChange(let state):
      events.append(.iceStateChange(state))
      if state == .failed {
        fail(.connectivity)
      }
    }
  }

  private func startDTLS(now: NIODeadline) {
    guard dtls == nil, !isFailed, let remote else { return }
    // The server side waits for a ClientHello and may exist early; the client's first flight needs a path.
    guard remote.localRole == .passive || ice.state == .connected || ice.state == .completed else { return }
    do throws(DTLSError) {
      let association = try DTLSAssociation(
        role: remote.localRole, certificate: certificate, remoteFingerprints: remote.fingerprints)
      dtls = association
      association.start(now: now)
    } catch {
      fail(.security(error))
    }
  }

  private func drainDTLS(now: NIODeadline) {
    guard let dtls else { return }
    while var flight = dtls.pollTransmit() {
      if let transmit = ice.send(&flight, now: now) {
        transmits.append(transmit)
      }
    }
    while let event = dtls.pollEvent() {
      switch event {
      case .connected(let keyingMaterial):
        do throws(SRTPError) {
          srtp = try SRTPSession(keyingMaterial: keyingMaterial)
          profile = keyingMaterial.profile
          events.append(.writable(keyingMaterial.profile))
        } catch {
          fail(.security(.handshake("SRTP: \(error)")))
        }
      case .failed(let error):
        fail(.security(error))
      case .closed:
        fail(.closedByPeer)
      }
    }
  }

  private func fail(_ error: PeerError) {
    guard !isFailed else { return }
    isFailed = true
    events.append(.failed(error))
  }
}
