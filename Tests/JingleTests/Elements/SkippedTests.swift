import Jingle
import Testing
import XMPP

@Suite("Unreadable parts that are not needed are left out and reported")
struct SkippedTests {
  private static let rtp = "urn:xmpp:jingle:apps:rtp:1"
  private static let feedback = "urn:xmpp:jingle:apps:rtp:rtcp-fb:0"
  private static let headerExtensions = "urn:xmpp:jingle:apps:rtp:rtp-hdrext:0"
  private static let sources = "urn:xmpp:jingle:apps:rtp:ssma:0"

  private static func element(_ name: String, _ namespace: String, _ attributes: [String: String]) -> XMLElement {
    XMLElement(name, namespace: namespace, attributes: attributes)
  }

  static let oddElements: [(XMLElement, JingleError)] = [
    (element("payload-type", rtp, ["id": "128", "name": "H264"]), .malformedAttribute("id", of: "payload-type")),
    (element("payload-type", rtp, ["name": "H265"]), .missingAttribute("id", of: "payload-type")),
    (element("rtcp-fb", feedback, ["subtype": "pli"]), .missingAttribute("type", of: "rtcp-fb")),
    (
      element("rtp-hdrext", headerExtensions, ["id": "x", "uri": "urn:x"]),
      .malformedAttribute("id", of: "rtp-hdrext")
    ),
    (element("rtp-hdrext", headerExtensions, ["id": "1"]), .missingAttribute("uri", of: "rtp-hdrext")),
    (
      element("rtp-hdrext", headerExtensions, ["id": "1", "uri": "urn:x", "senders": "all"]),
      .malformedAttribute("senders", of: "rtp-hdrext")
    ),
    (element("source", sources, ["ssrc": "4294967296"]), .malformedAttribute("ssrc", of: "source")),
    (
      element("source", sources, ["ssrc": "1"]).adding(element("parameter", sources, ["value": "x"])),
      .missingAttribute("name", of: "parameter")
    ),
    (element("ssrc-group", sources, [:]), .missingAttribute("semantics", of: "ssrc-group")),
    (
      element("ssrc-group", sources, ["semantics": "FID"]).adding(element("source", sources, ["ssrc": "x"])),
      .malformedAttribute("ssrc", of: "source")
    ),
  ]

  private static let vp8 = RTPDescription.PayloadType(id: 96, name: "VP8", clockRate: 90_000, feedback: [.nack])
  private static let description = RTPDescription(
    media: .video, payloadTypes: [vp8], headerExtensions: [.init(id: 3, uri: "urn:y")], sources: [.init(ssrc: 2)],
    rtcpMux: true)

  @Test("an unreadable element of a description is left out and reported", arguments: oddElements)
  func ofDescription(odd: XMLElement, error: JingleError) throws {
    var element = Self.description.element
    element.children.insert(.element(odd), at: 0)
    let parsed = try RTPDescription(element)
    #expect(parsed.skipped == [error])
    #expect(parsed.element == Self.description.element)
  }

  @Test("unknown elements of any form are ignored")
  func unknown() throws {
    var element = Self.description.element
    element.append(
      XMLElement("encryption", namespace: Self.rtp, attributes: ["required": "perhaps"])
        .adding(Self.element("crypto", Self.rtp, ["tag": "-1"])))
    element.append(XMLElement("bandwidth", namespace: Self.rtp, children: [.text("much")]))
    element.append(Self.element("source", Self.rtp, ["ssrc": "x"]))
    #expect(try RTPDescription(element) == Self.description)
  }

