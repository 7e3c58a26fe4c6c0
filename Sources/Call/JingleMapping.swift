import ICE
import Jingle
import NIOCore
import Peer
import SRTP

/// The one place where Jingle elements become transport parameters and back.
package enum JingleMapping {
  enum MappingError: Error, Equatable {
    /// A content lacks what a call needs (description, transport, credentials, fingerprint): XEP-0166 `security-error`
    /// or `failed-transport` is the answer.
    case incomplete(String)
    /// The fingerprint or its setup cannot be used.
    case security(String)
    /// There is no format for the medium that both sides know; and why some could not be read.
    case noCommonFormat(MediaKind, [JingleError])
  }

  private static let videoPayloadType: UInt8 = 96
  private static let rtxPayloadType: UInt8 = 97
  private static let opusPayloadType: UInt8 = 111
  /// What we make use of, in the order that we offer.
  static let videoFeedback: [RTPDescription.Feedback] = [
    .nack, .pictureLossIndication, .fullIntraRequest, .receiverEstimatedMaximumBitrate, .transportWide,
  ]
  /// We decode FEC, which a sender leaves out unless it is asked for (RFC 7587 section 6.1).
  static let opusParameters: [RTPDescription.Parameter] = [.init(name: "useinbandfec", value: "1")]

  /// Digits, as WebRTC's mids are.
  static func contentName(of kind: MediaKind) -> String {
    switch kind {
    case .audio: "0"
    case .video: "1"
    }
  }

  static func kind(ofContent name: String) -> MediaKind? {
    [MediaKind.audio, .video].first { contentName(of: $0) == name }
  }

  // MARK: Our offer

  /// - Parameters:
  ///   - hasSound: whether we send sound.
  ///   - hearsPeer: whether the peer's sound is wanted, whoever else may send.
  static func offer(
    of connection: PeerConnection, fingerprint: Fingerprint, canonicalName: String, senders: Content.Senders,
    hasSound: Bool = false, hearsPeer: Bool = false, candidates: [MediaKind: [ICECandidate]]
  ) -> (contents: [Content], group: ContentGroup?) {
    let contents = connection.media.map { kind in
      Content(
        creator: .initiator, name: contentName(of: kind), senders: kind == .audio && hearsPeer ? .both : senders,
        description: kind == .audio
          ? audio(of: hasSound ? connection : nil, canonicalName: canonicalName)
          : video(of: connection, canonicalName: canonicalName),
        transport: transport(
          connection.localParameters(of: kind), fingerprint: fingerprint, setup: .actpass,
          candidates: candidates[kind] ?? []))
    }
    // A group of one would bundle nothing.
    let group = contents.count > 1 ? ContentGroup(contents: contents.map(\.name)) : nil
    return (contents, group)
  }

  /// For a transport-info: the credentials of this ICE generation, one candidate, no fingerprint.
  static func transport(
    _ parameters: ICEParameters?, candidate: ICECandidate, generation: UInt32 = 0
  ) -> ICEUDPTransport {
    var candidate = self.candidate(candidate)
    candidate.generation = UInt16(clamping: generation)
    return ICEUDPTransport(
      usernameFragment: parameters?.usernameFragment, password: parameters?.password, candidates: [candidate])
  }

  static func transport(
    _ parameters: ICEParameters?, fingerprint: Fingerprint, setup: DTLSFingerprint.Setup, candidates: [ICECandidate]
  ) -> ICEUDPTransport {
    ICEUDPTransport(
      usernameFragment: parameters?.usernameFragment, password: parameters?.password,
      fingerprint: DTLSFingerprint(
        hash: fingerprint.hashFunction.rawValue, setup: setup, text: fingerprint.text),
      candidates: candidates.map(candidate))
  }

  private static func video(of connection: PeerConnection, canonicalName: String) -> RTPDescription {
    description(
      of: connection,
      payloadTypes: [
        .init(id: videoPayloadType, name: "VP8", clockRate: 90_000, feedback: videoFeedback),
        // RFC 4588 section 8.1: apt names the format that is sent again.
        .init(
          id: rtxPayloadType, name: "rtx", clockRate: 90_000,
          parameters: [.init(name: "apt", value: String(videoPayloadType))]),
      ], headerExtensions: headerExtensions, usesRTX: true, canonicalName: canonicalName)
  }

  /// Video with our sources. Without the FID group libwebrtc makes nothing of what comes by RTX.
  static func description(
    of connection: PeerConnection, payloadTypes: [RTPDescription.PayloadType],
    headerExtensions: [RTPDescription.HeaderExtension], usesRTX: Bool, canonicalName: String
  ) -> RTPDescription {
    let sources = usesRTX ? [connection.videoSSRC, connection.rtxSSRC] : [connection.videoSSRC]
    return RTPDescription(
      media: .video, payloadTypes: payloadTypes, headerExtensions: headerExtensions,
      sources: sources.map {
        .init(
          ssrc: $0,
          parameters: [
            .init(name: "cname", value: canonicalName), .init(name: "msid", value: "\(canonicalName) video0"),
          ])
      },
      sourceGroups: usesRTX ? [.init(semantics: "FID", sources: sources)] : [],
      rtcpMux: true)
  }

  /// - Parameter connection: whose sound is sent; nil where none is.
  private static func audio(of connection: PeerConnection?, canonicalName: String) -> RTPDescription {
    RTPDescription(
      media: .audio,
      payloadTypes: [
        .init(
          id: opusPayloadType, name: "opus", clockRate: 48_000, channels: 2,
          parameters: opusParameters)
      ],
      sources: soundSources(of: connection, canonicalName: canonicalName),
      rtcpMux: true)
  }

  /// The stream of the picture, so that both are played in step.
  static func soundSources(of connection: PeerConnection?, canonicalName: String) -> [RTPDescription.Source] {
    guard let connection else { return [] }
    return [
      .init(
        ssrc: connection.audioSSRC,
        parameters: [
          .init(name: "cname", value: canonicalName), .init(name: "msid", value: "\(canonicalName) audio0"),
        ])
    ]
  }

  // MARK: Their answer

  static func answer(
    _ contents: [Content], group: ContentGroup?, hasSound: Bool = false, hearsPeer: Bool = false
  ) throws(MappingError) -> (media: [RemoteMedia], bundled: Bool) {
    guard !contents.contains(where: { $0.transport?.setup == .actpass }) else {
      throw .security("setup actpass in an answer")
    }
    var description = try description(of: contents, group: group, local: .initiator, hasSound: hasSound) {
      kind(ofContent: $0.name)
    }
    guard hearsPeer else { return description }
    let audio = contents.first { kind(ofContent: $0.name) == .audio }
    description.media.receiveSound(audio, as: opusPayloadType)
    return description
  }

  /// Each medium with its transport, that which carries a bundle first.
  ///
  /// - Parameters:
  ///   - local: our side of the session.
  ///   - hasSound: whether we have sound to send.
  static func description(
    of contents: [Content], group: ContentGroup?, local: Content.Senders, hasSound: Bool,
    kind: (Content) -> MediaKind?
  ) throws(MappingError) -> (media: [RemoteMedia], bundled: Bool) {
    let bundled = group?.bundles(contents) == true
    let carriers = contents.carriers(in: group)
    var media: [RemoteMedia] = []
    for content in carriers + contents where !media.contains(where: { $0.kind == kind(content) }) {
      guard let kind = kind(content), let description = content.description,
        // One transport carries all media of a bundle. What the peer wrote for the others is used for its candidates.
        let carrier = bundled ? carriers.first?.transport : content.transport
      else { throw .incomplete("content \(content.name)") }
      var transport = try remoteTransport(carrier)
      transport.candidates = content.transport?.candidates.compactMap(candidate) ?? []
      let format: NegotiatedFormat? =
        switch kind {
        case .video: try videoFormat(description, local: local)
        case .audio: hasSound ? soundFormat(description) : nil
        }
      media.append(RemoteMedia(kind: kind, transport: transport, format: format))
    }
    return (media, bundled)
  }

  /// Nil if the peer takes no Opus. The senders are not looked at, since they can change later without another
  /// negotiation (XEP-0166 section 7.2.3); until then ``CallContents`` holds the sound back.
  private static func soundFormat(_ description: RTPDescription) -> NegotiatedFormat? {
    description.format("opus").map { NegotiatedFormat(payloadType: $0.id, rtxPayloadType: nil) }
  }

  private static func videoFormat(
    _ description: RTPDescription, local: Content.Senders
  ) throws(MappingError) -> NegotiatedFormat {
    guard let vp8 = description.format("vp8") else { throw .noCommonFormat(.video, description.skipped) }
    // RFC 4588 section 8.1.
    let rtx = description.format("rtx") { format in
      format[parameter: "apt"].flatMap { UInt8($0.filter { !$0.isWhitespace }) } == vp8.id
    }
    let extensions = agreedExtensions(of: description, payloadType: vp8.id, local: local)
    func id(of uri: String) -> UInt8? { extensions.first { $0.uri == uri }.flatMap { UInt8(exactly: $0.id) } }
    return NegotiatedFormat(
      payloadType: vp8.id, rtxPayloadType: rtx?.id,
      transportWideSequenceNumberID: id(of: transportWideSequenceNumberURI),
      absoluteSendTimeID: id(of: absoluteSendTimeURI), playoutDelayID: id(of: playoutDelayURI),
      hasReceiverEstimate: description.requests(.receiverEstimatedMaximumBitrate, for: vp8.id))
  }

  static func remoteTransport(_ transport: ICEUDPTransport) throws(MappingError) -> RemoteTransport {
    guard let parameters = parameters(transport) else { throw .incomplete("ICE credentials") }
    let (fingerprints, unusable) = fingerprints(of: transport)
    guard !fingerprints.isEmpty, let setup = transport.setup else {
      throw .security("no usable fingerprint" + ((transport.skipped + unusable).summary.map { " (\($0))" } ?? ""))
    }
    let role: DTLSRole
    switch setup {
    case .active: role = .passive
    // RFC 5763 section 5: the answerer chooses, and `active` starts the handshake half a round trip earlier.
    case .passive, .actpass: role = .active
    case .holdconn: throw .security("setup holdconn")
    }
    return RemoteTransport(
      ice: parameters, fingerprints: fingerprints, localRole: role,
      candidates: transport.candidates.compactMap(candidate))
  }

  /// Those that a certificate can be compared with, and what is wrong with the others.
  private static func fingerprints(of transport: ICEUDPTransport) -> ([Fingerprint], [JingleError]) {
    var (usable, errors): ([Fingerprint], [JingleError]) = ([], [])
    for fingerprint in transport.fingerprints {
      do throws(DTLSError) {
        usable.append(try Fingerprint(hashFunction: fingerprint.hash, text: fingerprint.text))
      } catch {
        errors.append(
          error == .unsupportedHashFunction
            ? .malformedAttribute("hash", of: "fingerprint") : .missingElement("hash value", of: "fingerprint"))
      }
    }
    return (usable, errors)
  }

  static func parameters(_ transport: ICEUDPTransport) -> ICEParameters? {
    guard let fragment = transport.usernameFragment, let password = transport.password,
      max(fragment.utf8.count, password.utf8.count) <= ICEParameters.maximumLength
    else { return nil }
    return ICEParameters(usernameFragment: fragment, password: password)
  }

  // MARK: Candidates

  private static func candidate(_ candidate: ICECandidate) -> ICEUDPTransport.Candidate {
    let kind: ICEUDPTransport.Candidate.Kind =
      switch candidate.kind {
      case .host: .host
      case .serverReflexive: .serverReflexive
      case .peerReflexive: .peerReflexive
      case .relayed: .relayed
      }
    return ICEUDPTransport.Candidate(
      // XEP-0176 wants it unique within the session; address and kind are just that.
      id: "\(candidate.kind)-\(candidate.foundation)-\(candidate.address.port ?? 0)", component: candidate.component,
      foundation: candidate.foundation, ip: candidate.address.ipAddress ?? "",
      port: UInt16(clamping: candidate.address.port ?? 0), priority: candidate.priority, kind: kind,
      relatedAddress: candidate.relatedAddress?.ipAddress,
      relatedPort: candidate.relatedAddress?.port.map { UInt16(clamping: $0) })
  }

  /// Nil for what we cannot use: TCP, names instead of addresses, other components (rtcp-mux is always on).
  static func candidate(_ candidate: ICEUDPTransport.Candidate) -> ICECandidate? {
    guard candidate.component == 1, candidate.transportProtocol == "udp",
      let address = socketAddress(candidate.ip, port: candidate.port)
    else { return nil }
    let kind: ICECandidate.Kind =
      switch candidate.kind {
      case .host: .host
      case .serverReflexive: .serverReflexive
      case .peerReflexive: .peerReflexive
      case .relayed: .relayed
      }
    let related = candidate.relatedAddress.flatMap { ip in candidate.relatedPort.flatMap { socketAddress(ip, port: $0) }
    }
    return ICECandidate(
      foundation: candidate.foundation, component: 1,
      priority: candidate.priority ?? ICECandidate.priority(of: kind, localPreference: .max), address: address,
      kind: kind, relatedAddress: related)
  }

  /// A literal, of IPv6 with brackets or without.
  private static func socketAddress(_ text: String, port: UInt16) -> SocketAddress? {
    let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
    return try? SocketAddress(ipAddress: String(isBracketed ? text.dropFirst().dropLast() : text[...]), port: Int(port))
  }
}

extension RTPDescription {
  /// The first payload type of that name, lower case.
  func format(_ name: String, where matches: (PayloadType) -> Bool = { _ in true }) -> PayloadType? {
    format { $0.name?.lowercased() == name && matches($0) }
  }

  /// The first payload type that can be told from RTCP on the same port.
  ///
  /// "payload type values in the range 64-95 MUST NOT be used" (RFC 5761 section 4).
  func format(where matches: (PayloadType) -> Bool) -> PayloadType? {
    payloadTypes.first { !(64...95).contains($0.id) && matches($0) }
  }
}

extension [RemoteMedia] {
  /// Wants the peer's sound, if it is Opus. A peer that sends none may send some after a content-modify.
  ///
  /// - Parameters:
  ///   - content: the peer's.
  ///   - payloadType: that of our description, which the peer is to use (RFC 3264 section 5.1).
  mutating func receiveSound(_ content: Content?, as payloadType: UInt8) {
    guard let content, content.description?.format("opus") != nil,
      let index = firstIndex(where: { $0.kind == .audio })
    else { return }
    self[index].receivedPayloadType = payloadType
  }
}
