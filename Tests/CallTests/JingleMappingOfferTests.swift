import ICE
import Jingle
import NIOCore
import Peer
import RTP
import SRTP
import Testing
import XMPP

@testable import Call

@Suite("Mapping of offers and answers")
struct JingleMappingOfferTests {
  private static let now = NIODeadline.uptimeNanoseconds(1_000_000_000)
  private static let fingerprint = Array(repeating: "AB", count: 32).joined(separator: ":")

  /// As Dino 0.4.2 offers: VP8 by the id 98, more sound formats than one, a header extension that we never send.
  private var dino: [Content] {
    let feedback: [RTPDescription.Feedback] = [
      .receiverEstimatedMaximumBitrate, .fullIntraRequest, .nack, .pictureLossIndication,
      .init(type: "transport-cc"),
    ]
    return [
      content(
        "audio",
        RTPDescription(
          media: .audio,
          payloadTypes: [
            .init(id: 9, name: "G722", clockRate: 8_000),
            .init(
              id: 111, name: "opus", clockRate: 48_000, channels: 2,
              parameters: [.init(name: "useinbandfec", value: "1")]),
          ], rtcpMux: true)),
      content(
        "video",
        RTPDescription(
          media: .video, payloadTypes: [.init(id: 98, name: "VP8", clockRate: 90_000, feedback: feedback)],
          headerExtensions: [.init(id: 1, uri: "urn:3gpp:video-orientation")], rtcpMux: true)),
    ]
  }

  /// As libwebrtc's clients do: RTX, further formats, feedback for all of them.
  private var libwebrtc: [Content] {
    var contents = dino
    for index in contents.indices { contents[index].name = String(index) }
    contents[1].description?.payloadTypes = [
      .init(id: 100, name: "H264", clockRate: 90_000),
      .init(id: 101, name: "rtx", clockRate: 90_000, parameters: [.init(name: "apt", value: "100")]),
      .init(id: 96, name: "VP8", clockRate: 90_000),
      .init(id: 97, name: "rtx", clockRate: 90_000, parameters: [.init(name: "apt", value: "96")]),
    ]
    contents[1].description?.feedback = [.nack, .pictureLossIndication]
    return contents
  }

  private func content(_ name: String, _ description: RTPDescription) -> Content {
    Content(
      creator: .initiator, name: name, senders: .both, description: description,
      transport: ICEUDPTransport(
        usernameFragment: "u\(name)", password: "0123456789abcdefghijkl",
        fingerprint: DTLSFingerprint(setup: .actpass, text: Self.fingerprint),
        candidates: [
          .init(id: "1", component: 1, foundation: "1", ip: "192.0.2.1", port: 5000, priority: 1, kind: .host),
          .init(id: "2", component: 2, foundation: "1", ip: "192.0.2.1", port: 5001, priority: 1, kind: .host),
        ]))
  }

  private func connection(_ media: [MediaKind], role: ICERole = .controlled) throws -> PeerConnection {
    PeerConnection(
      configuration: .init(
        ice: .init(), role: role, media: media, certificate: try Certificate(), canonicalName: "cam",
        clock: SessionClock(now: Self.now, wallClock: NTPTimestamp(secondsSince1970: 0, nanoseconds: 0))),
      makeGenerator: { SystemRandomNumberGenerator() })
  }

  private func answer(
    _ contents: [Content], group: ContentGroup? = nil, oneWay: Bool = true
  ) throws -> (contents: [Content], group: ContentGroup?, connection: PeerConnection) {
    let offer = try JingleMapping.offer(contents, group: group)
    let connection = try connection(offer.media.map(\.kind))
    connection.setRemoteDescription(offer.media, bundled: offer.bundled, now: Self.now)
    let answer = JingleMapping.answer(
      to: contents, as: offer, of: connection, fingerprint: try Certificate().fingerprint, canonicalName: "cam",
      oneWay: oneWay, candidates: [:])
    return (answer.contents, answer.group, connection)
  }

