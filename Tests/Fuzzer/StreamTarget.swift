import NIOCore

extension FuzzTarget {
  /// All that a server says, from its header to its end; what zero separates comes at different times.
  static let stream = FuzzTarget(text: "stream", seeds: seeds, words: words) { bytes in
    var scene = StreamScene()
    for piece in bytes.readableBytesView.split(separator: 0) { scene.receive(ByteBuffer(bytes: piece)) }
    scene.end()
  }

  private static let login =
    "\(header)<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>\0"
    + "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\0"
  private static let plain =
    "\(header)<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
    + "</mechanisms></stream:features>\0<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>\0"
  private static let bind =
    "\(header)<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/>"
    + "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></stream:features>\0<iq type='result' id='bind'>"
    + "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>user@example.org/x</jid></bind></iq>\0"
    + "<iq type='result' id='session'/>\0<enabled xmlns='urn:xmpp:sm:3' id='1' resume='true' max='300'/>\0"

  private static let seeds = [
    "\(login)\(header)<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
      + "<mechanism>SCRAM-SHA-256</mechanism></mechanisms></stream:features>\0"
      + "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cj1hLHM9YyxpPTQwOTY=</challenge>\0"
      + "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>",
    "\(login)\(plain)\(bind)<iq type='set' id='a' from='user@example.org'><query xmlns='jabber:iq:roster'>"
      + "<item jid='a@b' subscription='both'/></query></iq>\0<r xmlns='urn:xmpp:sm:3'/>\0<a xmlns='urn:xmpp:sm:3' h='1'/>",
    "\(login)\(plain)\(bind)<iq type='get' id='b' from='a@b/c'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
      + "\0<iq type='get' id='c'><ping xmlns='urn:xmpp:ping'/></iq>\0<presence from='a@b/c'/>\0</stream:stream>",
    "\(login)<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>[::1]:5222</see-other-host>"
      + "</stream:error></stream:stream>",
  ]

  private static let words = [
    "\0", header, "<stream:features>", "</stream:features>", "urn:xmpp:sm:3", "jabber:iq:roster", "</stream:stream>",
    "<failed xmlns='urn:xmpp:sm:3'/>", "<resumed xmlns='urn:xmpp:sm:3' h='1' previd='x'/>", "urn:xmpp:sasl-cb:0",
    "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "<iq type='result' id='", "<iq type='set' id='", " from='",
  ]
}
