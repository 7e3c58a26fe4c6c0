"""A stranger who sends a camera everything that hostile_stanzas.py has, and a witness who tells whether it harmed.

`online CAMERA`: each by itself to a camera that is online, whose full JID it is. After each the witness, who may know, sees
whether the camera is still there; and what a stranger is answered has to be what a device that does not exist is
answered. `store CAMERA`: all of them to a camera that is away, for its server to keep; each content as a message, and as
a subscription request of a stranger of its own. `names`: what there is.

Tells as JSON, an object a line, of whatever is amiss, then what was sent and what the server did not take.
"""

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import quoteattr

from hostile_stanzas import CONTENTS, LIMITS, NAMESPACES, REPEATED, STANZAS, SYNTAX
from rawclient import Ended, RawClient, Stanza

COMMANDS = "<query xmlns='http://jabber.org/protocol/disco#items' node='http://jabber.org/protocol/commands'/>"
SMALL = 5000

WRAPPINGS = {
    "message": "<message type='chat'>{}</message>",
    "plain message": "<message>{}</message>",
    "request": "<iq type='set'>{}</iq>",
    "query": "<iq type='get'>{}</iq>",
    "subscription": "<presence type='subscribe'>{}</presence>",
}


def addressed(stanza: str, to: str, identifier: str) -> bytes:
    """The stanza with its recipient, and with an id where it has none."""
    end = re.match(r"<[^\s/>]+", stanza).end()
    identity = "" if re.match(r"[^>]*\sid='", stanza) else f" id='{identifier}'"
    # Octets that are no UTF-8 are surrogates here, others are themselves.
    text = f"{stanza[:end]} to={quoteattr(to)}{identity}{stanza[end:]}"
    data = text.encode("utf-8", "surrogateescape" if re.search("[\udc80-\udcff]", text) else "strict")
    # Expat 2.6 and later looks at a long tag again only when as many octets have followed (CVE-2023-52425).
    return data + b" " * (len(data) if len(data) > SMALL else 0)


class CameraLeft(Exception):
    """Its stream is not the one that it was."""


class Table:
    def __init__(self, options: argparse.Namespace):
        self.options = options
        self.password = Path(options.password_file).read_text().strip()
        self.refused: list[str] = []
        self.sent = 0

    async def log_in(self, user: str, on_stanza=lambda _: None) -> RawClient:
        options = self.options
        client = RawClient(user, options.domain, on_stanza, declarations=" xmlns:far='urn:far'")
        return await client.log_in(options.server, options.ca_file, self.password)

    def tell(self, **details) -> None:
        print(json.dumps(details, ensure_ascii=False), flush=True)


