"""An XMPP client that answers or makes one video call and judges the picture: slixmpp, aiortc and nothing of jinglecam.

Events go to standard output, one JSON object a line; the summary to --summary. Exits with 0 where the call went as the
options foresaw (--decline, --no-answer, … or pictures seen), with 1 otherwise.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import signal
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import slixmpp
from aiortc import RTCIceServer
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

import bad
import jingle
import knock
import picture
import sound
import sync
from call import Call, OutgoingCall
from jingle import JINGLE, MESSAGE, element, tag

FEATURES = [
    jingle.JINGLE,
    jingle.RTP,
    jingle.RTP.removesuffix(":1") + ":audio",
    jingle.RTP.removesuffix(":1") + ":video",
    jingle.FEEDBACK,
    jingle.HEADER_EXTENSIONS,
    jingle.SOURCES,
    jingle.GROUPING,
    jingle.DTLS,
    jingle.ICE_UDP,
    jingle.MESSAGE,
    "urn:xmpp:receipts",
]


class Viewer(slixmpp.ClientXMPP):
    def __init__(self, options: argparse.Namespace):
        super().__init__(options.jid, Path(options.password_file).read_text().strip())
        self.options = options
        self.started_at = time.monotonic()
        self.picture = picture.Sight(options.reference)
        self.loss = bad.Loss(options.simulate_loss) if options.simulate_loss else None
        self.hearing = sound.Hearing(self.loss)
        self.sync = sync.LipSync()
        self.call: Call | None = None
        self.outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.detail: str | None = None
        self.frames_at_loss: int | None = None  # of the stream
        self.callee_online = asyncio.Event()
        self.incoming: asyncio.Queue[tuple[slixmpp.JID, ET.Element]] = asyncio.Queue()
        self.ca_certs = options.ca_file
        self.enable_plaintext = False
        self.enable_direct_tls = False
        for plugin in ("xep_0030", "xep_0115", "xep_0199", "xep_0092"):
            self.register_plugin(plugin)
        if options.caps_node:
            self.plugin["xep_0115"].caps_node = options.caps_node
        self.add_event_handler("session_start", self.on_session)
        self.add_event_handler("failed_all_auth", lambda _: self.finish("not-authorized"))
        self.add_event_handler("connection_failed", lambda error: self.finish(f"unreachable: {error}"))
        self.add_event_handler("disconnected", self.on_disconnected)
        self.add_event_handler("presence_available", self.on_available)
        messages = {"propose": self.on_propose, "retract": self.on_retract}
        messages |= {"ringing": self.on_ringing, "proceed": self.on_proceed, "reject": self.on_reject}
        for name, on_message in messages.items():
            path = f"{{jabber:client}}message/{tag(MESSAGE, name)}"
            self.register_handler(Callback(name, MatchXPath(path), on_message))
        path = f"{{jabber:client}}iq/{tag(JINGLE, 'jingle')}"
        self.register_handler(Callback("jingle", MatchXPath(path), self.on_jingle))

    def tell(self, name: str, **details) -> None:
        at = round(time.monotonic() - self.started_at, 3)
        print(json.dumps({"event": name, "at": at, **details}), flush=True)

    def finish(self, outcome: str, detail: str | None = None) -> None:
        if not self.outcome.done():
            self.detail = detail
            self.outcome.set_result(outcome)

    async def on_session(self, _) -> None:
        for feature in FEATURES:
            self.plugin["xep_0030"].add_feature(feature)
        await self.plugin["xep_0115"].update_caps()
        self.send_presence()
        await self.get_roster()
        self.tell("online", jid=str(self.boundjid))
        if self.options.knock:
            self.finish("knocked", await knock.knock(self, slixmpp.JID(self.options.knock)))
        elif self.options.add or self.options.write:
            if self.options.add:
                self.send_presence_subscription(pto=self.options.add)
            else:
                self.client_roster.auto_subscribe = False
            if self.options.write:
                recipient, text = self.options.write
                self.send_message(mto=recipient, mbody=text, mtype="chat")
        elif self.options.call:
            if self.options.subscribe:
                self.send_presence_subscription(pto=self.options.call)
            await self.callee_online.wait()
            self.begin()

    def on_available(self, presence) -> None:
        if presence["from"].bare == self.options.call:
            self.callee_online.set()

    def on_disconnected(self, _) -> None:
        if not self.options.outlive_stream:
            return self.finish("disconnected")
        self.frames_at_loss = self.picture.frames
        self.tell("stream-lost")

    async def turn_servers(self) -> list[RTCIceServer]:
        """What the server tells by XEP-0215; aioice takes one TURN server."""
        namespace = "urn:xmpp:extdisco:2"
        answer = await self.make_iq_get(ito=self.boundjid.domain).set_payload(element(namespace, "services")).send()
        return [
            RTCIceServer(
                f"turn:{service.get('host')}:{service.get('port')}?transport=udp",
                username=service.get("username"),
                credential=service.get("password"),
            )
            for service in answer.xml.iter(tag(namespace, "service"))
            if service.get("type") == "turn" and service.get("transport") == "udp"
        ][:1]

    # XEP-0353

    def say(self, to: slixmpp.JID | str, payload: ET.Element, *, receipt: bool = False) -> None:
        message = self.make_message(mto=to, mtype="chat")
        message.append(payload)
        if receipt:
            message["id"] = self.new_id()
            message.append(element("urn:xmpp:receipts", "request"))
        message.append(element("urn:xmpp:hints", "store"))
        message.send()

    def on_propose(self, message) -> None:
        propose = message.xml.find(tag(MESSAGE, "propose"))
        sid, caller = propose.get("id"), message["from"]
        proposed_at = time.monotonic()
        media = [d.get("media") for d in propose.findall(tag(jingle.RTP, "description"))]
        self.tell("proposed", sid=sid, caller=str(caller), media=media)
        if message.xml.find(tag("urn:xmpp:receipts", "request")) is not None:
            self.say(caller, element("urn:xmpp:receipts", "received", {"id": message["id"]}))
        if self.call or self.options.busy:
            return self.reject(caller, sid, "busy")
        self.say(caller, element(MESSAGE, "ringing", {"id": sid}))
        if self.options.decline:
            return self.reject(caller, sid, "decline")
        self.call = Call(self, sid, caller, proposed_at)
        if not self.options.no_answer:
            self.say(self.boundjid.bare, element(MESSAGE, "accept", {"id": sid}))
            self.say(caller, element(MESSAGE, "proceed", {"id": sid}))

    def reject(self, caller: slixmpp.JID, sid: str, condition: str) -> None:
        reason = element(JINGLE, "reason", children=[element(JINGLE, condition)])
        self.say(caller, element(MESSAGE, "reject", {"id": sid}, [reason]))
        self.tell("rejected", condition=condition)
        if not self.call:
            self.finish("rejected", condition)

    def on_retract(self, message) -> None:
        retract = message.xml.find(tag(MESSAGE, "retract"))
        if self.call and (retract.get("id"), message["from"]) == (self.call.sid, self.call.peer):
            self.tell("retracted")
            self.finish("retracted")

    def begin(self) -> None:
        for _ in range(self.options.take_back):
            call = OutgoingCall(self, self.options.call)
            call.propose()
            call.retract()
        self.call = OutgoingCall(self, self.options.call)
        self.call.propose()

    def is_of_call(self, message, name: str) -> bool:
        sid = message.xml.find(tag(MESSAGE, name)).get("id")
        return self.call is not None and (sid, message["from"].bare) == (self.call.sid, self.call.peer.bare)

    def on_ringing(self, message) -> None:
        if self.is_of_call(message, "ringing"):
            self.tell("ringing")

    def on_proceed(self, message) -> None:
        if self.is_of_call(message, "proceed"):
            self.tell("proceeded", device=str(message["from"]))
            self.incoming.put_nowait((message["from"], message.xml.find(tag(MESSAGE, "proceed"))))

    def on_reject(self, message) -> None:
        if self.is_of_call(message, "reject"):
            condition = next(message.xml.iter(tag(JINGLE, "reason")))[0].tag.partition("}")[2]
            self.tell("rejected", condition=condition)
            self.finish("rejected", condition)

    # XEP-0166

    def on_jingle(self, iq) -> None:
        """Answers every request; what it asks for is done in order of arrival."""
        message = iq.xml.find(tag(JINGLE, "jingle"))
        if iq["type"] != "set":
            return
        if not self.call or (message.get("sid"), iq["from"]) != (self.call.sid, self.call.peer):
            error = iq.reply()
            error["type"] = "error"
            error["error"]["type"] = "cancel"
            error["error"]["condition"] = "item-not-found"
            error["error"].xml.append(element("urn:xmpp:jingle:errors:1", "unknown-session"))
            error.send()
            return
        iq.reply().send()
        self.incoming.put_nowait((iq["from"], message))

    async def serve(self) -> None:
        while True:
            sender, message = await self.incoming.get()
            action = message.get("action", "proceed")
            self.tell("received", action=action)
            try:
                await self.perform(action, message, sender)
            except Exception as error:  # whatever the offer did to aiortc is the finding
                logging.exception("%s", action)
                reason = element(JINGLE, "reason", children=[element(JINGLE, "failed-application")])
                self.call.send("session-terminate", [reason])
                self.finish("failed", f"{action}: {error!r}")

    async def perform(self, action: str, message: ET.Element, sender: slixmpp.JID) -> None:
        match action:
            case "session-initiate" if self.call.connection is None:
                await self.call.initiate(message)
            case "proceed" if self.call.connection is None:
                await self.call.proceed(sender)
            case "session-accept" if self.options.call and self.call.accepted_at is None:
                await self.call.accept(message)
            case "transport-info":
                await self.call.transport_info(message)
            case "session-terminate":
                reason = message.find(tag(JINGLE, "reason"))
                condition = reason[0].tag.partition("}")[2] if reason is not None and len(reason) else None
                self.tell("terminated", reason=condition)
                self.finish("terminated", condition)
            case _:
                pass  # content-modify, session-info: acknowledged, and of no consequence here

    def inform(self, info: str) -> None:
        """XEP-0167 section 8."""
        if self.call:
            self.call.send("session-info", [element(f"{jingle.RTP.removesuffix(':1')}:info:1", info)])

    async def run(self) -> str:
        host, _, port = self.options.server.rpartition(":")
        self.connect(host, int(port))
        server = asyncio.ensure_future(self.serve())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.finish, "interrupted")
        for number, info in ((signal.SIGUSR1, "hold"), (signal.SIGUSR2, "unhold")):
            loop.add_signal_handler(number, self.inform, info)
        try:
            async with asyncio.timeout(self.options.timeout):
                outcome = await self.outcome
        except TimeoutError:
            outcome = "timeout"
        server.cancel()
        if self.call:
            await asyncio.wait(self.call.tasks, timeout=0.2) if self.call.tasks else None
            await self.call.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                await self.disconnect()
        return outcome

    def summary(self, outcome: str) -> dict:
        call = self.call.summary(self.picture) if self.call else {}
        is_listening = self.options.listen or self.options.listen_for or self.options.sound_alone
        heard = self.hearing.summary() if is_listening else {}
        compared = self.sync.summary() if self.options.lip_sync else {}
        return {"outcome": outcome, "detail": self.detail, **self.picture.summary(), **heard, **compared, **call}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jid", required=True)
    parser.add_argument("--password-file", required=True)
    parser.add_argument("--server", required=True, metavar="HOST:PORT")
    parser.add_argument("--ca-file", required=True, type=Path)
    parser.add_argument("--reference", metavar="CLIP", help="compare what is seen with this, by the numbers in both")
    parser.add_argument("--png", metavar="FILE", help="save the last picture")
    parser.add_argument("--summary", metavar="FILE", help="save the summary as JSON")
    parser.add_argument("--timeout", type=float, default=120, metavar="S", help="give up after S seconds (120)")
    ends = parser.add_mutually_exclusive_group()
    ends.add_argument("--decline", action="store_true")
    ends.add_argument("--busy", action="store_true")
    ends.add_argument("--no-answer", action="store_true", help="ring, and let it ring")
    ends.add_argument("--hang-up-after", type=float, metavar="S", help="seconds after the first picture")
    ends.add_argument("--count-frames", type=int, metavar="N", help="hang up after N pictures")
    parser.add_argument("--vanish", action="store_true", help="with --count-frames: die instead, without a word")
    ends.add_argument("--listen-for", type=float, metavar="S", help="the same of S seconds, then hang up")
    ends.add_argument(
        "--lip-sync", type=int, metavar="N", help="hang up after N flashes with a beep, and tell how far apart they are"
    )
    ends.add_argument("--expect-busy", action="store_true", help="with --call: be content with busy alone")
    ends.add_argument("--outlive-stream", action="store_true", help="without a stream go on until interrupted")
    parser.add_argument("--call", metavar="JID", help="call this account as soon as it is online")
    parser.add_argument("--caps-node", metavar="URI", help="call ourselves this client (XEP-0115)")
    parser.add_argument("--subscribe", action="store_true", help="with --call: ask for the callee's presence first")
    parser.add_argument("--add", metavar="JID", help="make this account a contact, and wait to be called")
    parser.add_argument(
        "--write",
        nargs=2,
        metavar=("JID", "TEXT"),
        help="send that in a chat, and wait to be called; without --add ask for no presence",
    )
    parser.add_argument("--take-back", type=int, default=0, metavar="N", help="retract N calls before the one that counts")
    parser.add_argument("--knock", metavar="JID", help="see whether this device tells a stranger that it is there")
    parser.add_argument("--sound-alone", type=float, metavar="S", help="with --call: without video, and for S seconds")
    parser.add_argument("--listen", action="store_true", help="tell what is heard")
    parser.add_argument("--speak", type=float, metavar="HZ", help="say a tone")
    parser.add_argument("--insist", action="store_true", help="send what the camera has said it takes none of")
    parser.add_argument("--part", type=int, metavar="N", help="tell of every N pictures by themselves")
    parser.add_argument(
        "--simulate-loss",
        type=float,
        metavar="SHARE",
        help="lose that share of the packets both ways; seconds of sound count from when it is sent twice",
    )
    parser.add_argument("--demand-key-frames", action="store_true", help="send PLI all the time")
    parser.add_argument("--claim-bitrate", type=int, metavar="BIT/S", help="send REMB that says so")
    parser.add_argument("--no-decode", action="store_true", help="receive, give feedback, but look at no picture")
    parser.add_argument("--no-bundle", action="store_true", help="a transport for each content, as Dino does")
    parser.add_argument("--no-rtx", action="store_true")
    parser.add_argument("--no-rtcp-mux", action="store_true", help="want a port of its own for RTCP, as an answerer may")
    parser.add_argument("--odd", action="store_true", help="have the habits of odd.py")
    parser.add_argument("--trickle", action="store_true", help="candidates in transport-infos, not in session-accept")
    parser.add_argument("--relay-only", action="store_true", help="use only the TURN server that XEP-0215 names")
    parser.add_argument("--wrong-fingerprint", action="store_true", help="claim a certificate that is not ours")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()


async def main() -> int:
    options = arguments()
    logging.basicConfig(level=logging.DEBUG if options.verbose else logging.ERROR, stream=sys.stderr)
    viewer = Viewer(options)
    outcome = await viewer.run()
    summary = viewer.summary(outcome)
    if options.png and viewer.picture.last_frame is not None:
        picture.save_png(viewer.picture.last_frame, options.png)
    if options.summary:
        Path(options.summary).write_text(json.dumps(summary, indent=2) + "\n")
    viewer.tell("summary", **summary)
    if options.decline or options.busy:
        return 0 if outcome == "rejected" else 1
    if options.expect_busy:
        return 0 if (outcome, viewer.detail) == ("rejected", "busy") else 1
    if options.knock:
        return 0 if (outcome, viewer.detail) == ("knocked", None) else 1
    if options.outlive_stream:
        return 0 if outcome == "interrupted" and viewer.frames_at_loss is not None else 1
    if options.no_answer:
        return 0 if outcome == "retracted" else 1
    if options.no_rtcp_mux:
        return 0 if (outcome, viewer.detail) == ("terminated", "incompatible-parameters") else 1
    if options.wrong_fingerprint:
        return 0 if (outcome, viewer.detail) == ("terminated", "security-error") else 1
    if options.sound_alone:
        return 0 if outcome == "hung-up" and summary["soundSeconds"] > 0 else 1
    return 0 if outcome in ("hung-up", "terminated") and viewer.picture.frames > 0 else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
