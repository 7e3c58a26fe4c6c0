import ICE
import Jingle
import NIOCore
import Peer
import SRTP
import Testing

@testable import Call

@Suite struct JingleMappingTests {
  private static let fingerprint = Array(repeating: "AB", count: 32).joined(separator: ":")

  private func content(
    _ name: String, media: Media, payloadTypes: [RTPDescription.PayloadType],
    setup: DTLSFingerprint.Setup? = .active, hash: String = "sha-256", fragment: String? = "ufra"
  ) -> Content {
    Content(
      creator: .initiator, name: name, senders: .both,
      description: RTPDescription(media: media, payloadTypes: payloadTypes, rtcpMux: true),
      transport: ICEUDPTransport(
        usernameFragment: fragment, password: "0123456789abcdefghijkl",
        fingerprint: DTLSFingerprint(hash: hash, setup: setup, text: Self.fingerprint),
        candidates: [
          .init(
            id: "1", foundation: "1", ip: "192.0.2.1", port: 5000, priority: 1, kind: .host)
        ]))
  }

  private var vp8: [RTPDescription.PayloadType] {
    [
      .init(id: 100, name: "VP8", clockRate: 90_000),
      .init(id: 101, name: "rtx", clockRate: 90_000, parameters: [.init(name: "apt", value: "100")]),
    ]
  }

  private var opus: [RTPDescription.PayloadType] { [.init(id: 111, name: "opus", clockRate: 48_000, channels: 2)] }

  @Test("an answer determines our DTLS role, the payload types and the candidates")
  func answer() throws {
    let answer = try JingleMapping.answer(
      [content("0", media: .audio, payloadTypes: opus), content("1", media: .video, payloadTypes: vp8)], group: nil)
    #expect(!answer.bundled)
    #expect(answer.media.map(\.kind) == [.audio, .video])
    #expect(answer.media.allSatisfy { $0.transport.localRole == .passive })
    #expect(answer.media[1].format == NegotiatedFormat(payloadType: 100, rtxPayloadType: 101))
    #expect(answer.media[1].transport.candidates.map(\.address.port) == [5000])
  }

  @Test("a group of all contents is a bundle, and a group of some is not")
  func bundle() throws {
    let contents = [
      content("0", media: .audio, payloadTypes: opus), content("1", media: .video, payloadTypes: vp8),
    ]
    #expect(try JingleMapping.answer(contents, group: ContentGroup(contents: ["0", "1"])).bundled)
    #expect(try JingleMapping.answer(contents, group: ContentGroup(contents: ["1", "0"])).bundled)
    #expect(try !JingleMapping.answer(contents, group: ContentGroup(contents: ["1"])).bundled)
    #expect(try !JingleMapping.answer(contents, group: ContentGroup(semantics: "LS", contents: ["0", "1"])).bundled)
  }