class Online(Table):
    """Stanzas one by one to a device that is online."""

    def __init__(self, options: argparse.Namespace):
        super().__init__(options)
        self.device = options.camera
        self.account = options.camera.partition("/")[0]
        self.has_left = False
        self.heard: list[Stanza] = []

    def on_witness(self, stanza: Stanza) -> None:
        if stanza.name == "presence" and stanza.attributes.get("from") == self.device:
            self.has_left = self.has_left or stanza.attributes.get("type") == "unavailable"

    async def is_there(self) -> bool:
        """Asked and answered over the same stream as before, after all that came before."""
        answer = await self.witness.ask("get", self.device, COMMANDS)
        return "forbidden" in answer.text and not self.has_left

    async def is_back(self) -> bool:
        for _ in range(50):
            self.has_left = False
            if await self.is_there():
                return True
            await asyncio.sleep(0.2)
        return False

    def cases(self, is_forbidden_name: bool) -> Iterator[tuple[str, str, str]]:
        """Name, stanza, recipient. Where the sender's name is forbidden, it matters what he is answered."""
        for name, content in CONTENTS.items():
            if is_forbidden_name and name in NAMESPACES | SYNTAX | REPEATED | LIMITS:
                continue
            for wrapping, stanza in WRAPPINGS.items():
                # The large ones cost servers a second each, and Prosody seconds.
                if wrapping in ("message", "subscription") and len(content) < SMALL:
                    yield f"{name}, {wrapping} to the account", stanza.format(content), self.account
                if wrapping == "request" or wrapping in ("plain message", "query") and len(content) < SMALL:
                    yield f"{name}, {wrapping} to the device", stanza.format(content), self.device
        for name, stanza in STANZAS.items():
            yield f"{name}, to the account", stanza, self.account
            yield f"{name}, to the device", stanza, self.device

    async def send(self, stranger: RawClient, stanza: str, to: str) -> list[str]:
        """What the stranger is answered."""
        self.heard.clear()
        self.sent += 1
        stranger.send(addressed(stanza, to, f"hostile-{self.sent}"))
        await stranger.settle()
        if not await self.is_there():
            raise CameraLeft
        await stranger.settle()
        return sorted(self.essence(stanza) for stanza in self.heard)

    def essence(self, stanza: Stanza) -> str:
        """ejabberd's errors hold what they answer, and a text, which RFC 6120 section 8.3.1 leaves to whoever answers."""
        if self.options.domain.startswith("ejabberd.") and stanza.attributes.get("type") == "error":
            conditions = re.findall(r'<error [^>]*type="(.+?)"[^>]*><([a-z-]+) ', stanza.text)
            return f"{stanza.name} {conditions[-1:]}"
        return stanza.text

    async def run(self) -> None:
        self.witness = await self.log_in(self.options.witness, self.on_witness)
        self.witness.send("<presence/>")
        await self.is_back()
        for user in self.options.stranger, "♥":
            stranger = None
            for name, stanza, to in self.cases(is_forbidden_name=user == "♥"):
                stranger = stranger or await self.log_in(user, self.heard.append)
                try:
                    fault = await self.fault(stranger, stanza, to)
                except CameraLeft:
                    fault = {"fault": "the camera left"}
                    if not await self.is_back():
                        self.tell(stanza=name, sender=user, fault="the camera left for good")
                        break
                except Ended:
                    self.refused.append(name)
                    stranger.close()
                    stranger = None
                    continue
                if fault:
                    self.tell(stanza=name, sender=user, **fault)
        self.tell(sent=self.sent, refused=self.refused)

    async def fault(self, stranger: RawClient, stanza: str, to: str) -> dict[str, object] | None:
        answers = await self.send(stranger, stanza, to)
        if to == self.account:
            is_told = any(heard.attributes.get("from") == self.device for heard in self.heard)
            return {"told": answers} if is_told else None
        if len(stanza) < SMALL:
            nobodys = await self.send(stranger, stanza, f"{self.account}/nobody")
            return {"told": answers, "instead_of": nobodys} if answers != nobodys else None
        return None


class Store(Table):
    """Stanzas for a server to keep."""

    def __init__(self, options: argparse.Namespace):
        super().__init__(options)
        self.wanted = set(options.only or [*CONTENTS, *STANZAS])

    async def run(self) -> None:
        account = self.options.camera
        writer = await self.log_in("stranger1")
        for number, (name, content) in enumerate(CONTENTS.items(), start=2):
            if name in REPEATED or name not in self.wanted:
                continue
            message = WRAPPINGS["message"].format(content)
            writer = await self.leave(writer, name, message, account)
            if len(content) < SMALL:
                writer = await self.leave(writer, name, message, f"{account}/away")
                # Of one sender a server keeps one request; of large ones Prosody writes all anew with each.
                stranger = await self.log_in(f"stranger{number}")
                stranger = await self.leave(stranger, name, WRAPPINGS["subscription"].format(content), account)
                stranger.close()
        for name, stanza in STANZAS.items():
            if name in self.wanted:
                writer = await self.leave(writer, name, stanza, account)
        self.tell(sent=self.sent, refused=self.refused)

    async def leave(self, client: RawClient, name: str, stanza: str, to: str) -> RawClient:
        """The stream that is there afterwards."""
        self.sent += 1
        client.send(addressed(stanza, to, f"hostile-{self.sent}"))
        try:
            await client.settle()
            return client
        except Ended:
            self.refused.append(name)
            client.close()
            return await self.log_in(client.user)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mode", choices=["online", "store", "names"])
    parser.add_argument("camera", nargs="?")
    parser.add_argument("--domain")
    parser.add_argument("--password-file")
    parser.add_argument("--server", metavar="HOST:PORT")
    parser.add_argument("--ca-file")
    parser.add_argument("--witness", metavar="USER", help="online: who may know that the camera is there")
    parser.add_argument("--stranger", metavar="USER", help="online: who may not")
    parser.add_argument("--only", action="append", metavar="NAME", help="store: not all of them")
    return parser.parse_args()


async def main() -> None:
    options = arguments()
    if options.mode == "names":
        print(json.dumps([*CONTENTS, *STANZAS], ensure_ascii=False))
        return
    await (Online if options.mode == "online" else Store)(options).run()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
