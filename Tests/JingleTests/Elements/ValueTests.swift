import Jingle
import Testing
import XMPP

@Suite("Elements as values")
struct ValueTests {
  @Test("Dino's answer is read as video over one transport with six candidates of two components")
  func dinoAnswer() throws {
    let content = try #require(try Fixture.jingle("dino-session-accept").contents.first)
    #expect(content.name == "video" && content.senders == .initiator && content.creator == .initiator)
    let description = try #require(content.description)
    #expect(description.media == .video && description.rtcpMux && description.ssrc == nil)
    #expect(
      description.payloadTypes == [
        .init(
          id: 97, name: "VP8", clockRate: 90000,
          feedback: [.nack, .pictureLossIndication, .fullIntraRequest, .receiverEstimatedMaximumBitrate])
      ])
    let transport = try #require(content.transport)
    #expect(transport.usernameFragment == "al8p" && transport.password == "FPkCEnxh/XGnYuAkOE7foz")
    #expect(transport.fingerprint?.setup == .active && transport.fingerprint?.hash == "sha-256")
    #expect(transport.fingerprint?.text.hasPrefix("FA:EC:9B") == true)
    #expect(transport.candidates.map(\.component) == [1, 1, 2, 2, 1, 2])
    #expect(
      transport.candidates[4]
        == .init(
          id: "0531042c", foundation: "5", ip: "10.77.0.1", port: 49318, priority: 505_413_887, kind: .relayed,
          relatedAddress: "10.77.0.20", relatedPort: 45286))
    #expect(transport.candidates[1].ip == "fd77::20" && content.skipped.isEmpty)
  }

  @Test("Dino's offer is read as audio and video with parameters and header extensions")
  func dinoOffer() throws {
    let jingle = try Fixture.jingle("dino-session-initiate")
    #expect(jingle.action == .sessionInitiate && jingle.initiator?.resource == "dino.1" && jingle.groups.isEmpty)
    #expect(jingle.contents.map { $0.description?.media } == [.audio, .video])
    let opus = try #require(jingle.contents[0].description?.payloadTypes.first)
    #expect(opus.channels == 2 && opus.clockRate == 48000 && opus[parameter: "useinbandfec"] == "1")
    #expect(jingle.contents[1].description?.headerExtensions == [.init(id: 1, uri: "urn:3gpp:video-orientation")])
  }

  @Test("sources, their groups and attributes without value are distinguished")
  func sources() throws {
    let description = try #require(try Fixture.jingle("retransmission-sources").contents[0].description)
    #expect(description.ssrc == 1 && description.feedback == [.init(type: "transport-cc")])
    #expect(description.sources.map(\.ssrc) == [1, 2])
    #expect(description.sources[1].parameters == [.init(name: "recvonly", value: nil)])
    #expect(description.sourceGroups == [.init(semantics: "FID", sources: [1, 2])])
    #expect(description.headerExtensions[0].senders == .initiator)
    #expect(description.payloadTypes[0][parameter: "apt"] == "96")
  }

  @Test("an unknown or misspelt reason is a normal end", arguments: ["failed_application", "failed_transport", "moo"])
  func misspelt(name: String) throws {
    let element = XMLElement(
      "reason", namespace: "urn:xmpp:jingle:1",
      children: [.element(XMLElement(name, namespace: "urn:xmpp:jingle:1"))])
    let reason = try Reason(element)
    #expect(reason.condition.rawValue == name && !reason.condition.isFailure)
  }

  @Test("the condition of a reason is found wherever the text is, and an empty reason is a success")
  func reasons() throws {
    var element = XMLElement("reason", namespace: "urn:xmpp:jingle:1")
    #expect(try Reason(element) == Reason(.success))
    element.append(XMLElement("text", namespace: "urn:xmpp:jingle:1", children: [.text("no way")]))
    element.append(XMLElement("decline", namespace: "urn:xmpp:jingle:1"))
    #expect(try Reason(element) == Reason(.decline, text: "no way"))
    #expect(Reason.Condition.connectivityError.isFailure && !Reason.Condition.success.isFailure)
  }

  @Test("the text of a reason is limited to a line")
  func longText() throws {
    let long = Reason(.success, text: String(repeating: "x", count: 10000))
    #expect(try Reason(long.element).text?.count == Reason.textLimit)
  }

  @Test("white space in a fingerprint and the letter case of its hash function are ignored")
  func fingerprint() throws {
    let element = DTLSFingerprint(setup: .passive, text: "AA:BB").element
    var padded = element.with("hash", "SHA-256")
    padded.children = [.text("\n  AA:BB\n")]
    #expect(try DTLSFingerprint(padded) == DTLSFingerprint(hash: "sha-256", setup: .passive, text: "AA:BB"))
  }

  @Test("a missing creator means the initiator, and a missing senders remains nil")
  func defaults() throws {
    let element = XMLElement("content", namespace: "urn:xmpp:jingle:1", attributes: ["name": "0"])
    #expect(try Content(element) == Content(creator: .initiator, name: "0", senders: nil))
  }
}
