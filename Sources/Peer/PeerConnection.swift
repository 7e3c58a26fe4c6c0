import ICE
import NIOCore
import RTP
import SRTP

/// The media of one viewer's call over a bundled transport or several (after W3C's `RTCPeerConnection`), without I/O.
///
/// It is the offerer or the answerer. Audio has a transport, for clients that require one, also where nothing is sent in it.
package final class PeerConnection {
  package enum Event: Sendable {
    case localCandidate(MediaKind, ICECandidate)
    case candidateError(url: String, ICEServerError)
    case iceStateChange(MediaKind, ICETransportState)
    case selectedPairChange(MediaKind, CandidatePairDescription)
    /// We restart ICE: the new credentials are to be signalled before the candidates that follow.
    case iceRestart(MediaKind)
    /// Video can be sent: there is a path, a completed handshake, and a format.
    case videoWritable(SRTPProfile)
    /// The same of the sound of a call that has no video.
    case soundWritable(SRTPProfile)
    case keyFrameRequested
    /// The rate in bits per second that is to be encoded from now on, by the control of congestion; `stable` is the
    /// same without what is to be made up for at the moment.
    case targetBitrate(Int, stable: Int)
    /// The last packet of a frame has left.
    case frameSent(captureTime: NIODeadline, at: NIODeadline)
    /// So many held frames waited too long for the path.
    case framesDropped(Int)
    /// A packet of the peer's sound.
    case soundReceived(InboundRTPPacket)
    case failed(PeerError)
  }

  package let media: [MediaKind]
  package let videoSSRC: UInt32
  package let rtxSSRC: UInt32
  package let audioSSRC: UInt32

  private let configuration: Configuration
  private let makeGenerator: () -> any RandomNumberGenerator & Sendable
  private var transports: [MediaTransport]
  /// The index of the transport of each medium, which is the same for all media of a bundle.
  private var transportIndex: [Int]
  private var endpointIndex: [LocalEndpoint: Int] = [:]
  var video: VideoSender?
  var sound: SoundSender?
  var soundReceiver: SoundReceiver?
  private var hasRemoteDescription = false
  private(set) var isFailed = false
  private var isClosed = false
  private var events = CircularBuffer<Event>()

  /// - Parameter makeGenerator: called once for each part that draws random values, so that seeded generators differ in
  ///   tests.
  package init(
    configuration: Configuration, makeGenerator: @escaping () -> any RandomNumberGenerator & Sendable
  ) {
    self.configuration = configuration
    self.makeGenerator = makeGenerator
    var generator = makeGenerator()
    media = configuration.media
    videoSSRC = UInt32.random(in: 1...UInt32.max, using: &generator)
    // The SSRC differs by construction, without a second draw that might collide.
    rtxSSRC = videoSSRC ^ 0x5a5a_5a5a
    audioSSRC = videoSSRC ^ 0xa5a5_a5a5
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

  /// The number of the ICE generation of ``localParameters(of:)``, 0 before any restart.
  package func generation(of kind: MediaKind) -> UInt32 {
    transport(of: kind)?.generation ?? 0
  }

  /// Adds a UDP socket that is bound to an interface address, for the transport of a medium; gathering starts on it.
  package func addLocalEndpoint(
    _ endpoint: LocalEndpoint, address: SocketAddress, for kind: MediaKind, now: NIODeadline
  ) {
    guard let index = media.firstIndex(of: kind).map({ transportIndex[$0] }) else { return }
    endpointIndex[endpoint] = index
    transports[index].addLocalEndpoint(endpoint, address: address, now: now)
    collectEvents(of: index, now: now)
  }

  /// Removes a socket for good.
  package func removeLocalEndpoint(_ endpoint: LocalEndpoint, now: NIODeadline) {
    guard let index = endpointIndex.removeValue(forKey: endpoint) else { return }
    transports[index].removeLocalEndpoint(endpoint, now: now)
    collectEvents(of: index, now: now)
  }

  /// Replaces the credentials of TURN servers, for relays that are made later.
  package func renewCredentials(of servers: [ICEServer]) {
    for transport in transports {
      transport.renewCredentials(of: servers)
    }
  }

  /// A connection that ``pollConnectionRequest()`` requested is open, including its TLS handshake.
  package func connected(_ endpoint: LocalEndpoint, now: NIODeadline) {
    guard let index = endpointIndex[endpoint.socket] else { return }
    transports[index].connected(endpoint, now: now)
    collectEvents(of: index, now: now)
  }

  /// Such a connection could not be opened or has ended; `reason` is a text for users.
  package func disconnected(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline) {
    guard let index = endpointIndex[endpoint.socket] else { return }
    transports[index].disconnected(endpoint, reason: reason, now: now)
    collectEvents(of: index, now: now)
  }

  /// The media that have a transport of their own, which needs sockets; of a bundle this is the first.
  package var transportMedia: [MediaKind] {
    media.indices.filter { transportIndex[$0] == $0 }.map { media[$0] }
  }

  /// Takes the answer to our offer or the offer to be answered, the latter preferably before endpoints are added.
  ///
  /// A bundle uses the transport of the offer's first content (RFC 9143 section 7.3.3). Transports that are not needed
  /// are closed.
  package func setRemoteDescription(_ description: [RemoteMedia], bundled: Bool, now: NIODeadline) {
    guard !hasRemoteDescription else { return }
    hasRemoteDescription = true
    if bundled {
      transportIndex = transportIndex.map { _ in 0 }
    }
    for remote in description {
      guard let position = media.firstIndex(of: remote.kind) else { continue }
      if let format = remote.format { makeSender(of: remote.kind, format, now: now) }
      if let payloadType = remote.receivedPayloadType {
        soundReceiver = SoundReceiver(
          payloadType: payloadType, ssrc: audioSSRC, canonicalName: configuration.canonicalName,
          generator: makeGenerator())
      }
      transports[transportIndex[position]].setRemote(remote.transport, now: now)
    }
    for index in transports.indices {
      if !transports[index].hasRemote {
        transports[index].close(now: now)
      }
      collectEvents(of: index, now: now)
    }
  }

  private func makeSender(of kind: MediaKind, _ format: NegotiatedFormat, now: NIODeadline) {
    switch kind {
    case .video:
      video = VideoSender(
        streamConfiguration(format), formerRate: configuration.formerRate, clock: configuration.clock,
        generator: makeGenerator(), now: now)
      collectStreamEvents(now: now)
    case .audio:
      sound = SoundSender(
        RTPStreamConfiguration(
          ssrc: audioSSRC, payloadType: format.payloadType, canonicalName: configuration.canonicalName),
        clock: configuration.clock, pause: transportMedia.count > 1 ? SoundSender.pauseWithoutBundle : .zero,
        generator: makeGenerator())
    }
  }

  package func addRemoteCandidate(_ candidate: ICECandidate, for kind: MediaKind, now: NIODeadline) {
    with(kind, now: now) { $0.addRemoteCandidate(candidate, now: now) }
  }

  /// The peer restarts ICE or answers our restart; our new candidates follow as events.
  package func restartICE(_ parameters: ICEParameters, for kind: MediaKind, now: NIODeadline) {
    with(kind, now: now) { $0.restartICE(parameters, now: now) }
  }

  /// The peer refused our restart; what works without it continues.
  package func refuseICERestart(for kind: MediaKind, now: NIODeadline) {
    with(kind, now: now) { $0.refuseICERestart(now: now) }
  }

  // MARK: Media

  package var isVideoWritable: Bool {
    !isFailed && video != nil && videoTransport?.isWritable == true
  }

  /// Skips a frame, and thereby those that refer to it.
  package func skip(_ frame: RTPFrame) { video?.skip(frame) }

  /// Packetizes, protects and sends a frame. If it cannot be sent, those that refer to it are dropped too, and a key
  /// frame is requested.
  @discardableResult
  package func send(_ frame: RTPFrame, now: NIODeadline) -> FrameOutcome {
    guard isVideoWritable, videoTransport?.hasPath == true else {
      skip(frame)
      return .dropped(.noPath)
    }
    defer { collectStreamEvents(now: now) }
    return video?.send(frame, now: now) ?? .dropped(.noPath)
  }

  package func receive(_ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline)
  {
    guard let index = endpointIndex[endpoint.socket] else { return }
    let carriesSound = transports[index] === transport(of: .audio)
    let received = transports[index].receive(
      datagram, from: source, on: endpoint, wanting: carriesSound ? soundReceiver?.wantedPayloadType : nil, now: now)
    switch received {
    case .nothing: break
    case .control(let packets):
      if transports[index] === videoTransport {
        video?.receive(packets, now: now)
        collectStreamEvents(now: now)
      }
      if carriesSound {
        sound?.receive(packets, now: now)
        soundReceiver?.receive(packets, now: now)
        sendSoundReport(now: now)
      }
    case .media(let packet):
      if let packet = soundReceiver?.receive(packet, now: now) { events.append(.soundReceived(packet)) }
    }
    collectEvents(of: index, now: now)
  }

  // MARK: Time and output

  /// When ``handleTimeout(now:)`` is due. After ``close(now:)`` it covers the relays that are being freed, until the
  /// servers have answered.
  package var deadline: NIODeadline? {
    var earliest = isClosed ? nil : video?.deadline
    if !isClosed, let deadline = sound?.deadline { earliest = min(earliest ?? deadline, deadline) }
    if !isClosed, let deadline = soundReceiver?.deadline { earliest = min(earliest ?? deadline, deadline) }
    for transport in transports {
      if let deadline = transport.deadline {
        earliest = min(earliest ?? deadline, deadline)
      }
    }
    return earliest
  }

  package func handleTimeout(now: NIODeadline) {
    // A deadline is most often that of a held packet.
    for index in transports.indices where transports[index].deadline.map({ $0 <= now }) ?? false {
      transports[index].handleTimeout(now: now)
      collectEvents(of: index, now: now)
    }
    guard !isClosed else { return }
    video?.handleTimeout(now: now)
    collectStreamEvents(now: now)
    sound?.handleTimeout(now: now)
    soundReceiver?.handleTimeout(now: now)
    sendSoundReport(now: now)
  }

  /// Returns the next datagram to send at `now`: first what the transports have to send, then
  /// retransmissions, then what the frames that are held have due.
  package func pollTransmit(now: NIODeadline) -> Transmit? {
    repeat {
      for transport in transports {
        if let transmit = transport.pollTransmit() {
          return transmit
        }
      }
    } while sendNext(now: now)
    return nil
  }

  /// The next connection to a TURN server to be opened or closed, to be polled after ``pollTransmit(now:)``.
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

  /// Closes the call by RTCP BYE (RFC 3550 section 6.6), DTLS close_notify, and the release of relays. The last
  /// datagrams have to be polled.
  package func close(now: NIODeadline) {
    guard !isClosed else { return }
    isClosed = true
    if let videoTransport { video?.sayGoodbye(over: videoTransport, now: now) }
    if let transport = transport(of: .audio) { sound?.sayGoodbye(over: transport, now: now) }
    for transport in transports {
      transport.close(now: now)
    }
  }

  // MARK: Statistics

  package var outboundStatistics: OutboundRTPStatistics? { video?.statistics }
  /// What the path carries in bits per second, by the control of congestion.
  package var availableOutgoingBitrate: Int? { video?.availableOutgoingBitrate }
  package var remoteInboundStatistics: RemoteInboundRTPStatistics? { video?.remoteStatistics }
  package var videoTransport: MediaTransport? { transport(of: .video) }
  /// The transport of the video, or of the sound if there is no video.
  package var mainTransport: MediaTransport? { videoTransport ?? transport(of: .audio) }
  /// What else is known of the path to the viewer, by the control of congestion; nil before there is a format.
  package func pathStatistics(now: NIODeadline) -> PathStatistics? { video?.pathStatistics(now: now) }

  // MARK: Private

  private func with(_ kind: MediaKind, now: NIODeadline, _ body: (MediaTransport) -> Void) {
    guard let index = media.firstIndex(of: kind).map({ transportIndex[$0] }) else { return }
    body(transports[index])
    collectEvents(of: index, now: now)
  }

  func transport(of kind: MediaKind) -> MediaTransport? {
    media.firstIndex(of: kind).map { transports[transportIndex[$0]] }
  }

  private func streamConfiguration(_ format: NegotiatedFormat) -> RTPStreamConfiguration {
    var result = RTPStreamConfiguration(
      ssrc: videoSSRC, payloadType: format.payloadType, canonicalName: configuration.canonicalName)
    result.rtx = format.rtxPayloadType.map { .init(ssrc: rtxSSRC, payloadType: $0) }
    // libwebrtc takes the time of sending only for REMB, which it does not send where it sends transport-wide feedback.
    result.headerExtensions = .init(
      transportWideSequenceNumber: format.transportWideSequenceNumberID,
      absoluteSendTime: format.hasTransportFeedback ? nil : format.absoluteSendTimeID,
      playoutDelay: format.playoutDelayID)
    return result
  }

  /// Sends the next packet that is due; returns whether there was any.
  private func sendNext(now: NIODeadline) -> Bool {
    guard !isClosed, let transport = videoTransport else { return false }
    return video?.sendNext(over: transport, now: now) == true
  }

  private func collectStreamEvents(now: NIODeadline) {
    while let event = video?.pollEvent() {
      switch event {
      case .keyFrameRequested: events.append(.keyFrameRequested)
      case .reportDue:
        if let videoTransport { video?.sendReport(over: videoTransport, now: now) }
      case .targetBitrate(let bitrate, let stable): events.append(.targetBitrate(bitrate, stable: stable))
      case .frameSent(let captureTime, let time): events.append(.frameSent(captureTime: captureTime, at: time))
      case .framesDropped(let count): events.append(.framesDropped(count))
      }
    }
  }

  /// Collects the events of a transport under the name of its first content. A transport that lost its content to a
  /// bundle is ignored.
  private func collectEvents(of index: Int, now: NIODeadline) {
    let first = media.indices.first { transportIndex[$0] == index }
    while let event = transports[index].pollEvent() {
      guard let first else { continue }
      collect(event, of: media[first], carriesVideo: transports[index] === videoTransport, now: now)
    }
  }

  private func collect(_ event: MediaTransport.Event, of kind: MediaKind, carriesVideo: Bool, now: NIODeadline) {
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
    case .pathChange:
      if carriesVideo { video?.pathChanged(now: now) }
    case .iceRestart:
      events.append(.iceRestart(kind))
    case .roundTripMeasured(let number):
      guard carriesVideo else { return }
      video?.roundTripMeasured(number, now: now)
      collectStreamEvents(now: now)
    case .writable(let profile):
      if carriesVideo, video != nil {
        events.append(.videoWritable(profile))
      } else if !media.contains(.video), sound != nil {
        events.append(.soundWritable(profile))
      }
    case .failed(let error):
      // Sound may be missed, so that the video continues without it, unless the failure is one of authentication.
      if !isFailed, carriesVideo || !media.contains(.video) || error.isSecurity {
        isFailed = true
        events.append(.failed(error))
      }
    }
  }
}