  @Test("a bundle uses the transport of the group's first content and the candidates of all")
  func tagged() throws {
    var contents = [
      content("0", media: .audio, payloadTypes: opus, fragment: "zero"),
      content("1", media: .video, payloadTypes: vp8, fragment: "one1"),
    ]
    contents[0].transport?.candidates[0].port = 6000
    let answer = try JingleMapping.answer(contents, group: ContentGroup(contents: ["1", "0"]))
    #expect(answer.media.map(\.kind) == [.video, .audio])
    #expect(answer.media.map(\.transport.ice.usernameFragment) == ["one1", "one1"])
    #expect(answer.media.map { $0.transport.candidates.map(\.address.port) } == [[5000], [6000]])
    contents[0].transport = nil
    let alone = try JingleMapping.answer(contents, group: ContentGroup(contents: ["1", "0"]))
    #expect(alone.media.map(\.transport.candidates.count) == [1, 0])
    #expect(throws: JingleMapping.MappingError.incomplete("content 0")) {
      try JingleMapping.answer(contents, group: nil)
    }
  }

  @Test("an RTX format of another codec is ignored")
  func foreignRTX() throws {
    var formats = vp8
    formats[1].parameters[0].value = "99"
    let answer = try JingleMapping.answer([content("1", media: .video, payloadTypes: formats)], group: nil)
    #expect(answer.media[0].format == NegotiatedFormat(payloadType: 100, rtxPayloadType: nil))
    formats[1].parameters[0].value = " 100"
    let spaced = try JingleMapping.answer([content("1", media: .video, payloadTypes: formats)], group: nil)
    #expect(spaced.media[0].format?.rtxPayloadType == 101)
  }

  @Test("an answer without VP8 has no common format, and the reason names what could not be read")
  func noVP8() throws {
    var answer = content("1", media: .video, payloadTypes: opus)
    #expect(throws: JingleMapping.MappingError.noCommonFormat(.video, [])) {
      try JingleMapping.answer([answer], group: nil)
    }
    var description = try #require(answer.description?.element)
    var odd = RTPDescription.PayloadType(id: 100, name: "VP8", clockRate: 90_000).element
    odd["id"] = "vp8"
    description.append(odd)
    answer.description = try RTPDescription(description)
    let error = JingleMapping.MappingError.noCommonFormat(.video, [.malformedAttribute("id", of: "payload-type")])
    #expect(throws: error) { try JingleMapping.answer([answer], group: nil) }
    #expect(
      JingleMapping.reason(for: error)
        == Reason(
          .failedApplication, text: "VP8 is needed (<payload-type/> has a malformed attribute 'id')"))
  }

  @Test(
    "an answer must choose a DTLS role and have a supported fingerprint",
    arguments: [(DTLSFingerprint.Setup.actpass, "sha-256"), (.holdconn, "sha-256"), (.active, "md5")])
  func security(setup: DTLSFingerprint.Setup, hash: String) {
    let error = #expect(throws: JingleMapping.MappingError.self) {
      try JingleMapping.answer(
        [content("1", media: .video, payloadTypes: vp8, setup: setup, hash: hash)], group: nil)
    }
    guard case .security = error else {
      Issue.record("\(String(describing: error)) is no security error")
      return
    }
  }

  @Test(
    "an answer with missing or overlong ICE credentials is incomplete",
    arguments: [nil, String(repeating: "a", count: 257)])
  func credentials(fragment: String?) {
    #expect(throws: JingleMapping.MappingError.incomplete("ICE credentials")) {
      try JingleMapping.answer([content("1", media: .video, payloadTypes: vp8, fragment: fragment)], group: nil)
    }
  }

  @Test("candidates over TCP, with names, or for the component of RTCP are left out")
  func candidates() {
    func candidate(_ ip: String, component: UInt16 = 1, over: String = "udp") -> ICECandidate? {
      JingleMapping.candidate(
        .init(
          id: "1", component: component, foundation: "1", transportProtocol: over, ip: ip, port: 9, priority: 1,
          kind: .relayed, relatedAddress: "10.0.0.1", relatedPort: 7))
    }
    #expect(candidate("2001:db8::1")?.kind == .relayed)
    #expect(candidate("192.0.2.1")?.relatedAddress?.port == 7)
    #expect(candidate("[2001:db8::1]")?.address == candidate("2001:db8::1")?.address)
    #expect(candidate("4b1d.local") == nil)
    #expect(candidate("192.0.2.1", component: 2) == nil)
    #expect(candidate("192.0.2.1", over: "tcp") == nil)
  }

  @Test("a candidate without a priority gets the one that RFC 8445 recommends for its type")
  func priority() {
    func priority(_ kind: ICEUDPTransport.Candidate.Kind) -> UInt32? {
      JingleMapping.candidate(
        .init(id: "", foundation: "1", ip: "192.0.2.1", port: 9, priority: nil, kind: kind))?.priority
    }
    #expect(priority(.host) == 2_130_706_431)
    #expect(priority(.serverReflexive) == 1_694_498_815 && priority(.relayed) == 16_777_215)
  }
}
