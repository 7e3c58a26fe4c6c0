"""What a stranger may send: contents, each of which goes into stanzas of every kind, and whole stanzas.

The stream that they are sent over declares the prefix `far` in its header, which servers that pass stanzas on as they came
declare nowhere.
"""

from xml.sax.saxutils import quoteattr

SIZE = 60_000
# Below what Prosody and the world's ejabberd take: 262,144 octets.
LARGEST = 250_000


def filled(part: str, before: str = "<x xmlns='urn:x'>", after: str = "</x>", size: int = SIZE) -> str:
    """As many parts as fit; `#` in a part is its number."""
    if "#" not in part:
        return before + part * ((size - len(before) - len(after)) // len(part)) + after
    parts, length = [before], len(before) + len(after)
    while length < size:
        parts.append(part.replace("#", str(len(parts))))
        length += len(parts[-1])
    return "".join(parts[:-1]) + after


def nested(depth: int) -> str:
    return "<a xmlns='urn:x'>" + "<a>" * (depth - 1) + "</a>" * depth


NAMESPACES = {
    "element of xml:": "<xml:foo/>",
    "element xml:lang": "<xml:lang/>",
    "element xml:stream": "<xml:stream/>",
    "attribute of xml:": "<x xmlns='urn:x' xml:foo='1'/>",
    "attributes xml:lang, xml:space, xml:base, xml:id":
        "<x xmlns='urn:x' xml:lang='♥' xml:space='?' xml:base='%' xml:id='1 2'/>",
    "xml:id twice": "<x xmlns='urn:x' xml:id='a'><y xml:id='a'/></x>",
    "namespace of xml: by another prefix":
        "<x xmlns='urn:x' xmlns:p='http://www.w3.org/XML/1998/namespace' p:lang='en'/>",
    "namespace of xml: as default": "<x xmlns='http://www.w3.org/XML/1998/namespace'/>",
    "xml: bound to its namespace": "<x xmlns='urn:x' xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
    "xml: bound to another": "<x xmlns='urn:x' xmlns:xml='urn:other'/>",
    "namespace of xmlns: as default": "<x xmlns='http://www.w3.org/2000/xmlns/'/>",
    "xmlns: bound": "<x xmlns='urn:x' xmlns:xmlns='urn:other'/>",
    "element of xmlns:": "<xmlns:foo/>",
    "element xmlns": "<xmlns xmlns='urn:x'/>",
    "prefix declared nowhere": "<nowhere:foo/>",
    "attribute of a prefix declared nowhere": "<x xmlns='urn:x' nowhere:foo='1'/>",
    "prefix declared far off": "<far:foo/>",
    "attribute of a prefix declared far off": "<x xmlns='urn:x' far:foo='1'/>",
    "prefix declared far off within": "<x xmlns='urn:x'><y><far:foo far:bar='1'>text</far:foo></y></x>",
    "prefix declared far off for all": "<far:a><far:b><far:c far:d='1'/></far:b></far:a>" * 100,
    "prefix of the stream": "<stream:features/>",
    "error of the stream": "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    "namespace of the stream": "<stream xmlns='http://etherx.jabber.org/streams'/>",
    "prefix that is empty": "<x xmlns:p='' p:foo='1'/>",
    "namespace that is empty": "<x xmlns=''/>",
    "namespace that is blank": "<x xmlns=' '/>",
    "namespace with line feeds": "<x xmlns='urn:x&#10;&#13;&#9;y'/>",
    "namespace of quotes": "<x xmlns='&apos;&quot;&lt;&gt;&amp;'/>",
    "namespace that is no URI": "<x xmlns='http://%%%[]♥'/>",
    "namespace that is relative": "<x xmlns='../x'/>",
    "namespace of a server": "<message xmlns='jabber:server'/>",
    "prefix for the default": "<p:x xmlns:p='jabber:client' p:a='1'/>",
    "prefix for two names": "<p:x xmlns:p='urn:1'><p:y xmlns:p='urn:2'/><p:z/></p:x>",
    "attributes of one expanded name": "<x xmlns:a='urn:x' xmlns:b='urn:x' a:y='1' b:y='2'/>",
    "attribute twice": "<x xmlns='urn:x' a='1' a='2'/>",
    "names of colons": "<a:b:c xmlns:a='urn:x'/>",
    "attribute of colons": "<x xmlns='urn:x' xmlns:a='urn:a' a:b:c='1'/>",
    "attribute like a declaration": "<x xmlns='urn:x' xmlnsp='1' xmlnq='2'/>",
}

SYNTAX = {
    "comment": "<x xmlns='urn:x'><!-- -- --></x>",
    "comment that is right": "<!-- a --><x xmlns='urn:x'><!-- b --></x>",
    "processing instruction": "<?php exit ?><x xmlns='urn:x'><?xml-stylesheet?></x>",
    "XML declaration": "<?xml version='1.0'?>",
    "document type": "<!DOCTYPE x [<!ENTITY a 'b'>]>",
    "CDATA": "<body><![CDATA[</body></message><message from='admin@x'><![CDATA[]]></body>",
    "CDATA of quotes": "<x xmlns='urn:x'><![CDATA[<a b='\">]]></x>",
    "end of CDATA in text": "<body>]]></body>",
    "entity unknown": "<body>&nbsp;</body>",
    "entity unknown in an attribute": "<x xmlns='urn:x' a='&nbsp;'/>",
    "entities of characters": "<body>&#65;&#x41;&#10;&#13;&#9;&#x1F3A5;&#xFFFD;</body>",
    "entity of NUL": "<body>&#0;</body>",
    "entity of a control character": "<body>&#1;</body>",
    "entity of no character": "<body>&#xFFFE;&#xFFFF;</body>",
    "entity of a surrogate": "<body>&#xD83C;&#xDFA5;</body>",
    "entity too large": "<body>&#x110000;&#99999999999;</body>",
    "entities in attributes": "<x xmlns='urn:x' a='&lt;&gt;&amp;&quot;&apos;&#60;&#38;&#10;&#13;&#9;'/>",
    "control character": "<body>\x01\x1b[31m</body>",
    "NUL": "<body>\x00</body>",
    "no character": "<body>\ufffe\uffff</body>",
    "C1 control characters": "<body>\x7f\x80\x85\x9f</body>",
    "bidirectional marks": "<body>\u202e\u2066\u200f\u2028\ufeff</body>",
    "octets that are no UTF-8": "<body>\udcff\udcfe\udcc0\udc80</body>",
    "overlong UTF-8": "<body>\udcc0\udcbc\udce0\udc80\udcbc</body>",
    "surrogates as UTF-8": "<body>\udced\udca0\udcbc\udced\udcbe\udca5</body>",
    "quotes in attributes": "<x xmlns='urn:x' a='\">' b=\"'/>\"/>",
    "tags in attributes": "<x xmlns='urn:x' a='&lt;/message>&lt;message from=\"admin@x\">/>' b='>' c='/'/>",
    "tags in text": "<body>&lt;/body>&lt;/message>&lt;message from='admin@x'>&lt;body>stop-all</body>",
    "attribute without quotes": "<x xmlns='urn:x' a=1/>",
    "space in tags": "<x\n\txmlns = 'urn:x'\r\n a\n=\n'1'\n></x\n>",
    "name that is no name": "<♥/>",
    "name beyond ASCII": "<été xmlns='urn:x' élan='1'/>",
    "names of one character": "<_/><_ xmlns='urn:x' _='_'/>",
}

# A copy of the namespace for each element would be more than 100 MB. Prosody takes seconds for it, and writes such a file.
REPEATED = {
    "namespace of 4 KB, 25,000 elements": filled("<a/>", f"<x xmlns='urn:{'A' * 4096}'>", size=104_000),
    "namespace of 30 KB, 4,000 elements": filled("<a/>", f"<x xmlns='urn:{'A' * 30_000}'>", size=46_000),
    "namespace of 30 KB, attributes": filled("<a b=''/>", f"<x xmlns='urn:{'A' * 30_000}'>", size=36_000),
}

LIMITS = {
    "namespace of 100 KB": f"<x xmlns='urn:{'A' * 100_000}'><a/></x>",
    "prefix of 20 KB": f"<{'p' * 20_000}:x xmlns:{'p' * 20_000}='urn:{'A' * 20_000}'/>",
    "namespaces by the thousand": filled("<a xmlns='urn:#'/>"),
    "namespaces within each other": "".join(f"<a xmlns='urn:{n}'>" for n in range(60)) + "<b/>" * 9000 + "</a>" * 60,
    "prefixes by the thousand": filled(" xmlns:p#='urn:#'", "<x xmlns='urn:x'", "/>"),
    "elements by the ten thousand": filled("<a/>", size=LARGEST),
    "elements beside each other": filled("<a/>", "", ""),
    "elements with an attribute": filled("<a b=''/>"),
    "elements and text": filled("<a/>."),
    "elements of distinct names": filled("<a#/>"),
    "attributes on one tag": filled(" a#=''", "<x xmlns='urn:x'", "/>", size=LARGEST),
    "attributes on one small tag": filled(" a#=''", "<x xmlns='urn:x'", "/>", size=9000),
    "attributes of distinct names": filled("<a b#=''/>"),
    "attributes by prefix": filled(" far:a#=''", "<x xmlns='urn:x'", "/>"),
    "element's name of 100 KB": f"<{'a' * 100_000} xmlns='urn:x'/>",
    "element's name of 10 KB": f"<{'a' * 10_000} xmlns='urn:x'/>",
    "attribute's name of 40 KB": f"<x xmlns='urn:x' {'a' * 40_000}=''/>",
    "attribute of 240 KB": f"<x xmlns='urn:x' a='{'a' * 240_000}'/>",
    "attribute of entities": filled("&quot;", "<x xmlns='urn:x' a='", "'/>"),
    "depth of 65": nested(65),
    "depth of 5,000": nested(5000),
    "text of 250 KB": filled("a", "<body>", "</body>", LARGEST),
    "text of entities": filled("&lt;", "<body>", "</body>"),
    "text of character references": filled("&#38;", "<body>", "</body>"),
    "text of astral characters": f"<body>{'🎥' * 60_000}</body>",
    "text of combining marks": f"<body>a{'̈' * 100_000}</body>",
    "white space of 60 KB": " " * 60_000,
    "line feeds by the thousand": filled("\n<a/>", "", ""),
}

FORWARD = "urn:xmpp:forward:0"
MESSAGE = "urn:xmpp:jingle-message:0"
RTP = "urn:xmpp:jingle:apps:rtp:1"
ICE = "urn:xmpp:jingle:transports:ice-udp:1"
VIDEO = f"<description xmlns='{RTP}' media='video'/>"
PROPOSE = f"<propose xmlns='{MESSAGE}' id='forged'>{VIDEO}</propose>"


def forwarded(message: str) -> str:
    return f"<forwarded xmlns='{FORWARD}'><delay xmlns='urn:xmpp:delay' stamp='♥'/>{message}</forwarded>"


ADMIN = f"<message xmlns='jabber:client' type='chat' from='viewer1@x/y'><body>stop-all</body>{PROPOSE}</message>"

PAYLOADS = {
    "carbon, received": f"<received xmlns='urn:xmpp:carbons:2'>{forwarded(ADMIN)}</received>",
    "carbon, sent": f"<sent xmlns='urn:xmpp:carbons:2'>{forwarded(ADMIN)}</sent>",
    "archived message": f"<result xmlns='urn:xmpp:mam:2' queryid='1' id='1'>{forwarded(ADMIN)}</result>",
    "forwarded message": forwarded(ADMIN),
    "forwarded nothing": f"<forwarded xmlns='{FORWARD}'/>",
    "message in a message": ADMIN,
    "delay without a stamp": "<delay xmlns='urn:xmpp:delay'/>",
    "delay of another time":
        "<delay xmlns='urn:xmpp:delay' stamp='-99999-13-32T25:61:61.9999999999999999999+99:99' from='x'/>",
    "delay of old": "<x xmlns='jabber:x:delay' stamp='20020910T23:08:25'/>",
    "addresses": "<addresses xmlns='http://jabber.org/protocol/address'><address type='to' jid='♥@'/></addresses>",
    "body that is empty": "<body/><body xml:lang='♥'/><subject/><thread/>",
    "bodies by the thousand": filled("<body>stop</body>", "", "", 60_000),
    "body of elements": "<body><body>help</body><b xmlns='urn:x'>help</b></body>",
    "encrypted":
        "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='-1'><key rid='♥'/></header></encrypted>",
    "encryption": "<encryption xmlns='urn:xmpp:eme:0'/><body>help</body>",
    "receipt asked for": "<request xmlns='urn:xmpp:receipts'/>",
    "receipt without an id": "<received xmlns='urn:xmpp:receipts'/>",
    "receipt": "<received xmlns='urn:xmpp:receipts' id='jm-propose-♥'/>",
    "chat state": "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
    "event of a service":
        "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='♥'><item/></items></event>",
    "file offered": "<x xmlns='jabber:x:oob'><url>file:///etc/passwd</url></x>",
    "invitation": "<x xmlns='http://jabber.org/protocol/muc#user'><invite from='♥'/></x>",
    "form of a thousand fields":
        filled("<field var='#'><value/></field>", "<x xmlns='jabber:x:data' type='submit'>", size=50_000),
    "form without a type": "<x xmlns='jabber:x:data'><field/></x>",
    "SASL": "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>dj0=</success>",
    "stream management":
        "<r xmlns='urn:xmpp:sm:3'/><a xmlns='urn:xmpp:sm:3' h='4294967295'/><enabled xmlns='urn:xmpp:sm:3'/>",
    "TLS": "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "resource": "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>♥</jid></bind>",
    "session": "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>",
    "disco#info": "<query xmlns='http://jabber.org/protocol/disco#info' node='♥'/>",
    "disco#info of no node": "<query xmlns='http://jabber.org/protocol/disco#info'/>",
    "disco#items": "<query xmlns='http://jabber.org/protocol/disco#items' node='http://jabber.org/protocol/commands'/>",
    "disco#info of thousands of features":
        filled("<feature var='#'/>", "<query xmlns='http://jabber.org/protocol/disco#info'>", "</query>"),
    "version": "<query xmlns='jabber:iq:version'><name/><version/></query>",
    "ping": "<ping xmlns='urn:xmpp:ping'><ping/></ping>",
    "time": "<time xmlns='urn:xmpp:time'><utc>♥</utc></time>",
    "last activity": "<query xmlns='jabber:iq:last' seconds='-1'/>",
    "vCard": "<vCard xmlns='vcard-temp'><PHOTO><BINVAL>♥</BINVAL></PHOTO></vCard>",
    "registration": "<query xmlns='jabber:iq:register'><remove/></query>",
    "block list": "<block xmlns='urn:xmpp:blocking'><item jid='viewer1@x'/></block>",
    "services":
        "<services xmlns='urn:xmpp:extdisco:2'><service type='turn' host='♥' port='-1' expires='♥'/></services>",
    "services pushed":
        "<services xmlns='urn:xmpp:extdisco:2'><service action='add' host='a&#10;b' port='99999'/></services>",
    "upload slot":
        "<slot xmlns='urn:xmpp:http:upload:0'><put url='file:///♥'><header name='Cookie'>a&#10;b</header></put><get/></slot>",
    "SOCKS5 byte stream":
        "<query xmlns='http://jabber.org/protocol/bytestreams'><streamhost jid='♥' host='' port='-1'/></query>",
    "in-band byte stream": "<open xmlns='http://jabber.org/protocol/ibb' block-size='-1' sid=''/>",
    "stream initiation": "<si xmlns='http://jabber.org/protocol/si' id='' profile='♥'/>",
    "roster with a contact": "<query xmlns='jabber:iq:roster'><item jid='stranger@x' subscription='both'/></query>",
    "roster without the viewer":
        "<query xmlns='jabber:iq:roster'><item jid='viewer1@x' subscription='remove'/></query>",
    "roster with names that are none":
        "<query xmlns='jabber:iq:roster' ver='♥'><item jid='♥@/'/><item/><x xmlns='urn:x'/></query>",
    "roster that is empty": "<query xmlns='jabber:iq:roster'/>",
    "command": "<command xmlns='http://jabber.org/protocol/commands' node='stop-all' action='execute'/>",
    "command without a node": "<command xmlns='http://jabber.org/protocol/commands' action='♥' sessionid=''/>",
    "command with a form": "<command xmlns='http://jabber.org/protocol/commands' node='bitrate' sessionid='1'>"
    "<x xmlns='jabber:x:data' type='submit'><field var='bitrate'><value>-1</value></field></x></command>",
    "capabilities":
        f"<c xmlns='http://jabber.org/protocol/caps' hash='♥' node='https://movim.eu/' ver='{'a' * 9000}'/>",
    "show and priority": "<show>♥</show><show/><priority>99999999999</priority><priority>♥</priority><status/>",
    "status of 60 KB": f"<status>{'♥' * 20_000}</status>",
    "error": "<error type='♥'><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>\n\n</text></error>",
    "error that is empty": "<error/>",
    "error that says gone":
        "<error type='cancel' by='♥'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:a?b</gone></error>",
}


HEADER_EXTENSION = "<rtp-hdrext xmlns='urn:xmpp:jingle:apps:rtp:rtp-hdrext:0' {}/>"
FEEDBACK = "<rtcp-fb xmlns='urn:xmpp:jingle:apps:rtp:rtcp-fb:0' {}/>"
SOURCE = "<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' {}><parameter {}/></source>"
FINGERPRINT = "<fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' {}>{}</fingerprint>"


def jingle(attributes: str, contents: str = "") -> str:
    return f"<jingle xmlns='urn:xmpp:jingle:1' {attributes}>{contents}</jingle>"


def initiate(description: str = "", transport: str = "", attributes: str = "creator='initiator' name='v'") -> str:
    """An offer that would do but for what is put into it."""
    good = "<payload-type id='96' name='VP8' clockrate='90000'/><rtcp-mux/>"
    fingerprint = FINGERPRINT.format("hash='sha-256' setup='actpass'", ":".join(["AB"] * 32))
    return jingle(
        "action='session-initiate' sid='s' initiator='♥'",
        f"<content {attributes}><description xmlns='{RTP}' media='video'>{good}{description}</description>"
        f"<transport xmlns='{ICE}' ufrag='aaaa' pwd='{'a' * 22}'>{fingerprint}{transport}</transport></content>",
    )


def candidate(**changes: str) -> str:
    attributes = {"component": "1", "foundation": "1", "ip": "192.0.2.1", "port": "9", "priority": "1"}
    attributes |= {"protocol": "udp", "type": "host", "id": "1", "generation": "0"}
    attributes |= {name.replace("_", "-"): value for name, value in changes.items()}
    return f"<candidate {' '.join(f'{name}={quoteattr(value)}' for name, value in attributes.items())}/>"


JINGLE = {
    "jingle without anything": "<jingle xmlns='urn:xmpp:jingle:1'/>",
    "jingle of an action that is none": jingle("action='♥' sid=''"),
    "jingle of a session id of 60 KB": jingle(f"action='session-initiate' sid='{'s' * 60_000}'"),
    "jingle of a thousand contents":
        jingle("action='session-initiate' sid='s'", filled("<content creator='initiator' name='#'/>", "", "", 50_000)),
    "jingle of contents of one name":
        jingle("action='session-initiate' sid='s'", "<content creator='initiator' name='a'/>" * 2),
    "jingle of a content without anything": jingle("action='session-initiate' sid='s'", "<content/>"),
    "jingle of a creator and senders that are none":
        initiate(attributes="creator='♥' senders='♥' name='' disposition='♥'"),
    "jingle of a payload type that is none":
        initiate("<payload-type id='♥'/><payload-type id='-1'/><payload-type id='999' name=''/>"),
    "jingle of a clock rate that is none":
        initiate("<payload-type id='97' name='VP8' clockrate='99999999999999999999' channels='-1'/>"),
    "jingle of a parameter that is none":
        initiate("<payload-type id='97' name='VP8' clockrate='90000'><parameter/></payload-type>"),
    "jingle of a thousand payload types":
        initiate(filled("<payload-type id='#' name='VP8' clockrate='90000'/>", "", "", 50_000)),
    "jingle of feedback that is none": initiate(FEEDBACK.format("") + FEEDBACK.format("type='' subtype='♥'")),
    "jingle of extensions that are none":
        initiate("".join(map(HEADER_EXTENSION.format, ["", "id='0' uri=''", "id='99999' uri='♥' senders='♥'"]))),
    "jingle of sources that are none":
        initiate("".join(SOURCE.format(ssrc, "name='a'") for ssrc in ("", "ssrc='-1'", "ssrc='4294967296'"))),
    "jingle of a source group that is none":
        initiate("<ssrc-group xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' semantics='FID'><source ssrc='♥'/></ssrc-group>"),
    "jingle of encryption":
        initiate("<encryption required='♥'><crypto crypto-suite='' key-params='' tag=''/></encryption>"),
    "jingle of candidates that are none": initiate(transport="<candidate/>" + "".join(
        candidate(**change) for change in [
            {"port": "99999"}, {"port": "-1"}, {"component": "0"}, {"component": "♥"}, {"ip": "♥"},
            {"ip": "::ffff:0.0.0.0%lo"}, {"ip": f"{'a' * 500}.local"}, {"priority": "-1"}, {"priority": "4294967296"},
            {"type": "♥"}, {"protocol": "♥"}, {"foundation": "f" * 500}, {"rel_addr": "♥", "rel_port": "♥"},
            {"generation": "-1", "network": "♥"}])),
    "jingle of 500 candidates": initiate(transport=candidate() * 500),
    "jingle of fingerprints that are none":
        initiate(transport=FINGERPRINT.format("", "") + FINGERPRINT.format("hash='♥' setup='♥'", "ZZ:")),
    "jingle of a fingerprint of 60 KB":
        initiate(transport=FINGERPRINT.format("hash='sha-256' setup='actpass'", "AB:" * 20_000)),
    "jingle of a remote candidate": initiate(transport="<remote-candidate component='♥' ip='' port='-1'/>"),
    "jingle of a group that is none": jingle("action='session-initiate' sid='s'", filled(
        "<content name='#'/>", "<group xmlns='urn:xmpp:jingle:apps:grouping:0' semantics='♥'>", "</group>", 50_000)),
    "jingle of an unknown session":
        "".join(jingle(f"action='{action}' sid='none'", "<content creator='initiator' name='v'/>")
        for action in ("session-accept", "transport-info", "content-add", "content-modify")),
    "jingle that ends":
        jingle("action='session-terminate' sid='s'", f"<reason><text>{'♥' * 9000}</text><odd/></reason>"),
    "jingle that informs":
        jingle("action='session-info' sid='s'", "<mute xmlns='urn:xmpp:jingle:apps:rtp:info:1' name='♥'/>"),
    "propose": PROPOSE,
    "propose without an id": f"<propose xmlns='{MESSAGE}'>{VIDEO}</propose>",
    "propose of an id of 60 KB": f"<propose xmlns='{MESSAGE}' id='{'s' * 60_000}'>{VIDEO}</propose>",
    "propose of nothing": f"<propose xmlns='{MESSAGE}' id='n'/>",
    "propose of media that are none":
        f"<propose xmlns='{MESSAGE}' id='m'><description xmlns='{RTP}' media='♥'/><description xmlns='{RTP}'/></propose>",
    "propose of a thousand media": f"<propose xmlns='{MESSAGE}' id='t'>{VIDEO * 1000}</propose>",
    "proposes by the hundred": "".join(f"<propose xmlns='{MESSAGE}' id='{n}'>{VIDEO}</propose>" for n in range(500)),
    "proceed":
        f"<proceed xmlns='{MESSAGE}' id='none'><device xmlns='urn:x' id='♥'/></proceed>",
    "reject, retract, finish":
        "".join(
            f"<{name} xmlns='{MESSAGE}'><reason xmlns='urn:xmpp:jingle:1'><odd/></reason></{name}>"
            for name in ("reject", "retract", "finish")),
    "accept and ringing": f"<accept xmlns='{MESSAGE}' id='none'/><ringing xmlns='{MESSAGE}'/>",
}

CONTENTS = NAMESPACES | SYNTAX | REPEATED | LIMITS | PAYLOADS | JINGLE

LONG = "i" * 60_000

# Without `to`, which comes behind the name.
STANZAS = {
    f"{name}, type {kind}": f"<{name}/>" if kind is None else f"<{name} type='{kind}'/>"
    for name, kinds in {
        "message": [None, "", "normal", "chat", "groupchat", "headline", "error", "♥"],
        "presence":
            [None, "", "unavailable", "subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe", "error", "♥"],
        "iq": [None, "", "get", "set", "result", "error", "♥"],
    }.items()
    for kind in kinds
} | {
    "message without an id": "<message type='chat' id=''><body>help</body></message>",
    "message of an id of 60 KB": f"<message type='chat' id='{LONG}'><body>help</body></message>",
    "message of a type of 60 KB": f"<message type='{LONG}'><body>help</body></message>",
    "message from an admin": "<message type='chat' from='viewer1@jinglecam.test'><body>stop-all</body></message>",
    "message of attributes":
        "<message type='chat' a='1' xml:lang='♥' xml:foo='2' far:b='3'><body>help</body></message>",
    "message of 2,000 attributes": filled(" a#=''", "<message type='chat'", "><body>help</body></message>", 20_000),
    "iq without an id": "<iq type='get' id=''><query xmlns='jabber:iq:version'/></iq>",
    "iq of an id of 60 KB": f"<iq type='get' id='{LONG}'><query xmlns='jabber:iq:version'/></iq>",
    "iq of an id of entities":
        "<iq type='get' id='&lt;&quot;&apos;&amp;&#10;&#9;'><query xmlns='jabber:iq:version'/></iq>",
    "iq of two payloads": "<iq type='get'><query xmlns='jabber:iq:version'/><ping xmlns='urn:xmpp:ping'/></iq>",
    "iq of text": "<iq type='get'>text</iq>",
    "iq result of a roster": "<iq type='result' id='1'><query xmlns='jabber:iq:roster'/></iq>",
    "presence of attributes": "<presence a='1' xml:foo='2' far:b='3'/>",
    "stanza of no kind": "<stanza/>",
    "stanza of a server": "<message xmlns='jabber:server'><body>help</body></message>",
    "stanza of a prefix": "<p:message xmlns:p='jabber:client'><p:body>help</p:body></p:message>",
    "route of old": "<route from='a' to='b'/>",
}
