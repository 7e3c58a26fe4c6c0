"""An XMPP client that sends whatever it is given, octet by octet, and reads whatever a server passes on: nothing but Python."""

import asyncio
import base64
import itertools
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr, unescape

PATIENCE = 30
# What differs from one stanza to the next, and what servers stamp on what clients say.
STAMPS = ("id", "from", "to", "xml:lang")


class Ended(Exception):
    """The server ended the stream: it does not take what it was sent."""


@dataclass
class Stanza:
    name: str
    attributes: dict[str, str]
    """Itself without its stamps: attributes in order, prefixes as they came."""
    text: str = ""
    parts: list[str] = field(default_factory=list)


def tag(name: str, attributes: dict[str, str]) -> str:
    return f"<{name}{''.join(f' {key}={quoteattr(value)}' for key, value in sorted(attributes.items()))}>"


class Reader:
    """Reads a stream without a look at its namespaces, which ejabberd does not look at either."""

    def __init__(self, on_stanza: Callable[[Stanza], None]):
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.on_stanza = on_stanza
        self.depth = 0
        self.stanza: Stanza | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth == 2:
            self.stanza = Stanza(name, attributes)
            attributes = {key: value for key, value in attributes.items() if key not in STAMPS}
        if self.stanza:
            self.stanza.parts.append(tag(name, attributes))

    def end(self, name: str) -> None:
        self.depth -= 1
        if self.stanza:
            self.stanza.parts.append(f"</{name}>")
        if self.depth == 1 and self.stanza:
            self.stanza.text = "".join(self.stanza.parts)
            self.on_stanza(self.stanza)
            self.stanza = None

    def characters(self, text: str) -> None:
        if self.stanza:
            self.stanza.parts.append(escape(text))


class RawClient:
    """One stream, from its login to its end."""

    def __init__(self, user: str, domain: str, on_stanza: Callable[[Stanza], None], declarations: str = ""):
        """`declarations` go into the header of each stream."""
        self.user = user
        self.declarations = declarations
        self.domain = domain
        self.jid = ""
        self.on_stanza = on_stanza
        self.numbers = itertools.count()
        self.answers: dict[str, asyncio.Future[Stanza]] = {}
        self.negotiation: asyncio.Queue[Stanza] = asyncio.Queue()
        self.ended = asyncio.get_running_loop().create_future()

    async def log_in(self, server: str, ca_file: str, password: str, resource: str = "raw") -> "RawClient":
        host, _, port = server.rpartition(":")
        self.stream, self.writer = await asyncio.open_connection(host, int(port))
        await self.open("starttls")
        await self.negotiate("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "proceed")
        await self.writer.start_tls(ssl.create_default_context(cafile=ca_file), server_hostname=self.domain)
        await self.open("PLAIN")
        credentials = base64.b64encode(f"\0{self.user}\0{password}".encode()).decode()
        auth = f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{credentials}</auth>"
        await self.negotiate(auth, "success")
        await self.open("bind")
        bind = f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{escape(resource)}</resource></bind>"
        bound = await self.ask("set", None, bind)
        self.jid = unescape(bound.text.partition("<jid>")[2].partition("</jid>")[0])
        return self

    async def open(self, feature: str) -> None:
        """Begins a stream that has to offer it."""
        self.reading = asyncio.ensure_future(self.read(Reader(self.receive)))
        self.send(
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
            f"{self.declarations} to='{self.domain}' version='1.0'>"
        )
        features = await self.unless_ended(self.negotiation.get())
        if feature not in features.text:
            raise Ended(f"no {feature} in {features.text}")

    async def negotiate(self, request: str, expected: str) -> None:
        """Ends the stream with a request, behind whose answer something else begins."""
        self.send(request)
        answer = await self.unless_ended(self.negotiation.get())
        self.reading.cancel()
        await asyncio.wait([self.reading])
        if answer.name != expected:
            raise Ended(answer.text)

    async def read(self, reader: Reader) -> None:
        try:
            while data := await self.stream.read(65536):
                reader.parser.Parse(data)
            raise Ended("closed")
        except (Ended, OSError, expat.ExpatError) as error:
            if not self.ended.done():
                self.ended.set_exception(error if isinstance(error, Ended) else Ended(repr(error)))
                self.ended.exception()

    def receive(self, stanza: Stanza) -> None:
        if stanza.name == "stream:error":
            raise Ended(stanza.text)
        answer = self.answers.pop(stanza.attributes.get("id", ""), None)
        if answer and stanza.name == "iq" and not answer.done():
            answer.set_result(stanza)
        elif not self.jid and stanza.name != "iq":
            self.negotiation.put_nowait(stanza)
        else:
            self.on_stanza(stanza)

    def send(self, data: str | bytes) -> None:
        self.writer.write(data if isinstance(data, bytes) else data.encode())

    async def ask(self, kind: str, to: str | None, payload: str) -> Stanza:
        """The answer to an iq."""
        identifier = f"raw-{next(self.numbers)}"
        answer = self.answers[identifier] = asyncio.get_running_loop().create_future()
        address = f" to={quoteattr(to)}" if to else ""
        self.send(f"<iq type='{kind}' id='{identifier}'{address}>{payload}</iq>")
        return await self.unless_ended(answer)

    async def settle(self) -> None:
        """Returns when the server has done with all that was sent; throws `Ended` where it did not take it."""
        await self.ask("get", self.domain, "<ping xmlns='urn:xmpp:ping'/>")

    async def unless_ended(self, answer):
        answer = asyncio.ensure_future(answer)
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait({answer, self.ended}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            self.ended.result()
        return answer.result()

    def close(self) -> None:
        self.reading.cancel()
        self.writer.close()
