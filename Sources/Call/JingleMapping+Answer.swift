import ICE
import Jingle
import Peer
import SRTP

extension JingleMapping {
  // MARK: Their offer

  /// What a checked offer means: each medium with its transport, ours to be DTLS client where the offer leaves the choice.
  static func offer(
    _ contents: [Content], group: ContentGroup?, hasSound: Bool = false, hearsPeer: Bool = false
  ) throws(MappingError) -> (media: [RemoteMedia], bundled: Bool) {
    for case let audio? in contents.map(\.description) where audio.media == .audio && anyFormat(of: audio) == nil {
      throw .noCommonFormat(.audio, audio.skipped)
    }
    var offer = try description(of: contents, group: group, local: .responder, hasSound: hasSound) { $0.kind }
    // A call for sound alone in which none could be sent.
    guard offer.media.contains(where: { $0.format != nil }) else {
      throw .noCommonFormat(.audio, contents.flatMap { $0.description?.skipped ?? [] })
    }
    let audio = contents.first { $0.kind == .audio }
    if hearsPeer, let opus = audio?.description?.format("opus") {
      offer.media.receiveSound(audio, as: opus.id)
    }
    return offer
  }

  /// The medium of a content of the peer's, who names them as he likes.
  static func kind(ofContent name: String, in contents: [Content]) -> MediaKind? {
    contents.first { $0.name == name }?.kind
  }

  // MARK: Our answer

  /// The offered contents, each with one format, echoed ids, and our half of its transport; a bundle if it was offered.
  ///
  /// - Parameters:
  ///   - description: what `offer` made of the offer.
  ///   - oneWay: ask that nobody sends us pictures, nor sound that is not wanted; Movim wants `both` kept.
  static func answer(
    to contents: [Content], as description: (media: [RemoteMedia], bundled: Bool), of connection: PeerConnection,
    fingerprint: Fingerprint, canonicalName: String, oneWay: Bool, candidates: [MediaKind: [ICECandidate]]
  ) -> (contents: [Content], group: ContentGroup?) {
    let answer = contents.compactMap { content -> Content? in
      guard let offered = content.description,
        let remote = description.media.first(where: { $0.kind.rawValue == offered.media.rawValue })
      else { return nil }
      return Content(
        creator: content.creator, name: content.name,
        senders: senders(content.senders ?? .both, of: remote, oneWay: oneWay),
        description: self.description(of: remote, offered, connection, canonicalName: canonicalName),
        transport: transport(
          connection.localParameters(of: remote.kind), fingerprint: fingerprint,
          setup: remote.transport.localRole == .active ? .active : .passive, candidates: candidates[remote.kind] ?? []))
    }
    return (answer, description.bundled ? ContentGroup(contents: answer.map(\.name)) : nil)
  }

  private static func description(
    of remote: RemoteMedia, _ offered: RTPDescription, _ connection: PeerConnection, canonicalName: String
  ) -> RTPDescription {
    switch (remote.kind, remote.format) {
    case (.video, let format?): video(format, offered, of: connection, canonicalName: canonicalName)
    case (_, let format):
      audio(offered, sources: soundSources(of: format == nil ? nil : connection, canonicalName: canonicalName))
    }
  }

  /// RFC 3264 section 6.1: not more than was offered. Never `none` of ourselves: Dino refuses it.
  private static func senders(_ offered: Content.Senders, of remote: RemoteMedia, oneWay: Bool) -> Content.Senders {
    guard offered == .both, oneWay else { return offered }
    guard remote.kind == .audio else { return .responder }
    guard remote.format != nil else { return .initiator }
    return remote.receivedPayloadType == nil ? .responder : .both
  }

  /// VP8 first: Dino takes the first payload type for the one that is used.
  private static func video(
    _ format: NegotiatedFormat, _ offered: RTPDescription, of connection: PeerConnection, canonicalName: String
  ) -> RTPDescription {
    let extensions = agreedExtensions(of: offered, payloadType: format.payloadType, local: .responder)
    let feedback = agreedFeedback(videoFeedback, of: offered, payloadType: format.payloadType, with: extensions)
    var payloadTypes = [
      RTPDescription.PayloadType(id: format.payloadType, name: "VP8", clockRate: 90_000, feedback: feedback)
    ]
    if let rtx = format.rtxPayloadType {
      payloadTypes.append(
        .init(
          id: rtx, name: "rtx", clockRate: 90_000, parameters: [.init(name: "apt", value: String(format.payloadType))]))
    }
    return description(
      of: connection, payloadTypes: payloadTypes, headerExtensions: extensions,
      usesRTX: format.rtxPayloadType != nil, canonicalName: canonicalName)
  }

  /// Any serves where nothing is sent in it and nobody listens.
  private static func anyFormat(of offered: RTPDescription) -> RTPDescription.PayloadType? {
    offered.format("opus") ?? offered.format { _ in true }
  }

  private static func audio(_ offered: RTPDescription, sources: [RTPDescription.Source]) -> RTPDescription {
    guard let format = anyFormat(of: offered) else { return RTPDescription(media: .audio, rtcpMux: true) }
    let payloadType = RTPDescription.PayloadType(
      id: format.id, name: format.name, clockRate: format.clockRate, channels: format.channels,
      parameters: offered.format("opus") == nil ? [] : opusParameters)
    return RTPDescription(media: .audio, payloadTypes: [payloadType], sources: sources, rtcpMux: true)
  }
}

extension Content {
  /// The medium of a content that we can have a transport for; nil for what else XEP-0167 has.
  var kind: MediaKind? { description.flatMap { MediaKind(rawValue: $0.media.rawValue) } }
}
