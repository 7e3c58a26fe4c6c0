import ICE
import Jingle
import NIOCore
import Peer
import RTP
import SRTP
import Testing

@testable import Call

@Suite("Congestion control in offers and answers, client by client")
struct CongestionControlMappingTests {
  private static let transportWide = JingleMapping.transportWideSequenceNumberURI
  private static let sendTime = JingleMapping.absoluteSendTimeURI
  private static let playoutDelay = JingleMapping.playoutDelayURI
  private static let feedback: [RTPDescription.Feedback] = [
    .receiverEstimatedMaximumBitrate, .transportWide, .fullIntraRequest, .nack, .pictureLossIndication,
  ]

  /// What a client makes of the descriptions that it gets, and what it writes itself.
  struct Client: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var feedback: [RTPDescription.Feedback] = CongestionControlMappingTests.feedback
    var readsFeedbackOfDescription = true
    var writesFeedbackOfDescription = false
    var extensions = [sendTime, transportWide, playoutDelay, "urn:3gpp:video-orientation"]
    var sound: [RTPDescription.Feedback] = [.transportWide]
    /// What our format has in the end.
    var expected: (transportWide: Bool, sendTime: Bool, estimate: Bool) = (true, true, true)
    var expectsPlayoutDelay: Bool { extensions.contains(playoutDelay) }
  }

  static let clients = [
    Client(testDescription: "Conversations"),
    // It knows no other types than these.
    Client(
      testDescription: "Monal",
      feedback: [
        .init(type: "ack"), .init(type: "trr-int"), .fullIntraRequest, .nack, .pictureLossIndication,
        .receiverEstimatedMaximumBitrate, .transportWide,
      ]),
    Client(testDescription: "Siskin", readsFeedbackOfDescription: false),
    Client(testDescription: "Movim", writesFeedbackOfDescription: true),
    Client(
      testDescription: "Dino 0.5",
      feedback: [.receiverEstimatedMaximumBitrate, .fullIntraRequest, .nack, .pictureLossIndication],
      extensions: ["urn:3gpp:video-orientation"], sound: [], expected: (false, false, true)),
    Client(
      testDescription: "aiortc", feedback: [.nack, .pictureLossIndication, .receiverEstimatedMaximumBitrate],
      extensions: [sendTime], sound: [], expected: (false, true, true)),
    Client(
      testDescription: "feedback without its extension", extensions: [sendTime], expected: (false, true, true)),
    Client(
      testDescription: "an extension without its feedback",
      feedback: [.nack, .pictureLossIndication, .receiverEstimatedMaximumBitrate], sound: [],
      expected: (false, true, true)),
    Client(
      testDescription: "nothing", feedback: [], extensions: [], sound: [], expected: (false, false, false)),
  ]

  private static func connection(_ role: ICERole) throws -> PeerConnection {
    let now = NIODeadline.uptimeNanoseconds(1_000_000_000)
    return PeerConnection(
      configuration: .init(
        ice: .init(), role: role, media: [.audio, .video], certificate: try Certificate(), canonicalName: "cam",
        clock: SessionClock(now: now, wallClock: NTPTimestamp(rawValue: 0))),
      makeGenerator: { SystemRandomNumberGenerator() })
  }

  private static func offer() throws -> [Content] {
    JingleMapping.offer(
      of: try connection(.controlling), fingerprint: try Certificate().fingerprint, canonicalName: "cam",
      senders: .both, candidates: [:]
    ).contents
  }

  /// An offer of the client's own, with other identifiers than ours.
  private static func offer(of client: Client) throws -> [Content] {
    var contents = try offer()
    for index in contents.indices {
      let feedback = index == 0 ? client.sound : client.feedback
      contents[index].description?.payloadTypes[0].feedback = client.writesFeedbackOfDescription ? [] : feedback
      contents[index].description?.feedback = client.writesFeedbackOfDescription ? feedback : []
      contents[index].description?.headerExtensions = client.extensions.enumerated().map { place, uri in
        .init(id: UInt16(14 - place), uri: uri)
      }
    }
    return contents
  }

  private static func answer(to contents: [Content]) throws -> [RTPDescription] {
    let offer = try JingleMapping.offer(contents, group: ContentGroup(contents: contents.map(\.name)))
    return JingleMapping.answer(
      to: contents, as: offer, of: try connection(.controlled), fingerprint: try Certificate().fingerprint,
      canonicalName: "cam", oneWay: false, candidates: [:]
    ).contents.compactMap(\.description)
  }

  private static func answer(_ contents: [Content]) throws -> NegotiatedFormat? {
    var contents = contents
    for index in contents.indices { contents[index].transport?.fingerprints[0].setup = .active }
    return try JingleMapping.answer(contents, group: nil).media.first { $0.kind == .video }?.format
  }

  @Test("our offer of video has the extensions, and feedback on the payload type; that of sound has neither")
  func ours() throws {
    let descriptions = try Self.offer().compactMap(\.description)
    #expect(descriptions.map(\.media) == [.audio, .video])
    #expect(descriptions[0].headerExtensions.isEmpty && descriptions[0].payloadTypes[0].feedback.isEmpty)
    #expect(
      descriptions[1].headerExtensions
        == [
          .init(id: 2, uri: Self.sendTime), .init(id: 3, uri: Self.transportWide),
          .init(id: 5, uri: Self.playoutDelay),
        ])
    // Once is enough for everybody.
    #expect(descriptions.allSatisfy { $0.feedback.isEmpty })
    #expect(descriptions[1].payloadTypes[0].feedback.count == Self.feedback.count)
    #expect(Set(descriptions[1].payloadTypes[0].feedback) == Set(Self.feedback))
  }

  @Test("what the client keeps of our offer is agreed", arguments: clients)
  func answered(client: Client) throws {
    var contents = try Self.offer()
    for index in contents.indices {
      guard var description = contents[index].description else { continue }
      let known = index == 0 ? client.sound : client.feedback
      let read =
        description.payloadTypes[0].feedback + (client.readsFeedbackOfDescription ? description.feedback : [])
      let kept = read.filter(known.contains)
      description.payloadTypes[0].feedback = client.writesFeedbackOfDescription ? [] : kept
      description.feedback = client.writesFeedbackOfDescription ? kept : []
      description.headerExtensions.removeAll { !client.extensions.contains($0.uri) }
      contents[index].description = description
    }
    #expect(
      try Self.answer(contents)
        == NegotiatedFormat(
          payloadType: 96, rtxPayloadType: 97, transportWideSequenceNumberID: client.expected.transportWide ? 3 : nil,
          absoluteSendTimeID: client.expected.sendTime ? 2 : nil,
          playoutDelayID: client.expectsPlayoutDelay ? 5 : nil, hasReceiverEstimate: client.expected.estimate))
  }

  @Test("what the client offers for video is agreed under its identifiers, and our answer says so", arguments: clients)
  func offered(client: Client) throws {
    let contents = try Self.offer(of: client)
    let ids = Dictionary(uniqueKeysWithValues: client.extensions.enumerated().map { ($1, UInt8(14 - $0)) })
    let format = try JingleMapping.offer(contents, group: nil).media.first { $0.kind == .video }?.format
    #expect(
      format
        == NegotiatedFormat(
          payloadType: 96, rtxPayloadType: 97,
          transportWideSequenceNumberID: client.expected.transportWide ? ids[Self.transportWide] : nil,
          absoluteSendTimeID: client.expected.sendTime ? ids[Self.sendTime] : nil,
          playoutDelayID: ids[Self.playoutDelay],
          hasReceiverEstimate: client.expected.estimate))
    #expect(format?.hasTransportFeedback == client.expected.transportWide)

    let descriptions = try Self.answer(to: contents)
    #expect(descriptions.count == 2)
    #expect(descriptions[0].headerExtensions.isEmpty && descriptions[0].payloadTypes[0].feedback.isEmpty)
    let extensions = Dictionary(uniqueKeysWithValues: descriptions[1].headerExtensions.map { ($0.uri, UInt8($0.id)) })
    let expected = [
      Self.sendTime: client.expected.sendTime ? ids[Self.sendTime] : nil,
      Self.transportWide: client.expected.transportWide ? ids[Self.transportWide] : nil,
      Self.playoutDelay: ids[Self.playoutDelay],
    ].compactMapValues { $0 }
    #expect(extensions == expected)
    #expect(descriptions.allSatisfy { $0.feedback.isEmpty })
    let feedback = descriptions[1].payloadTypes[0].feedback
    #expect(feedback.contains(.transportWide) == client.expected.transportWide)
    #expect(feedback.contains(.receiverEstimatedMaximumBitrate) == client.expected.estimate)
    #expect(feedback.allSatisfy(client.feedback.contains))
  }

  @Test(
    "an identifier that does not fit the one-byte form is refused",
    arguments: [0, 15, 16, 255, 4096, 65_535] as [UInt16])
  func identifiers(id: UInt16) throws {
    var contents = try Self.offer(of: Self.clients[0])
    for index in contents.indices { contents[index].description?.headerExtensions[1].id = id }
    #expect(try JingleMapping.offer(contents, group: nil).media[1].format?.hasTransportFeedback == false)
    #expect(try Self.answer(contents)?.hasTransportFeedback == false)
    let description = try Self.answer(to: contents)[1]
    #expect(description.headerExtensions.first?.uri == Self.sendTime)
    #expect(!description.headerExtensions.contains { $0.uri == Self.transportWide })
    #expect(!description.payloadTypes[0].feedback.contains(.transportWide))
  }

  @Test("an identifier that stands for two extensions is refused, and one extension under two identifiers is not")
  func ambiguous() throws {
    var contents = try Self.offer(of: Self.clients[0])
    let last = try #require(contents[1].description?.headerExtensions.last)
    contents[1].description?.headerExtensions.append(.init(id: 13, uri: "urn:x"))
    #expect(try JingleMapping.offer(contents, group: nil).media[1].format?.hasTransportFeedback == false)
    contents[1].description?.headerExtensions = [
      .init(id: 200, uri: Self.transportWide), .init(id: 7, uri: Self.transportWide),
      .init(id: 8, uri: Self.transportWide), last,
    ]
    let format = try JingleMapping.offer(contents, group: nil).media[1].format
    #expect(format?.transportWideSequenceNumberID == 7)
    #expect(try Self.answer(to: contents)[1].headerExtensions == [.init(id: 7, uri: Self.transportWide)])
  }

  @Test(
    "an extension that only the other side may send is not used",
    arguments: [
      (Content.Senders.both, true, true), (.initiator, true, false), (.responder, false, true), (.none, false, false),
    ])
  func senders(senders: Content.Senders, weOffer: Bool, weAnswer: Bool) throws {
    var contents = try Self.offer(of: Self.clients[0])
    contents[1].description?.headerExtensions[1].senders = senders
    #expect(try Self.answer(contents)?.hasTransportFeedback == weOffer)
    #expect(try JingleMapping.offer(contents, group: nil).media[1].format?.hasTransportFeedback == weAnswer)
    let answered = try Self.answer(to: contents)[1].headerExtensions.first { $0.uri == Self.transportWide }
    #expect(answered?.senders == (weAnswer ? senders : nil))
  }
}
