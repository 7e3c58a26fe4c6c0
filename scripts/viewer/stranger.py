"""A stranger who sends a camera what nobody should, drawn from a seed: slixmpp and nothing of jinglecam."""

import argparse
import asyncio
import random
import sys
from pathlib import Path
from xml.sax.saxutils import quoteattr

import slixmpp

NAMESPACES = [
    "urn:xmpp:jingle:1",
    "urn:xmpp:jingle-message:0",
    "urn:xmpp:jingle:apps:rtp:1",
    "urn:xmpp:jingle:transports:ice-udp:1",
    "urn:xmpp:carbons:2",
    "urn:xmpp:forward:0",
    "urn:xmpp:delay",
    "jabber:x:delay",
    "jabber:iq:roster",
    "jabber:x:data",
    "http://jabber.org/protocol/commands",
    "http://jabber.org/protocol/disco#info",
    "urn:xmpp:sm:3",
    "urn:ietf:params:xml:ns:xmpp-stanzas",
    "http://etherx.jabber.org/streams",
    "urn:x",
]
NAMES = [
    *("jingle", "content", "description", "transport", "candidate", "fingerprint", "payload-type", "propose"),
    *("proceed", "accept", "reject", "retract", "ringing", "reason", "sent", "received", "forwarded"),
    *("message", "iq", "presence"),
    *("query", "item", "x", "field", "value", "command", "delay", "ping", "error", "r", "a", "body", "subject"),
]
ATTRIBUTES = {
    "action": ["session-initiate", "session-accept", "session-terminate", "transport-info", "session-info", "cancel"],
    "sid": ["", "1", "knock", "x" * 500],
    "id": ["", "1", "x" * 900],
    "creator": ["initiator", "responder", "x"],
    "name": ["0", "video", "", "\u2028"],
    "media": ["video", "audio", "x"],
    "type": ["get", "set", "result", "error", "submit", "cancel", "x"],
    "from": ["camera1@jinglecam.test", "jinglecam.test", "@", "a@b@c", ""],
    "jid": ["x@y", "@", "viewer1@jinglecam.test"],
    "node": ["", "http://jabber.org/protocol/commands", "x"],
    "stamp": ["", "2002-09-10T23:08:25Z", "9999-99-99T99:99:99Z", "-1"],
    "port": ["-1", "0", "65536", "99999999999999999999", "1"],
    "priority": ["-1", "4294967296", "x"],
    "ip": ["127.0.0.1", "::", "x.local", "255.255.255.255", "%"],
    "component": ["0", "1", "257", "-1"],
    "clockrate": ["0", "90000", "18446744073709551616"],
    "xml:lang": ["en", ""],
    "x": ["&#10;", "1"],
}


class Author:
    """Writes stanzas that servers pass on and a client need not like."""

    def __init__(self, seed: int):
        self.chance = random.Random(seed)

    def stanza(self, bare: str, full: str) -> str:
        to = quoteattr(self.chance.choice([bare, full, f"{bare}/nobody"]))
        kinds = [self.misused_prefix, self.many_elements, self.deep, self.long, self.section, self.protocol]
        content = self.chance.choice(kinds)()
        match self.chance.randrange(4):
            case 0:
                kind = self.chance.choice(["get", "set", "result", "error"])
                return f"<iq to={to} type='{kind}' id='s{self.chance.randrange(99)}'>{content}</iq>"
            case 1:
                kind = self.chance.choice(["subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe", "error"])
                return f"<presence to={to} type='{kind}'>{content}</presence>"
            case _:
                kind = self.chance.choice(["chat", "normal", "headline", "error"])
                return f"<message to={to} type='{kind}'>{content}</message>"

    def misused_prefix(self) -> str:
        return self.chance.choice(["<xml:foo/>", "<x xmlns='urn:x' xml:foo='1'/>", "<a xmlns:b='urn:b' b:c='&#x9;'/>"])

    def many_elements(self) -> str:
        return f"<x xmlns='urn:{'A' * self.chance.randrange(9000)}'>{'<a/>' * self.chance.randrange(20_000)}</x>"

    def deep(self) -> str:
        depth = self.chance.randrange(1, 2000)
        return "<a>" * depth + "</a>" * depth

    def long(self) -> str:
        attribute = "x" * self.chance.randrange(60_000)
        return f"<body>{'&lt;' * self.chance.randrange(10_000)}</body><x xmlns='urn:x' y='{attribute}'/>"

    def section(self) -> str:
        return "<body><![CDATA[</message><message from='camera1@jinglecam.test'><body>stop all</body>]]></body>"

    def protocol(self) -> str:
        """Elements of the protocols that a camera speaks, put together as they never are."""
        return self.element(depth=0) + "".join(self.element(depth=2) for _ in range(self.chance.randrange(3)))

    def element(self, depth: int) -> str:
        name, namespace = self.chance.choice(NAMES), self.chance.choice(NAMESPACES)
        chosen = self.chance.sample(sorted(ATTRIBUTES), self.chance.randrange(7))
        attributes = "".join(f" {name}={quoteattr(self.chance.choice(ATTRIBUTES[name]))}" for name in chosen)
        count = self.chance.randrange(5) if depth < 4 else 0
        children = "".join(self.element(depth + 1) for _ in range(count))
        children = children or self.chance.choice(["", "stop all", "\u2665"])
        return f"<{name} xmlns='{namespace}'{attributes}>{children}</{name}>"


class Stranger(slixmpp.ClientXMPP):
    def __init__(self, options: argparse.Namespace):
        super().__init__(options.jid, Path(options.password_file).read_text().strip())
        self.ca_certs = options.ca_file
        self.enable_plaintext = False
        self.enable_direct_tls = False
        loop = asyncio.get_running_loop()
        self.started: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()
        self.add_event_handler("session_start", lambda _: self.started.done() or self.started.set_result(None))
        self.add_event_handler("disconnected", lambda _: self.ended.done() or self.ended.set_result(None))

    async def pester(self, options: argparse.Namespace) -> int:
        """How many stanzas the server took: one that it does not like ends the stream, and the rest of them."""
        host, _, port = options.server.rpartition(":")
        self.connect(host, int(port))
        await self.started
        author = Author(options.seed)
        for count in range(options.count):
            if self.ended.done():
                return count
            self.send_raw(author.stanza(options.camera, options.device))
            await asyncio.sleep(options.pause)
        await self.disconnect()
        return options.count


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jid", required=True)
    parser.add_argument("--password-file", required=True)
    parser.add_argument("--server", required=True, metavar="HOST:PORT")
    parser.add_argument("--ca-file", required=True, type=Path)
    parser.add_argument("--camera", required=True, metavar="JID", help="its address")
    parser.add_argument("--device", required=True, metavar="JID", help="its address with its resource")
    parser.add_argument("--seed", required=True, type=int)
    parser.add_argument("--count", type=int, default=40, metavar="N", help="how many stanzas (40)")
    parser.add_argument("--pause", type=float, default=0.1, metavar="S", help="seconds between them (0.1)")
    return parser.parse_args()


async def main() -> None:
    options = arguments()
    async with asyncio.timeout(120):
        print(await Stranger(options).pester(options))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
