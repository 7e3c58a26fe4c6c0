import Jingle
import Testing
import XMPP

@Suite("Malformed elements are refused, each with its error")
struct MalformedTests {
  private func expect(_ error: JingleError, _ body: () throws -> Void) {
    #expect(throws: error) { try body() }
  }

  @Test("a malformed jingle element is refused with its error")
  func jingle() {
    let good = Jingle(action: .sessionInfo, sid: "s1").element
    expect(.unexpectedElement("content")) { _ = try Jingle(Content(name: "0").element) }
    expect(.unexpectedElement("jingle")) { _ = try Jingle(XMLElement("jingle", namespace: "urn:x")) }
    expect(.missingAttribute("action", of: "jingle")) { _ = try Jingle(good.with("action", nil)) }
    expect(.unknownAction("session-dance")) { _ = try Jingle(good.with("action", "session-dance")) }
    expect(.missingAttribute("sid", of: "jingle")) { _ = try Jingle(good.with("sid", nil)) }
    expect(.missingAttribute("sid", of: "jingle")) { _ = try Jingle(good.with("sid", "")) }
  }

  @Test("malformed contents and groups are refused with their errors")
  func content() {
    let good = Content(name: "0").element
    expect(.missingAttribute("name", of: "content")) { _ = try Content(good.with("name", nil)) }
    expect(.malformedAttribute("creator", of: "content")) { _ = try Content(good.with("creator", "me")) }
    let group = ContentGroup(contents: ["0"]).element
    expect(.missingAttribute("semantics", of: "group")) { _ = try ContentGroup(group.with("semantics", nil)) }
    let nameless = XMLElement("content", namespace: "urn:xmpp:jingle:apps:grouping:0")
    expect(.missingAttribute("name", of: "content")) { _ = try ContentGroup(group.adding(nameless)) }
    expect(.tooMany("content", of: "group")) {
      _ = try ContentGroup(ContentGroup(contents: (0...Jingle.contentLimit).map(String.init)).element)
    }
  }

  @Test("malformed descriptions and payload types are refused with their errors")
  func payloadType() {
    let description = RTPDescription(media: .video)
    expect(.missingAttribute("media", of: "description")) {
      _ = try RTPDescription(description.element.with("media", nil))
    }
    let type = RTPDescription.PayloadType(id: 96, name: "VP8", clockRate: 90000)
    expect(.missingAttribute("id", of: "payload-type")) {
      _ = try RTPDescription.PayloadType(type.element.with("id", nil))
    }
    for id in ["128", "256", "-1", "", "9 6"] {
      expect(.malformedAttribute("id", of: "payload-type")) {
        _ = try RTPDescription.PayloadType(type.element.with("id", id))
      }
    }
    expect(.missingAttribute("value", of: "parameter")) {
      _ = try RTPDescription.Parameter(RTPDescription.Parameter(name: "a", value: "b").element.with("value", nil))
    }
  }

  @Test("malformed feedback, header extensions and sources are refused with their errors")
  func attributes() {
    expect(.missingAttribute("type", of: "rtcp-fb")) {
      _ = try RTPDescription.Feedback(RTPDescription.Feedback.nack.element.with("type", nil))
    }
    let header = RTPDescription.HeaderExtension(id: 1, uri: "urn:x").element
    expect(.missingAttribute("id", of: "rtp-hdrext")) {
      _ = try RTPDescription.HeaderExtension(header.with("id", nil))
    }
    expect(.missingAttribute("uri", of: "rtp-hdrext")) {
      _ = try RTPDescription.HeaderExtension(header.with("uri", nil))
    }
    expect(.malformedAttribute("senders", of: "rtp-hdrext")) {
      _ = try RTPDescription.HeaderExtension(header.with("senders", "x"))
    }
    let source = RTPDescription.Source(ssrc: 1, parameters: [.init(name: "cname", value: "x")])
    expect(.missingAttribute("ssrc", of: "source")) {
      _ = try RTPDescription.Source(source.element.with("ssrc", nil))
    }
    expect(.missingAttribute("name", of: "parameter")) {
      _ = try RTPDescription.Source.Parameter(source.parameters[0].element.with("name", nil))
    }
    var talkative = source
    talkative.parameters = Array(
      repeating: source.parameters[0], count: RTPDescription.Source.parameterLimit + 1)
    expect(.tooMany("parameter", of: "source")) { _ = try RTPDescription.Source(talkative.element) }
    expect(.missingAttribute("semantics", of: "ssrc-group")) {
      let group = RTPDescription.SourceGroup(semantics: "FID", sources: [1]).element
      _ = try RTPDescription.SourceGroup(group.with("semantics", nil))
    }
    expect(.tooMany("source", of: "ssrc-group")) {
      let sources = (0...UInt32(RTPDescription.sourceLimit)).map { $0 }
      _ = try RTPDescription.SourceGroup(
        RTPDescription.SourceGroup(semantics: "FID", sources: sources).element)
    }
  }

  @Test("a malformed fingerprint is refused with its error")
  func fingerprint() {
    let fingerprint = DTLSFingerprint(setup: .active, text: "AA").element
    expect(.missingAttribute("hash", of: "fingerprint")) { _ = try DTLSFingerprint(fingerprint.with("hash", nil)) }
    expect(.malformedAttribute("setup", of: "fingerprint")) { _ = try DTLSFingerprint(fingerprint.with("setup", "x")) }
    for text in ["", " \n", String(repeating: "A", count: DTLSFingerprint.textLimit + 1)] {
      var odd = fingerprint
      odd.children = [.text(text)]
      expect(.missingElement("text", of: "fingerprint")) { _ = try DTLSFingerprint(odd) }
    }
  }

  @Test("malformed Jingle messages and receipts are refused with their errors")
  func messages() {
    let good = JingleMessage(id: "s1", .propose([.video])).element
    expect(.missingAttribute("id", of: "propose")) { _ = try JingleMessage(good.with("id", nil)) }
    expect(.unexpectedElement("sing")) {
      _ = try JingleMessage(
        XMLElement("sing", namespace: "urn:xmpp:jingle-message:0", attributes: ["id": "s1"]))
    }
    expect(.unexpectedElement("reason")) { _ = try JingleMessage(Reason(.busy).element) }
    expect(.tooMany("description", of: "propose")) {
      let media = Array(repeating: Media.audio, count: JingleMessage.mediaLimit + 1)
      _ = try JingleMessage(JingleMessage(id: "s1", .propose(media)).element)
    }
    expect(.missingAttribute("id", of: "received")) {
      _ = try DeliveryReceipt(DeliveryReceipt(id: "x").element.with("id", nil))
    }
  }
}
