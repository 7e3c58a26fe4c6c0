import ICE
import NIOCore
import RTP
import SRTP

/// The transport of one content or of a BUNDLE group: ICE, then DTLS, then SRTP over the selected pair (RFC 5764,
/// demultiplexed by RFC 7983).
///
/// It is a class because a call has several, and an array cannot hold noncopyable values.
package final class MediaTransport {
  package enum Event: Sendable {
    case localCandidate(ICECandidate)
    case gatheringComplete
    case candidateError(url: String, ICEServerError)
    case iceStateChange(ICETransportState)
    case selectedPairChange(CandidatePairDescription)
    /// Data takes another path than before.
    case pathChange
    /// We restart ICE: the new credentials are to be signalled before the candidates that follow.
    case iceRestart
    /// The measurement with this number was answered.
    case roundTripMeasured(Int)
    /// ICE and DTLS have completed, and RTP can be sent.
    case writable(SRTPProfile)
    case failed(PeerError)
  }

  /// What was in a datagram, if it was authentic.
  package enum Received {
    case nothing
    case control([RTCPPacket])
    /// An RTP packet of the media that is wanted.
    case media(ByteBuffer)
  }

  private var ice: ICETransport
  private var remote: RemoteTransport?
  private var handshake: DTLSHandshake
  private var srtp: SRTPSession?
  private var inboundLimit = InboundMediaLimit()
  /// The cached deadline, since it is read after every frame and no frame changes it.
  private var knownDeadline: NIODeadline??
  private var transmits = CircularBuffer<Transmit>()
  private var events = CircularBuffer<Event>()
  private var isFailed = false
  private var isClosed = false
  /// Whether the peer has refused a restart.
  private var peerRefusesRestarts = false
  /// The SRTP profile; nil until the DTLS handshake is complete.
  package private(set) var profile: SRTPProfile?
  package private(set) var statistics = MediaTransportStatistics()

  package init(
    configuration: ICETransport.Configuration, role: ICERole, certificate: Certificate,
    retransmission: DTLSRetransmission = DTLSRetransmission(), generator: any RandomNumberGenerator & Sendable
  ) {
    ice = ICETransport(configuration: configuration, role: role, generator: generator)
    handshake = DTLSHandshake(certificate: certificate, retransmission: retransmission)
  }

  package var localParameters: ICEParameters { ice.localParameters }
  /// The number of the ICE generation, 0 before any restart.
  package var generation: UInt32 { ice.generation }
  package var iceState: ICETransportState { ice.state }
  package var selectedPair: CandidatePairDescription? { ice.selectedPair }
  package var hasPath: Bool { ice.hasPath }
  package var iceStatistics: ICETransportStatistics { ice.statistics }
  package var pairStatistics: [CandidatePairStatistics] { ice.pairStatistics }
  package var isWritable: Bool { srtp != nil && !isFailed && !isClosed }
  package var hasRemote: Bool { remote != nil }
  /// The duration of the DTLS handshake from the first path on; nil until it is complete.
  package var handshakeTime: TimeAmount? { handshake.time }

  package var deadline: NIODeadline? {
    if let knownDeadline { return knownDeadline }
    var earliest = ice.deadline
    if let deadline = handshake.deadline { earliest = min(earliest ?? deadline, deadline) }
    knownDeadline = .some(earliest)
    return earliest
  }

  package func addLocalEndpoint(_ endpoint: LocalEndpoint, address: SocketAddress, now: NIODeadline) {
    ice.addLocalEndpoint(endpoint, address: address, now: now)
    advance(now: now)
  }

  package func removeLocalEndpoint(_ endpoint: LocalEndpoint, now: NIODeadline) {
    ice.removeLocalEndpoint(endpoint, now: now)
    advance(now: now)
  }

  package func renewCredentials(of servers: [ICEServer]) {
    ice.renewCredentials(of: servers)
  }

  package func connected(_ endpoint: LocalEndpoint, now: NIODeadline) {
    ice.connected(endpoint, now: now)
    advance(now: now)
  }

  package func disconnected(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline) {
    ice.disconnected(endpoint, reason: reason, now: now)
    advance(now: now)
  }

  /// Sets the peer's credentials and fingerprints, once; DTLS starts as soon as ICE has a path. From the other contents
  /// of a bundle only candidates are taken.
  package func setRemote(_ remote: RemoteTransport, now: NIODeadline) {
    if self.remote == nil {
      self.remote = remote
      ice.setRemoteParameters(remote.ice, now: now)
    }
    for candidate in remote.candidates {
      ice.addRemoteCandidate(candidate, now: now)
    }
    advance(now: now)
  }

  package func addRemoteCandidate(_ candidate: ICECandidate, now: NIODeadline) {
    ice.addRemoteCandidate(candidate, now: now)
    advance(now: now)
  }

  /// Takes new credentials of the peer: its ICE restart, or the answer to ours. The DTLS association and SRTP continue,
  /// since only a new fingerprint or `tls-id` makes a new association (RFC 8842 section 5.5).
  package func restartICE(_ parameters: ICEParameters, now: NIODeadline) {
    guard remote != nil else { return }
    ice.restart(parameters, now: now)
    advance(now: now)
  }

  /// The peer refused our ICE restart; it is not asked again.
  package func refuseICERestart(now: NIODeadline) {
    peerRefusesRestarts = true
    ice.rollBack(now: now)
    advance(now: now)
  }

  /// Takes a datagram.
  ///
  /// - Parameter payloadType: of the media that is wanted; nil if none is. What else comes is dropped unread.
  package func receive(
    _ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, wanting payloadType: UInt8? = nil,
    now: NIODeadline
  ) -> Received {
    defer { advance(now: now) }
    guard var payload = ice.receive(datagram, from: source, on: endpoint, now: now) else { return .nothing }
    statistics.packetsReceived += 1
    statistics.bytesReceived += payload.readableBytes
    switch PacketKind(of: payload) {
    case .dtls:
      handshake.association?.receive(payload, now: now)
    case .rtcp:
      guard (try? srtp?.unprotectControl(&payload)) != nil,
        let packets = try? RTCPPacket.parse(payload)
      else {
        statistics.packetsDiscarded += 1
        return .nothing
      }
      handshake.association?.confirm()
      return .control(packets)
    case .rtp:
      // SRTP leaves the header readable (RFC 3711 section 3.1).
      guard let payloadType,
        payload.getInteger(at: payload.readerIndex + 1, as: UInt8.self).map({ $0 & 0x7F }) == payloadType
      else {
        statistics.mediaPacketsIgnored += 1
        return .nothing
      }
      guard inboundLimit.take(now: now), (try? srtp?.unprotect(&payload)) != nil else {
        statistics.packetsDiscarded += 1
        return .nothing
      }
      handshake.association?.confirm()
      return .media(payload)
    case .stun, .turnChannel, .other:
      statistics.packetsDiscarded += 1
    }
    return .nothing
  }

  // Handshake, media and goodbye share one queue, so that their order is kept.

  /// Protects an RTP packet in place and sends it; returns false if it was not sent. The packet is empty then, or
  /// protected if only the path is missing.
  package func send(_ packet: inout ByteBuffer, now: NIODeadline) -> Bool {
    guard isWritable, (try? srtp?.protect(&packet)) != nil else {
      // Plain text must not be stored for a retransmission.
      packet.clear()
      return false
    }
    return transmit(&packet, now: now)
  }

  package func sendControl(_ packet: ByteBuffer, now: NIODeadline) {
    var packet = packet
    guard isWritable, (try? srtp?.protectControl(&packet)) != nil else { return }
    _ = transmit(&packet, now: now)
  }

  /// Sends a packet that is protected already, byte for byte.
  @discardableResult
  package func resend(_ packet: ByteBuffer, now: NIODeadline) -> Bool {
    guard isWritable else { return false }
    var packet = packet
    return transmit(&packet, now: now)
  }

  /// Sends a check of the path, to measure its round-trip time.
  package func measureRoundTrip(_ number: Int, now: NIODeadline) {
    guard isWritable else { return }
    ice.measureRoundTrip(number, now: now)
    advance(now: now)
  }

  private func transmit(_ packet: inout ByteBuffer, now: NIODeadline) -> Bool {
    let size = packet.readableBytes
    guard let transmit = ice.send(&packet, now: now) else { return false }
    transmits.append(transmit)
    statistics.packetsSent += 1
    statistics.bytesSent += size
    return true
  }

  package func handleTimeout(now: NIODeadline) {
    ice.handleTimeout(now: now)
    handshake.association?.handleTimeout(now: now)
    advance(now: now)
  }

  package func pollTransmit() -> Transmit? {
    transmits.popFirst() ?? ice.pollTransmit()
  }

  /// The next connection to a TURN server to be opened or closed, to be polled after ``pollTransmit()``.
  package func pollConnectionRequest() -> ConnectionRequest? {
    ice.pollConnectionRequest()
  }

  package func pollEvent() -> Event? {
    events.popFirst()
  }

  /// Closes DTLS and frees the relays; ``pollTransmit()`` still returns the last datagrams. No event follows.
  package func close(now: NIODeadline) {
    handshake.association?.close()
    drainDTLS(now: now)
    isClosed = true
    handshake.stopLimit()
    ice.close(now: now)
    advance(now: now)
  }

  private func advance(now: NIODeadline) {
    knownDeadline = nil
    while let event = ice.pollEvent() {
      handle(event, now: now)
    }
    // After the end only TURN continues, until the Refresh requests that free the allocations are answered.
    guard !isClosed else { return events.removeAll() }
    startDTLS(now: now)
    drainDTLS(now: now)
    limitHandshake(now: now)
  }

  private func limitHandshake(now: NIODeadline) {
    guard srtp == nil, !isFailed else { return handshake.stopLimit() }
    if handshake.limit(isConnected: isConnected, now: now) { fail(.handshakeTimeout) }
  }

  private func handle(_ event: ICETransport.Event, now: NIODeadline) {
    switch event {
    case .localCandidate(let candidate):
      events.append(.localCandidate(candidate))
    case .gatheringComplete:
      events.append(.gatheringComplete)
    case .candidateError(let url, let error):
      events.append(.candidateError(url: url, error))
    case .selectedPairChange(let pair):
      events.append(.selectedPairChange(pair))
    case .pathChange:
      events.append(.pathChange)
    case .restarted:
      events.append(.iceRestart)
    case .roundTripMeasured(let number):
      events.append(.roundTripMeasured(number))
    case .stateChange(let state):
      events.append(.iceStateChange(state))
      if state == .failed {
        fail(ice.lacksRelay ? .noRelay : .connectivity)
      } else if state == .disconnected, !peerRefusesRestarts, !isFailed {
        // "the agent … MAY … perform an ICE restart" if consent is lost (RFC 7675 section 5.1). Since it begins when
        // two checks in a row are unanswered, it may succeed before consent expires.
        ice.restart(now: now)
      }
    }
  }

  private func startDTLS(now: NIODeadline) {
    guard !isFailed, let remote else { return }
    do throws(DTLSError) {
      try handshake.start(with: remote, isConnected: isConnected, now: now)
    } catch {
      fail(.security(error))
    }
  }

  private var isConnected: Bool { ice.state == .connected || ice.state == .completed }

  private func drainDTLS(now: NIODeadline) {
    guard let dtls = handshake.association else { return }
    while var flight = dtls.pollTransmit() {
      if let transmit = ice.send(&flight, now: now) {
        transmits.append(transmit)
      }
    }
    while let event = dtls.pollEvent() {
      switch event {
      case .connected(let keyingMaterial):
        guard !isFailed else { continue }
        do throws(SRTPError) {
          srtp = try SRTPSession(keyingMaterial: keyingMaterial)
          profile = keyingMaterial.profile
          handshake.completed(now: now)
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
    handshake.stopLimit()
    events.append(.failed(error))
  }
}
