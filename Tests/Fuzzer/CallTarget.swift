import Call
import ICE
import Jingle
import NIOCore
import Peer
import RTP
import TestSupport
import XMPP

extension FuzzTarget {
  /// A whole call of either direction, from its first stanza to its last datagram.
  ///
  /// The input is what the phone's side says, a stanza a second. What else happens stands between them as an element:
  /// `<wait s='30'/>`, `<picture/>`, `<leave/>` and `<return/>` of the peer's device, `<refuse/>` of all that we ask
  /// for from then on, `<moved/>` of our own address, `<hang-up/>`. With `<handshake setup='active'/>` the phone takes part
  /// in the DTLS handshake, and then `<feedback/>` is its RTCP.
  static let call = FuzzTarget(text: "call", seeds: seeds, words: words) { bytes in
    var stanzas: [XMLElement] = []
    for case .stanza(let stanza) in events(withFingerprint(bytes), step: .max) { stanzas.append(stanza) }
    for isIncoming in [false, true] {
      guard let scene = CallScene(isIncoming: isIncoming, by: stanzas.first) else { continue }
      for stanza in stanzas.dropFirst(isIncoming ? 1 : 0) { scene.act(stanza) }
      scene.end()
    }
  }

  /// The phone's certificate is another in each process, and an input has this in place of its fingerprint.
  private static func withFingerprint(_ bytes: ByteBuffer) -> ByteBuffer {
    let text = String(buffer: bytes)
    guard text.contains(placeholder) else { return bytes }
    return ByteBuffer(string: text.replacing(placeholder, with: PeerScene.certificate.fingerprint.text))
  }

  private static let placeholder = Array(repeating: "AB", count: 32).joined(separator: ":")
  private static let description =
    "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'><payload-type id='96' name='VP8' clockrate='90000'/>"
    + "<rtcp-mux/></description>"
  private static let transport =
    "<transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='abcd' pwd='abcdefghijklmnopqrstuv'>"
    + "<candidate component='1' foundation='1' id='1' ip='198.51.100.2' port='6000' priority='1' protocol='udp' type='host'/>"
  private static let fingerprint =
    "<fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='active'>"
    + "\(placeholder)</fingerprint>"

  private static func jingle(_ action: String, _ content: String) -> String {
    "<iq type='set' id='1'><jingle xmlns='urn:xmpp:jingle:1' sid='s1' action='\(action)'>\(content)</jingle></iq>"
  }

  private static func content(_ content: String) -> String {
    "<content creator='initiator' name='1'>\(content)</content>"
  }

  private static let seeds: [String] = {
    let video = content("\(description)\(transport)\(fingerprint)</transport>")
    let media = "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'/>"
    let proposed = "<message id='1'><propose xmlns='urn:xmpp:jingle-message:0' id='s1'>\(media)</propose></message>"
    let proceeded = "<message id='1'><proceed xmlns='urn:xmpp:jingle-message:0' id='s1'/></message>"
    let answered = proceeded + jingle("session-accept", video)
    let offered = proposed + jingle("session-initiate", video)
    let restarted = jingle("transport-info", content(transport.replacing("abcd'", with: "efgh'") + "</transport>"))
    let shaken = "<wait s='2'/><handshake setup='active'/><wait s='1'/>"
    let streamed =
      "<picture/><feedback/><picture layer='1'/><feedback pli='1' lost='9' nack='2'/><feedback bps='90000'/>"
      + jingle("content-modify", "<content creator='initiator' name='1' senders='none'/>") + "<picture/>"
    let rtx =
      "<payload-type id='97' name='rtx' clockrate='90000'><parameter name='apt' value='96'/></payload-type>"
    let ended = jingle("session-terminate", "<reason><success/></reason>")
    return [
      offered + "<wait s='2'/><picture/>" + ended, answered + "<wait s='30'/>" + restarted + "<leave/><wait s='60'/>",
      jingle("session-initiate", video) + "<wait s='1'/><moved/><picture/>" + restarted + "<hang-up/>",
      proceeded + "<refuse/>" + jingle("session-accept", video) + "<moved/><wait s='20'/><return/><wait s='300'/>",
      answered + shaken + streamed + restarted + "<wait s='9'/>" + streamed + ended,
      offered.replacing("setup='active'", with: "setup='passive'").replacing("<rtcp-mux/>", with: rtx + "<rtcp-mux/>")
        + shaken.replacing("active", with: "passive") + streamed + "<leave/><wait s='9'/><hang-up/>",
      offered.replacing("198.51.100.2", with: "0e5a4f4c-2b2c-4c3f-9f0e-111111111111.local") + "<wait s='5'/>" + ended,
    ]
  }()

  private static let words =
    jingleWords + [
      "<wait s='5'/>", "<wait s='60'/>", "<picture/>", "<handshake setup='active'/>", "<handshake setup='passive'/>",
      "<feedback/>", "<feedback pli='1' nack='1'/>", "<feedback bps='1'/>", "<leave/>", "<return/>", "<refuse/>",
      "<moved/>", "<hang-up/>",
      transport, fingerprint, description, "a.local", "198.51.100.2",
    ]
}
