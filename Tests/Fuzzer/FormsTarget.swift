import NIOCore

@testable import XMPP

extension FuzzTarget {
  /// What contacts and the server say in the extensions that we read: commands and their forms, and results of
  /// requests.
  static let forms = FuzzTarget(text: "forms", seeds: seeds, words: words) { bytes in
    guard let local = try? JID("cam@example.org/pi") else { fatalError() }
    var now = NIODeadline.fuzzStart
    var commands = AdHocCommands([.init(node: "bitrate", name: "Bitrate")], makeSessionID: { "s" })
    var roster = Roster()
    for case .stanza(let stanza) in events(bytes, step: .max) {
      now = now + .minutes(4)
      if case .perform(let request) = commands.receive(stanza, now: now) {
        if let form = request.form {
          _ = form["bitrate"]
          require(form.fields.count <= DataForm.fieldLimit)
          _ = commands.reply(to: request, "done")
        } else {
          _ = commands.ask(request, DataForm(.form, fields: [.init("bitrate", .textSingle)]), now: now)
        }
      }
      _ = AdHocCommands.forbid(stanza)
      _ = roster.receive(push: stanza, local: local)
      _ = roster.receive(result: stanza)
      _ = ChatMessage(live: stanza, local: local)?.reply("yes")
      _ = DelayedDelivery.isStamped(stanza)
      _ = StanzaError(parsing: stanza)
      read(result: stanza, from: local.server)
    }
  }

  private static func read(result: XMLElement, from server: JID) {
    var services = ExternalService.parse(result)
    for index in services.indices { services[index].takeCredentials(from: result) }
    _ = ExternalService.lackingCredentials(among: services)
    _ = ServiceDiscovery.items(in: result)
    _ = EntityTime.secondsSince1970(result)
    if let upload = HTTPFileUpload(server, information: result) {
      _ = try? upload.slotRequest(filename: "a", size: 1 << 20, contentType: "image/jpeg")
    }
    if let slot = try? HTTPFileUpload.Slot(parsing: result) { require(!slot.put.host.isEmpty) }
  }

  private static let seeds = [
    "<iq type='set' id='1' from='a@b/c'><command xmlns='http://jabber.org/protocol/commands' node='bitrate'/></iq>"
      + "<iq type='set' id='2' from='a@b/c'><command xmlns='http://jabber.org/protocol/commands' node='bitrate' "
      + "sessionid='s' action='complete'><x xmlns='jabber:x:data' type='submit'><field var='bitrate'><value>1</value></field>"
      + "</x></command></iq>",
    "<iq type='get' id='3' from='a@b/c'><query xmlns='http://jabber.org/protocol/disco#items' "
      + "node='http://jabber.org/protocol/commands'/></iq>",
    "<iq type='result'><services xmlns='urn:xmpp:extdisco:2'><service type='turn' host='[::1]' port=' 3478' transport='UDP' "
      + "username='a' password='b' restricted='1' expires='2026-01-01T00:00:00Z'/></services></iq>",
    "<iq type='result'><slot xmlns='urn:xmpp:http:upload:0'><put url='https://a.example:443/b?c#d'>"
      + "<header name='Authorization'>x</header></put><get url='https://a.example/b'/></slot></iq>",
    "<iq type='result'><query xmlns='http://jabber.org/protocol/disco#info'><identity category='store' type='file'/>"
      + "<feature var='urn:xmpp:http:upload:0'/><x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE'>"
      + "<value>urn:xmpp:http:upload:0</value></field><field var='max-file-size'><value>5242880</value></field></x></query></iq>",
    "<iq type='result'><time xmlns='urn:xmpp:time'><utc>2026-01-01T00:00:00Z</utc><tzo>-06:00</tzo></time></iq>",
    "<message type='chat' from='a@b/c'><body>status</body><thread>t</thread><delay xmlns='urn:xmpp:delay' stamp='x'/></message>",
    "<iq type='set' id='4'><query xmlns='jabber:iq:roster'><item jid='a@b' subscription='remove' ask='subscribe'/></query></iq>",
  ]

  private static let words = [
    "<iq type='set' from='a@b/c'>", "</iq>", "<value>", "</value>", "<field var='", " node='", " sessionid='s'",
    " action='cancel'", " action='complete'", "jabber:x:data", "urn:xmpp:extdisco:2", "https://", "[::1]", " port='",
    "18446744073709551616", "-1", "jabber:x:delay",
  ]
}
