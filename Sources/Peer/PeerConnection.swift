import ICE
import NIOCore
import RTP
import SRTP

/// One viewer's call: its media over one bundled or several transports (after W3C RTCPeerConnection), without I/O.
///
/// We may be offerer or answerer. Audio has a transport, for clients that want one, but no source.
package final class PeerConnection {
  package struct Configuration {
    package var ice: ICETransport.Configuration
    package var role: ICERole
    package var media: [MediaKind]
    package var certificate: Certificate
    /// RTCP CNAME (RFC 7022: random per session).
    package var canonicalName: String
    /// Offset from the monotonic clock to NTP time, tied once a session (a Pi's wall clock jumps).
    package var clock: SessionClock
    package var retransmission = DTLSRetransmission()

    package init(
      ice: ICETransport.Configuration, role: ICERole, media: [MediaKind], certificate: Certificate,
      canonicalName: String, clock: SessionClock
    ) {
      self.ice = ice
      self.role = role
      self.media = media
      self.certificate = certificate
      self.canonicalName = canonicalName
      self.clock = clock
    }
  }

  package enum Event: Sendable {
    case localCandidate(MediaKind, ICECandidate)
    case candidateError(url: String, ICEServerError)
    case iceStateChange(MediaKind, ICETransportState)
    case selectedPairChange(MediaKind, CandidatePairDescription)
    /// An ICE restart of ours: the peer is to be told the new credentials, before the candidates that follow.
    case iceRestart(MediaKind)
    /// Video can be sent: the path, the handshake and the format are all there.
    case videoWritable(SRTPProfile)
    case keyFrameRequested
    /// The peer's REMB: bits per second.
    case maximumBitrate(Int)
    case failed(PeerError)
  }

  package let media: [MediaKind]
  package let videoSSRC: UInt32
  package let rtxSSRC: UInt32

  private let configuration: Configuration
  private let makeGenerator: () -> any RandomNumberGenerator & Sendable
  private var transports: [MediaTransport]
  /// Which transport carries which medium: the same one for all in a bundle.
  private var transportIndex: [Int]
  private var endpointIndex: [LocalEndpoint: Int] = [:]
  private var video: VideoSender?
  private var hasRemoteDescription = false
  private var isFailed = false
  private var isClosed = false
  private var events = CircularBuffer<Event>()

  /// `makeGenerator` is asked once for each part that draws, so that seeded ones in tests differ from each other.
  package init(
    configuration: Configuration, makeGenerator: @escaping () -> any RandomNumberGenerator & Sendable
  ) {
    self.configuration = configuration
    self.makeGenerator = makeGenerator
    var generator = makeGenerator()
    media = configuration.media
    videoSSRC = UInt32.random(in: 1...UInt32.max, using: &generator)
    // Its own by construction, without a second draw that might collide.
    rtxSSRC = videoSSRC ^ 0x5a5a_5a5a
    transports = configuration.media.map { _ in
      MediaTransport(
        configuration: configuration.ice, role: configuration.role, certificate: configuration.certificate,
        retransmission: configuration.retransmission, generator: makeGenerator())
    }
    transportIndex = Array(configuration.media.indices)
  }

  // MARK: Negotiation

  package func localParameters(of kind: MediaKind) -> ICEParameters? {
    transport(of: kind)?.localParameters
  }

  /// The number of the ICE generation that these are of, 0 before any restart.
  package func generation(of kind: MediaKind) -> UInt32 {
    transport(of: kind)?.generation ?? 0
  }

  /// A bound UDP socket on one interface address, for the transport of that medium; gathering starts on it.
  package func addLocalEndpoint(
    _ endpoint: LocalEndpoint, address: SocketAddress, for kind: MediaKind, now: NIODeadline
  ) {
    guard let index = media.firstIndex(of: kind).map({ transportIndex[$0] }) else { return }
    endpointIndex[endpoint] = index
    transports[index].addLocalEndpoint(endpoint, address: address, now: now)
    collectEvents(of: index)
  }

  /// The socket is gone for good.
  package func removeLocalEndpoint(_ endpoint: LocalEndpoint, now: NIODeadline) {
    guard let index = endpointIndex.removeValue(forKey: endpoint) else { return }
    transports[index].removeLocalEndpoint(endpoint, now: now)
    collectEvents(of: index)
  }

  /// For relays that are made from now on.
  package func renewCredentials(of servers: [ICEServer]) {
    for transport in transports {
      transport.renewCredentials(of: servers)
    }
  }

  /// A connection that ``pollConnectionRequest()`` asked for is open, with its TLS where it was to have any.
  package func connected(_ endpoint: LocalEndpoint, now: NIODeadline) {
    guard let index = endpointIndex[endpoint.socket] else { return }
    transports[index].connected(endpoint, now: now)
    collectEvents(of: index)
  }

  /// Such a connection could not be opened, or has ended; `reason` is for people.
  package func disconnected(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline) {
    guard let index = endpointIndex[endpoint.socket] else { return }
    transports[index].disconnected(endpoint, reason: reason, now: now)
    collectEvents(of: index)
  }

  /// The media that have a transport of their own, and so want sockets: of a bundle the first.
  package var transportMedia: [MediaKind] {
    media.indices.filter { transportIndex[$0] == $0 }.map { media[$0] }
  }

  /// Takes the answer to our offer, or the offer that is to be answered; of an offer best before there are endpoints.
  ///
  /// A bundle goes over the transport of the offer's first content (RFC 9143 section 7.3.3). Transports that are not
  /// needed are closed.
  package func setRemoteDescription(_ description: [RemoteMedia], bundled: Bool, now: NIODeadline) {
    guard !hasRemoteDescription else { return }
    hasRemoteDescription = true
    if bundled {
      transportIndex = transportIndex.map { _ in 0 }
    }
    for remote in description {
      guard let position = media.firstIndex(of: remote.kind) else { continue }
      if let format = remote.format, remote.kind == .video {
        video = VideoSender(streamConfiguration(format), clock: configuration.clock, generator: makeGenerator())
      }
      transports[transportIndex[position]].setRemote(remote.transport, now: now)
    }
    for index in transports.indices {
      if !transports[index].hasRemote {
        transports[index].close(now: now)
      }
      collectEvents(of: index)
    }
  }

  package func addRemoteCandidate(_ candidate: ICECandidate, for kind: MediaKind, now: NIODeadline) {
    with(kind) { $0.addRemoteCandidate(candidate, now: now) }
  }

  /// The peer restarts ICE, or answers our restart; our new candidates follow as events.
  package func restartICE(_ parameters: ICEParameters, for kind: MediaKind, now: NIODeadline) {
    with(kind) { $0.restartICE(parameters, now: now) }
  }

  /// The peer answered our restart with an error: what works without one goes on.
  package func refuseICERestart(for kind: MediaKind, now: NIODeadline) {
    with(kind) { $0.refuseICERestart(now: now) }
  }

  // MARK: Media

  package var isVideoWritable: Bool {
    !isFailed && video != nil && videoTransport?.isWritable == true
  }

  /// Leaves a frame out; those that refer to it are not sent either.
  package func skip(_ frame: RTPFrame) {
    video?.skip(frame)
  }

  /// Packetizes, protects and sends one frame. One that cannot be sent is dropped, as are those that refer to it, and a
  /// key frame is asked for.
  @discardableResult
  package func send(_ frame: RTPFrame, now: NIODeadline) -> FrameOutcome {
    guard isVideoWritable, let transport = videoTransport, transport.hasPath else {
      skip(frame)
      return .dropped(.noPath)
    }
    defer { collectStreamEvents(now: now) }
    return video?.send(frame, over: transport, now: now) ?? .dropped(.noPath)
  }

  package func receive(_ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline)
  {
    guard let index = endpointIndex[endpoint.socket] else { return }
    let packets = transports[index].receive(datagram, from: source, on: endpoint, now: now)
    if !packets.isEmpty, !isClosed, transports[index] === videoTransport {
      video?.receive(packets, now: now)
      collectStreamEvents(now: now)
    }
    collectEvents(of: index)
  }

  // MARK: Time and output

  /// After ``close(now:)`` that of freeing the relays, until they have answered.
  package var deadline: NIODeadline? {
    var earliest = isClosed ? nil : video?.deadline
    for transport in transports {
      if let deadline = transport.deadline {
        earliest = min(earliest ?? deadline, deadline)
      }
    }
    return earliest
  }

  package func handleTimeout(now: NIODeadline) {
    for index in transports.indices {
      transports[index].handleTimeout(now: now)
      collectEvents(of: index)
    }
    guard !isClosed else { return }
    video?.handleTimeout(now: now)
    collectStreamEvents(now: now)
  }

  /// What is to leave at `now`: what the transports have to send, then what the peer missed.
  package func pollTransmit(now: NIODeadline) -> Transmit? {
    repeat {
      for transport in transports {
        if let transmit = transport.pollTransmit() {
          return transmit
        }
      }
    } while retransmit(now: now)
    return nil
  }

  /// Connections to TURN servers; to be polled after ``pollTransmit(now:)``.
  package func pollConnectionRequest() -> ConnectionRequest? {
    for transport in transports {
      if let request = transport.pollConnectionRequest() {
        return request
      }
    }
    return nil
  }

  package func pollEvent() -> Event? {
    events.popFirst()
  }

  /// RTCP BYE (RFC 3550 section 6.6), DTLS close_notify, and freed relays; what is left to send is still polled.
  package func close(now: NIODeadline) {
    guard !isClosed else { return }
    isClosed = true
    if let videoTransport { video?.sayGoodbye(over: videoTransport, now: now) }
    for transport in transports {
      transport.close(now: now)
    }
  }

  // MARK: Statistics

  package var outboundStatistics: OutboundRTPStatistics? { video?.statistics }
  package var remoteInboundStatistics: RemoteInboundRTPStatistics? { video?.remoteStatistics }
  package var videoTransport: MediaTransport? { transport(of: .video) }

  // MARK: Private

  private func with(_ kind: MediaKind, _ body: (MediaTransport) -> Void) {
    guard let index = media.firstIndex(of: kind).map({ transportIndex[$0] }) else { return }
    body(transports[index])
    collectEvents(of: index)
  }

  private func transport(of kind: MediaKind) -> MediaTransport? {
    media.firstIndex(of: kind).map { transports[transportIndex[$0]] }
  }

  private func streamConfiguration(_ format: NegotiatedFormat) -> RTPStreamConfiguration {
    var result = RTPStreamConfiguration(
      ssrc: videoSSRC, payloadType: format.payloadType, canonicalName: configuration.canonicalName)
    result.rtx = format.rtxPayloadType.map { .init(ssrc: rtxSSRC, payloadType: $0) }
    return result
  }

  /// Whether something was sent again.
  private func retransmit(now: NIODeadline) -> Bool {
    guard !isClosed, let transport = videoTransport else { return false }
    return video?.retransmit(over: transport, now: now) == true
  }

  private func collectStreamEvents(now: NIODeadline) {
    while let event = video?.pollEvent() {
      switch event {
      case .keyFrameRequested:
        events.append(.keyFrameRequested)
      case .maximumBitrate(let bitrate):
        events.append(.maximumBitrate(bitrate))
      case .reportDue:
        if let videoTransport { video?.sendReport(over: videoTransport, now: now) }
      }
    }
  }

  /// A bundle speaks under the name of its first content; a transport that lost its content to one says nothing more.
  private func collectEvents(of index: Int) {
    let first = media.indices.first { transportIndex[$0] == index }
    while let event = transports[index].pollEvent() {
      guard let first, !isClosed else { continue }
      collect(event, of: media[first], carriesVideo: transports[index] === videoTransport)
    }
  }

  private func collect(_ event: MediaTransport.Event, of kind: MediaKind, carriesVideo: Bool) {
    switch event {
    case .localCandidate(let candidate):
      events.append(.localCandidate(kind, candidate))
    case .gatheringComplete:
      break
    case .candidateError(let url, let error):
      events.append(.candidateError(url: url, error))
    case .iceStateChange(let state):
      events.append(.iceStateChange(kind, state))
    case .selectedPairChange(let pair):
      events.append(.selectedPairChange(kind, pair))
    case .iceRestart:
      events.append(.iceRestart(kind))
    case .writable(let profile):
      if carriesVideo, video != nil {
        events.append(.videoWritable(profile))
      }
    case .failed(let error):
      // The sound has no source: without it the picture goes on. A wrong certificate is never passed over.
      if !isFailed, carriesVideo || error.isSecurity {
        isFailed = true
        events.append(.failed(error))
      }
    }
  }
}