  // MARK: The offer

  @Test("Dino's offer has two transports, us as the DTLS client, and VP8 with payload type 98")
  func dinoOffer() throws {
    let offer = try JingleMapping.offer(dino, group: nil)
    #expect(!offer.bundled && offer.media.map(\.kind) == [.audio, .video])
    #expect(offer.media.allSatisfy { $0.transport.localRole == .active })
    #expect(offer.media.map(\.transport.ice.usernameFragment) == ["uaudio", "uvideo"])
    #expect(
      offer.media[1].format == NegotiatedFormat(payloadType: 98, rtxPayloadType: nil, hasReceiverEstimate: true))
    #expect(offer.media[1].transport.candidates.map(\.address.port) == [5000])
    #expect(JingleMapping.kind(ofContent: "video", in: dino) == .video)
    #expect(JingleMapping.kind(ofContent: "1", in: dino) == nil)
  }

  @Test("libwebrtc's offer is a bundle, and VP8 with its own RTX is selected")
  func libwebrtcOffer() throws {
    let offer = try JingleMapping.offer(libwebrtc, group: ContentGroup(contents: ["0", "1"]))
    #expect(offer.bundled)
    #expect(offer.media[1].format == NegotiatedFormat(payloadType: 96, rtxPayloadType: 97))
    #expect(try !JingleMapping.offer(libwebrtc, group: ContentGroup(contents: ["1"])).bundled)
    #expect(try !JingleMapping.offer(libwebrtc, group: ContentGroup(semantics: "LS", contents: ["0", "1"])).bundled)
  }

  @Test(
    "we take the opposite of a DTLS role that the offer chose",
    arguments: [(DTLSFingerprint.Setup.actpass, DTLSRole.active), (.passive, .active), (.active, .passive)])
  func setup(setup: DTLSFingerprint.Setup, role: DTLSRole) throws {
    var contents = dino
    for index in contents.indices { contents[index].transport?.fingerprints[0].setup = setup }
    let offer = try JingleMapping.offer(contents, group: nil)
    #expect(offer.media.allSatisfy { $0.transport.localRole == role })
    let answered = try answer(contents).contents.compactMap { $0.transport?.fingerprint?.setup }
    #expect(answered == Array(repeating: role == .active ? .active : .passive, count: 2))
  }

  @Test(
    "an invalid or unsupported fingerprint is a security error", arguments: ["md5", "sha-1"])
  func fingerprint(hash: String) {
    var contents = dino
    contents[1].transport?.fingerprints[0].hash = hash
    let text = "no usable fingerprint (<fingerprint/> has a malformed attribute 'hash')"
    #expect(throws: JingleMapping.MappingError.security(text)) { try JingleMapping.offer(contents, group: nil) }
    contents[1].transport?.fingerprints[0] = DTLSFingerprint(setup: .actpass, text: "AB:CD")
    let short = "no usable fingerprint (<fingerprint/> lacks its hash value)"
    #expect(throws: JingleMapping.MappingError.security(short)) { try JingleMapping.offer(contents, group: nil) }
    contents[1].transport?.fingerprints = []
    #expect(throws: JingleMapping.MappingError.security("no usable fingerprint")) {
      try JingleMapping.offer(contents, group: nil)
    }
  }

  @Test("an offer without a usable payload type has no common format")
  func noCommonFormat() {
    var without: [[Content]] = [dino, dino, dino]
    without[0][1].description?.payloadTypes[0].name = "H264"
    without[1][1].description?.payloadTypes[0].id = 72
    without[2][1].description?.payloadTypes = []
    for contents in without {
      #expect(throws: JingleMapping.MappingError.noCommonFormat(.video, [])) {
        try JingleMapping.offer(contents, group: nil)
      }
    }
    var silent = dino
    silent[0].description?.payloadTypes = [.init(id: 72, name: "opus", clockRate: 48_000, channels: 2)]
    let error = JingleMapping.MappingError.noCommonFormat(.audio, [])
    #expect(throws: error) { try JingleMapping.offer(silent, group: nil) }
    #expect(JingleMapping.reason(for: error).text == "a format for sound is needed")
  }

  @Test("any audio format is accepted if there is no Opus, since no audio is decoded")
  func otherSound() throws {
    var contents = dino
    contents[0].description?.payloadTypes.removeLast()
    let answer = try answer(contents).contents
    #expect(answer[0].description?.payloadTypes == [.init(id: 9, name: "G722", clockRate: 8_000)])
  }

  // MARK: The answer

  @Test("the answer to Dino mirrors its contents with one format each, FEC of Opus asked for, and no RTX")
  func dinoAnswer() throws {
    let (contents, group, connection) = try answer(dino)
    #expect(group == nil && contents.map(\.name) == ["audio", "video"])
    #expect(contents.allSatisfy { $0.creator == .initiator && $0.description?.rtcpMux == true })
    #expect(contents.map(\.senders) == [.initiator, .responder])
    #expect(
      contents[0].description?.payloadTypes == [
        .init(
          id: 111, name: "opus", clockRate: 48_000, channels: 2, parameters: [.init(name: "useinbandfec", value: "1")])
      ])
    let video = try #require(contents[1].description)
    #expect(
      video.payloadTypes == [
        .init(
          id: 98, name: "VP8", clockRate: 90_000,
          feedback: [.nack, .pictureLossIndication, .fullIntraRequest, .receiverEstimatedMaximumBitrate])
      ])
    #expect(video.headerExtensions.isEmpty && video.sources.map(\.ssrc) == [connection.videoSSRC])
    #expect(video.sourceGroups.isEmpty)
    #expect(Set(contents.compactMap { $0.transport?.usernameFragment }).count == 2)
    #expect(contents.allSatisfy { $0.transport?.fingerprint?.setup == .active })
  }

  @Test("the answer to libwebrtc has VP8 with RTX, the offered feedback, one transport and the group")
  func libwebrtcAnswer() throws {
    let (contents, group, connection) = try answer(libwebrtc, group: ContentGroup(contents: ["0", "1"]))
    #expect(group == ContentGroup(contents: ["0", "1"]))
    let video = try #require(contents[1].description)
    #expect(video.payloadTypes.map(\.id) == [96, 97] && video.payloadTypes[1][parameter: "apt"] == "96")
    #expect(video.payloadTypes[0].feedback == [.nack, .pictureLossIndication])
    #expect(video.sourceGroups == [.init(semantics: "FID", sources: [connection.videoSSRC, connection.rtxSSRC])])
    #expect(Set(contents.compactMap { $0.transport?.usernameFragment }).count == 1)
  }

  @Test("a one-way answer lets only us send where both may, and other senders stay as offered")
  func senders() throws {
    #expect(try answer(dino, oneWay: false).contents.map(\.senders) == [.both, .both])
    var contents = dino
    contents[0].senders = .responder
    contents[1].senders = .initiator
    #expect(try answer(contents).contents.map(\.senders) == [.responder, .initiator])
    contents[1].senders = nil
    #expect(try answer(contents).contents[1].senders == .responder)
  }

  @Test("the peer's sound is received if it is wanted, as Opus, whoever sends at first")
  func heard() throws {
    func heard(_ contents: [Content], hears: Bool = true) throws -> UInt8? {
      let media = try JingleMapping.offer(contents, group: nil, hasSound: true, hearsPeer: hears).media
      return media.first { $0.kind == .audio }?.receivedPayloadType
    }
    var contents = dino
    contents[0].description?.payloadTypes[1].id = 109
    #expect(try heard(contents) == 109)
    #expect(try heard(contents, hears: false) == nil)
    contents[0].senders = .initiator
    #expect(try heard(contents) == 109)
    contents[0].senders = .responder
    #expect(try heard(contents) == 109)
    contents[0].description?.payloadTypes.removeLast()
    #expect(try heard(contents) == nil)
  }

  @Test(
    "a one-way answer takes sound only where the peer is heard",
    arguments: [
      (false, false, Content.Senders.initiator), (true, false, .responder), (true, true, .both),
      (false, true, .initiator),
    ])
  func soundSenders(hasSound: Bool, hears: Bool, expected: Content.Senders) throws {
    let offer = try JingleMapping.offer(dino, group: nil, hasSound: hasSound, hearsPeer: hears)
    let answer = JingleMapping.answer(
      to: dino, as: offer, of: try connection(offer.media.map(\.kind)), fingerprint: try Certificate().fingerprint,
      canonicalName: "cam", oneWay: true, candidates: [:])
    #expect(answer.contents[0].senders == expected)
  }

  @Test("an offer of video only is answered alike, and a removed content is left out")
  func lessContents() throws {
    #expect(try answer([dino[1]]).contents.map(\.name) == ["video"])
    let offer = try JingleMapping.offer(dino, group: nil)
    let answer = JingleMapping.answer(
      to: [dino[1]], as: offer, of: try connection([.audio, .video]), fingerprint: try Certificate().fingerprint,
      canonicalName: "cam", oneWay: true, candidates: [:])
    #expect(answer.contents.map { $0.description?.payloadTypes.first?.id } == [98])
  }

  // MARK: Both ways

  /// Offer and answer through both sessions, as two of us would call each other.
  @Test("our own offer can be answered by us, and the answer is accepted", arguments: [true, false])
  func ourselves(bundled: Bool) throws {
    let (cam, ann) = try (JID("cam@example.org/pi"), JID("ann@example.net/phone"))
    let offering = try connection([.audio, .video], role: .controlling)
    var outgoing = OutgoingCall(sid: "s1", local: cam, peer: ann.bare, media: [.audio, .video])
    outgoing.propose(now: Self.now)
    let proposed = outgoing.pollTransmit()
    let propose = try #require(proposed).from(cam)
    var incoming = try #require(IncomingCall(opening: propose, local: ann, now: Self.now))
    incoming.answer(now: Self.now)
    func exchange() {
      while let stanza = incoming.pollTransmit() { _ = outgoing.receive(stanza.from(ann), now: Self.now) }
      while let stanza = outgoing.pollTransmit() { _ = incoming.receive(stanza.from(cam), now: Self.now) }
      while let stanza = incoming.pollTransmit() { _ = outgoing.receive(stanza.from(ann), now: Self.now) }
    }
    exchange()
    let offer = JingleMapping.offer(
      of: offering, fingerprint: try Certificate().fingerprint, canonicalName: "cam", senders: .both, candidates: [:])
    outgoing.initiate(contents: offer.contents, group: bundled ? offer.group : nil, now: Self.now)
    exchange()
    var accepted: (contents: [Content], group: ContentGroup?)?
    while let event = incoming.pollEvent() {
      guard case .offered(let contents, let group) = event else { continue }
      let described = try answer(contents, group: group, oneWay: false)
      incoming.accept(contents: described.contents, group: described.group, now: Self.now)
    }
    exchange()
    while let event = outgoing.pollEvent() {
      if case .accepted(let contents, let group) = event { accepted = (contents, group) }
    }
    #expect(outgoing.session?.phase == .active && incoming.session?.phase == .active)
    let (contents, group) = try #require(accepted)
    let result = try JingleMapping.answer(contents, group: group)
    #expect(result.bundled == bundled)
    #expect(result.media.allSatisfy { $0.transport.localRole == .passive })
    #expect(
      result.media[1].format
        == NegotiatedFormat(
          payloadType: 96, rtxPayloadType: 97, transportWideSequenceNumberID: 3, absoluteSendTimeID: 2,
          playoutDelayID: 5, hasReceiverEstimate: true))
  }
}

extension XMLElement {
  fileprivate func from(_ sender: JID) -> XMLElement {
    var copy = self
    copy["from"] = sender.description
    return copy
  }
}
