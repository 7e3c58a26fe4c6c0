import ICE
import NIOCore
import RTP
import SRTP

/// One viewer's call: its media over one bundled or several transports (after W3C RTCPeerConnection), without I/O.
///
/// We are the offerer. Audio has a transport, for clients that want one, but no source.
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
    package var payloadType: UInt8
    package var rtxPayloadType: UInt8

    package init(
      ice: ICETransport.Configuration, role: ICERole, media: [MediaKind], certificate: Certificate,
      canonicalName: String, clock: SessionClock, payloadType: UInt8, rtxPayloadType: UInt8
    ) {
      self.ice = ice
      self.role = role
      self.media = media
      self.certificate = certificate
      self.canonicalName = canonicalName
      self.clock = clock
      self.payloadType = payloadType
      self.rtxPayloadType = rtxPayloadType
    }
  }

  package enum Event: Sendable {
    case localCandidate(MediaKind, ICECandidate)
    case candidateError(url: String, code: Int?, text: String)
    case iceStateChange(MediaKind, ICETransportState)
    case selectedPairChange(MediaKind, CandidatePairDescription)
    /// Video can be sent: the path, the handshake and the format are all there.
    case videoWritable(SRTPProfile)
    case keyFrameRequested
    /// The peer's REMB: bits per second.
    case maximumBitrate(Int)
    case failed(PeerError)
  }

  /// Room for a ChannelData header in front of every packet (RFC 8656 section 12.4).
  private static let headroom = 4

  package let media: [MediaKind]
  package let videoSSRC: UInt32
  package let rtxSSRC: UInt32

  private let configuration: Configuration
  private let makeGenerator: () -> any RandomNumberGenerator & Sendable
  private var transports: [MediaTransport]
  /// Which transport carries which medium: the same one for all where the peer took our BUNDLE group.
  private var transportIndex: [Int]
  private var endpointIndex: [LocalEndpoint: Int] = [:]
  private var sender: RTPVideoSender?
  private var isAnswered = false
  private var transmits = CircularBuffer<Transmit>()
  private var events = CircularBuffer<Event>()

  /// Encoded frames that came while the call could not send.
  package private(set) var framesDropped = 0

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
        generator: makeGenerator())
    }
    transportIndex = Array(configuration.media.indices)
  }

  // MARK: Negotiation

  package func localParameters(of kind: MediaKind) -> ICEParameters? {
    transport(of: kind)?.localParameters
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

  /// Takes the answer. Where it bundles, everything goes over the transport of the offer's first content and the
  /// others are closed (RFC 9143 section 7.3.3).
  package func applyAnswer(_ answer: [RemoteMedia], bundled: Bool, now: NIODeadline) {
    guard !isAnswered else { return }
    isAnswered = true
    if bundled {
      for index in transports.indices.dropFirst() {
        transports[index].close(now: now)
      }
      transportIndex = transportIndex.map { _ in 0 }
    }
    for remote in answer {
      guard let position = media.firstIndex(of: remote.kind) else { continue }
      let index = transportIndex[position]
      if position == index {
        transports[index].setRemote(remote.transport, now: now)
      }
      if let video = remote.video {
        sender = RTPVideoSender(senderConfiguration(video), generator: makeGenerator())
      }
      collectEvents(of: index)
    }
  }

  package func addRemoteCandidate(_ candidate: ICECandidate, for kind: MediaKind, now: NIODeadline) {
    guard let position = media.firstIndex(of: kind) else { return }
    let index = transportIndex[position]
    transports[index].addRemoteCandidate(candidate, now: now)
    collectEvents(of: index)
  }

  // MARK: Media

  package var isVideoWritable: Bool {
    sender != nil && videoTransport?.isWritable == true
  }

  /// Packetizes, protects and addresses one frame. A frame that cannot be sent now is dropped and counted; the encoder
  /// is asked for a key frame, since the following ones depend on it.
  package func send(_ frame: RTPFrame, now: NIODeadline) {
    guard let transport = videoTransport, transport.isWritable, sender != nil else {
      framesDropped += 1
      return
    }
    sender?.packetize(frame, now: now) { packet, _ in
      if let transmit = transport.protect(&packet, now: now) {
        transmits.append(transmit)
      }
    }
  }

  package func receive(_ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline)
  {
    guard let index = endpointIndex[endpoint] else { return }
    let control = transports[index].receive(datagram, from: source, on: endpoint, now: now)
    if let control, let packets = try? RTCPPacket.parse(control) {
      for packet in packets {
        sender?.receive(packet, now: now)
      }
      resendLost(now: now)
      collectSenderEvents(now: now)
    }
    collectEvents(of: index)
  }

  // MARK: Time and output

  package var deadline: NIODeadline? {
    var earliest = sender?.deadline
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
    sender?.handleTimeout(now: now)
    collectSenderEvents(now: now)
  }

  package func pollTransmit() -> Transmit? {
    if let transmit = transmits.popFirst() {
      return transmit
    }
    for transport in transports {
      if let transmit = transport.pollTransmit() {
        return transmit
      }
    }
    return nil
  }

  package func pollEvent() -> Event? {
    events.popFirst()
  }

  /// RTCP BYE (RFC 3550 section 6.6), DTLS close_notify, and freed relays; what is left to send is still polled.
  package func close(now: NIODeadline) {
    if let sender, let transport = videoTransport {
      var bye = sender.bye()
      if let transmit = transport.protectControl(&bye, now: now) {
        transmits.append(transmit)
      }
    }
    for transport in transports {
      transport.close(now: now)
    }
  }

  // MARK: Statistics

  package var outboundStatistics: OutboundRTPStatistics? { sender?.statistics }
  package var remoteInboundStatistics: RemoteInboundRTPStatistics? { sender?.remoteStatistics }
  package var videoTransport: MediaTransport? { transport(of: .video) }

  // MARK: Private

  private func transport(of kind: MediaKind) -> MediaTransport? {
    media.firstIndex(of: kind).map { transports[transportIndex[$0]] }
  }

  private func senderConfiguration(_ video: NegotiatedVideo) -> RTPVideoSender.Configuration {
    var result = RTPVideoSender.Configuration(
      ssrc: videoSSRC, payloadType: video.payloadType, canonicalName: configuration.canonicalName)
    result.rtx = video.rtxPayloadType.map { .init(ssrc: rtxSSRC, payloadType: $0) }
    result.headroom = Self.headroom
    result.tailroom = SRTPSession.tailroom
    return result
  }

  private func resendLost(now: NIODeadline) {
    guard let transport = videoTransport else { return }
    while let retransmission = sender?.pollRetransmission(now: now) {
      let transmit: Transmit?
      switch retransmission {
      case .stored(var packet): transmit = transport.address(&packet, now: now)
      case .rtx(var packet): transmit = transport.protect(&packet, now: now)
      }
      if let transmit {
        transmits.append(transmit)
      }
    }
  }

  private func collectSenderEvents(now: NIODeadline) {
    while let event = sender?.pollEvent() {
      switch event {
      case .keyFrameRequested:
        events.append(.keyFrameRequested)
      case .maximumBitrate(let bitrate):
        events.append(.maximumBitrate(bitrate))
      case .reportDue:
        sendReport(now: now)
      }
    }
  }

  private func sendReport(now: NIODeadline) {
    guard var report = sender?.report(now: now, wallClock: configuration.clock.wallClock(at: now)),
      let transmit = videoTransport?.protectControl(&report, now: now)
    else { return }
    transmits.append(transmit)
  }

  private func collectEvents(of index: Int) {
    let kinds = media.indices.filter { transportIndex[$0] == index }.map { media[$0] }
    // A transport that lost its content to a bundle has nothing more to say.
    while let event = transports[index].pollEvent() {
      for kind in kinds.prefix(1) {
        collect(event, of: kind, carriesVideo: kinds.contains(.video))
      }
    }
  }

  private func collect(_ event: MediaTransport.Event, of kind: MediaKind, carriesVideo: Bool) {
    switch event {
    case .localCandidate(let candidate):
      events.append(.localCandidate(kind, candidate))
    case .gatheringComplete:
      break
    case .candidateError(let url, let code, let text):
      events.append(.candidateError(url: url, code: code, text: text))
    case .iceStateChange(let state):
      events.append(.iceStateChange(kind, state))
    case .selectedPairChange(let pair):
      events.append(.selectedPairChange(kind, pair))
    case .writable(let profile):
      if carriesVideo, sender != nil {
        events.append(.videoWritable(profile))
      }
    case .failed(let error):
      // The sound has no source: without it the picture goes on. A wrong certificate is never passed over.
      if carriesVideo || error.isSecurity {
        events.append(.failed(error))
      }
    }
  }
}