  @Test("an unreadable attribute or child of a payload type is left out and reported")
  func ofPayloadType() throws {
    let odd = Self.vp8.element.with("clockrate", "fast").with("channels", "999")
      .adding(Self.element("parameter", Self.rtp, ["name": "x"])).adding(Self.element("rtcp-fb", Self.feedback, [:]))
    let parsed = try RTPDescription(RTPDescription(media: .video).element.adding(odd))
    let payloadType = try #require(parsed.payloadTypes.first)
    #expect((payloadType.id, payloadType.name, payloadType.clockRate, payloadType.channels) == (96, "VP8", nil, 1))
    #expect(payloadType.feedback == [.nack] && payloadType.parameters.isEmpty)
    #expect(
      parsed.skipped == [
        .malformedAttribute("clockrate", of: "payload-type"), .malformedAttribute("channels", of: "payload-type"),
        .missingAttribute("value", of: "parameter"), .missingAttribute("type", of: "rtcp-fb"),
      ])
  }

  @Test("white space around required values and their letter case are ignored")
  func spelling() throws {
    let odd = Self.vp8.element.with("id", " 096 ").with("name", " VP8").with("clockrate", "+90000 ")
    let element = RTPDescription(media: .video).element.with("media", " Video").adding(odd)
    #expect(try RTPDescription(element) == RTPDescription(media: .video, payloadTypes: [Self.vp8]))
  }

  @Test("elements beyond their limit are left out and reported")
  func crowds() throws {
    var crowd = RTPDescription(media: .video)
    crowd.payloadTypes = Array(repeating: Self.vp8, count: RTPDescription.payloadTypeLimit + 1)
    crowd.feedback = Array(repeating: .nack, count: RTPDescription.Feedback.limit + 1)
    crowd.headerExtensions = Array(
      repeating: .init(id: 1, uri: "urn:x"), count: RTPDescription.headerExtensionLimit + 1)
    crowd.sources = Array(repeating: .init(ssrc: 1), count: RTPDescription.sourceLimit + 1)
    crowd.sourceGroups = Array(repeating: .init(semantics: "FID", sources: [1]), count: RTPDescription.sourceLimit + 1)
    let parsed = try RTPDescription(crowd.element)
    #expect(parsed.payloadTypes.count == RTPDescription.payloadTypeLimit)
    #expect(parsed.sources.count == RTPDescription.sourceLimit)
    #expect(
      parsed.skipped
        == ["payload-type", "rtcp-fb", "rtp-hdrext", "source", "ssrc-group"].map { .tooMany($0, of: "description") })
    var verbose = Self.vp8
    verbose.parameters = Array(
      repeating: .init(name: "a", value: "b"), count: RTPDescription.PayloadType.parameterLimit + 1)
    #expect(
      try RTPDescription.PayloadType(verbose.element).parameters.count == RTPDescription.PayloadType.parameterLimit)
  }

  @Test("an unreadable fingerprint beside a valid one is left out, and any of them may state the setup")
  func fingerprints() throws {
    let good = DTLSFingerprint(setup: nil, text: "AA")
    var element = ICEUDPTransport(usernameFragment: "u", password: "p", fingerprint: good).element
    element.append(DTLSFingerprint(setup: nil, text: "BB").element.with("setup", "holdon"))
    element.append(DTLSFingerprint(setup: .active, text: "CC").element)
    let parsed = try ICEUDPTransport(element)
    #expect(parsed.fingerprints.map(\.text) == ["AA", "CC"] && parsed.setup == .active)
    #expect(parsed.skipped == [.malformedAttribute("setup", of: "fingerprint")])
    let contrary = element.adding(DTLSFingerprint(setup: .passive, text: "DD").element)
    #expect(try ICEUDPTransport(contrary).setup == nil)
    for _ in 0..<ICEUDPTransport.fingerprintLimit { element.append(good.element) }
    #expect(try ICEUDPTransport(element).skipped.contains(.tooMany("fingerprint", of: "transport")))
  }

  @Test("an unreadable description, transport or senders of a content is left out and reported")
  func ofContent() throws {
    var element = Content(name: "0").element.with("senders", "sendrecv")
    element.append(RTPDescription(media: .video).element.with("media", nil))
    element.append(ICEUDPTransport(usernameFragment: "u", password: "p").element)
    let parsed = try Content(element)
    #expect(parsed.name == "0" && parsed.senders == nil && parsed.description == nil && parsed.transport != nil)
    #expect(
      parsed.skipped == [.malformedAttribute("senders", of: "content"), .missingAttribute("media", of: "description")])
    #expect(
      try Content(Content(name: "0").element.with("creator", "Initiator").with("senders", " both ")).senders == .both)
  }

  @Test("unreadable contents, and parties that are no JIDs, are left out")
  func ofJingle() throws {
    let content = Content(name: "0")
    var element = Jingle(action: .transportInfo, sid: "s1", contents: [content]).element
    element["initiator"] = "@/"
    element["responder"] = "@/"
    element.append(content.element.with("name", nil))
    let parsed = try Jingle(element)
    #expect(parsed.contents == [content] && parsed.contentError == .missingAttribute("name", of: "content"))
    #expect(parsed.initiator == nil && parsed.responder == nil)
    let crowd = Jingle(
      action: .transportInfo, sid: "s1", contents: (0...Jingle.contentLimit).map { Content(name: "\($0)") })
    #expect(try Jingle(crowd.element).contents == crowd.contents.dropLast())
    #expect(try Jingle(crowd.element).contentError == .tooMany("content", of: "jingle"))
  }

  @Test("groups with other semantics, and invalid ones, are left out")
  func groups() throws {
    let groups = [ContentGroup(semantics: "LS", contents: ["0", "1"]), ContentGroup(contents: ["0", "1"])]
    var element = Jingle(action: .sessionInitiate, sid: "s1").element
    element.append(ContentGroup(contents: []).element.with("semantics", nil))
    for group in groups { element.append(group.element) }
    #expect(try Jingle(element).groups == groups && Jingle(element).contentError == nil)
  }

  @Test("an unreadable medium of a propose is left out")
  func ofPropose() throws {
    let propose = JingleMessage(id: "s1", .propose([.audio, .video])).element
    let nameless = XMLElement("description", namespace: Self.rtp)
    #expect(try JingleMessage(propose.adding(nameless)).kind == .propose([.audio, .video]))
  }

  @Test("errors are short lines, however long the peer's names are, and the first of many are given")
  func errors() {
    #expect(
      [JingleError.malformedAttribute("setup", of: "fingerprint")].summary
        == "<fingerprint/> has a malformed attribute 'setup'")
    #expect([JingleError]().summary == nil)
    let long = JingleError.unknownAction(String(repeating: "x", count: 100_000))
    #expect(long.description.utf8.count < 100)
    let many = Array(repeating: JingleError.missingAttribute("id", of: "payload-type"), count: 100)
    #expect(many.summary?.hasSuffix("<payload-type/> lacks the attribute 'id' and 96 more") == true)
  }
}
