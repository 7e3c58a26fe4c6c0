import Jingle
import NIOCore
import XMPP

@testable import Call

extension FuzzTarget {
  /// What a phone says, in whatever state a call with it is: each request gets one answer.
  static let jingle = FuzzTarget(text: "jingle", seeds: empty, words: jingleWords) { bytes in
    var stanzas: [XMLElement] = []
    for case .stanza(var stanza) in events(bytes, step: .max) {
      stanza["from"] = JingleScene.phone.description
      stanzas.append(stanza)
      if let element = stanza.first("jingle", JingleScene.namespace), let jingle = try? Jingle(element) { map(jingle) }
    }
    for state in JingleScene.State.allCases {
      var scene = JingleScene(state)
      for stanza in stanzas { scene.receive(stanza) }
    }
    for stanza in stanzas { JingleScene.open(by: stanza) }
  }

  /// What became of it is what it says to others.
  private static func map(_ jingle: Jingle) {
    guard let again = try? Jingle(jingle.element) else { fatalError("it does not read what it wrote") }
    require(again.element == jingle.element, "it reads otherwise what it wrote")
    _ = try? JingleMapping.offer(jingle.contents, group: jingle.groups.first)
    _ = try? JingleMapping.answer(jingle.contents, group: jingle.groups.first)
  }

  /// Each action with nothing in it.
  private static let empty = [
    "session-accept", "session-initiate", "session-terminate", "session-info", "transport-info", "transport-replace",
    "content-add", "content-modify", "content-remove", "description-info", "security-info",
  ].map { "<iq type='set' id='1'><jingle xmlns='urn:xmpp:jingle:1' sid='s1' action='\($0)'/></iq>" }

  static let jingleWords = [
    "<iq type='set' id='1'>", "</iq>", "<message id='1'>", "</message>", "<presence type='unavailable'/>",
    "<iq type='result' id='s1-1'/>", "<iq type='error' id='s1-1'><error type='cancel'/></iq>",
    "<jingle xmlns='urn:xmpp:jingle:1' sid='s1' action='", "</jingle>", "session-accept", "session-initiate",
    "session-terminate", "transport-info", "transport-replace", "content-add", "content-modify", "content-remove",
    "description-info", "session-info", "security-info", "<content creator='initiator' name='0'>", "</content>",
    "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'>", "</description>", "<rtcp-mux/>",
    "<payload-type id='96' name='VP8' clockrate='90000'/>", "<transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ",
    "ufrag='abcd' pwd='abcdefghijklmnopqrstuv'>", "</transport>",
    "<candidate component='1' foundation='1' ip='192.0.2.1' port='1' priority='1' protocol='udp' type='host'/>",
    "<fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='active'>", "</fingerprint>",
    "<group xmlns='urn:xmpp:jingle:apps:grouping:0' semantics='BUNDLE'>", "<reason><success/></reason>",
    "<proceed xmlns='urn:xmpp:jingle-message:0' id='s1'/>", "<propose xmlns='urn:xmpp:jingle-message:0' id='s1'>",
    "<reject xmlns='urn:xmpp:jingle-message:0' id='s1'/>", "<retract xmlns='urn:xmpp:jingle-message:0' id='s1'/>",
  ]
}
