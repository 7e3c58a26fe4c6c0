"""An XMPP client that asks a camera for something, in a chat or by ad-hoc commands: slixmpp and nothing of jinglecam.

Steps, done in order: `chat TEXT`, `list` (the commands that are offered), `run NODE [FIELD=VALUE...]`, `until TEXT NODE` (run until
TEXT is in the answer), `presence TEXT` (wait until that was the status of its presence), `picture CLIP` (fetch the picture that came,
and compare it with the clip's). Each is told as a JSON object a line on standard output, with what came back, or null where nothing
did; so is each presence of the camera, with its status.
"""

import argparse
import asyncio
import json
import shlex
import ssl
import sys
import urllib.request
from pathlib import Path

import slixmpp
from picture import judge_jpeg
from slixmpp.exceptions import IqError, IqTimeout

# What is not answered in this time is not answered.
PATIENCE = 5
COMMANDS = "http://jabber.org/protocol/commands"


class Controller(slixmpp.ClientXMPP):
    def __init__(self, options: argparse.Namespace):
        super().__init__(options.jid, Path(options.password_file).read_text().strip())
        self.options = options
        self.ca_certs = options.ca_file
        self.enable_plaintext = False
        self.enable_direct_tls = False
        for plugin in ("xep_0030", "xep_0004", "xep_0050", "xep_0115"):
            self.register_plugin(plugin)
        self.answers: asyncio.Queue[str] = asyncio.Queue()
        self.statuses: asyncio.Queue[str] = asyncio.Queue()
        self.pictures: asyncio.Queue[str] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        self.started: asyncio.Future[None] = loop.create_future()
        self.camera: asyncio.Future[slixmpp.JID] = loop.create_future()
        self.add_event_handler("session_start", lambda _: self.started.done() or self.started.set_result(None))
        self.add_event_handler("message", self.on_message)
        self.add_event_handler("presence_available", self.on_presence)

    def on_message(self, message) -> None:
        if message["from"].bare == slixmpp.JID(self.options.camera).bare and message["body"]:
            self.answers.put_nowait(message["body"])
            # A client shows a picture only where text and URL are the same.
            if message.xml.findtext("{jabber:x:oob}x/{jabber:x:oob}url") == message["body"]:
                self.pictures.put_nowait(message["body"])

    def on_presence(self, presence) -> None:
        if presence["from"].bare != slixmpp.JID(self.options.camera).bare:
            return
        print(json.dumps({"step": "presence", "answer": presence["status"]}), flush=True)
        self.statuses.put_nowait(presence["status"])
        if not self.camera.done():
            self.camera.set_result(presence["from"])

    async def step(self, words: list[str]) -> object:
        match words:
            case ["chat", text]:
                while not self.answers.empty():  # to what was run before
                    self.answers.get_nowait()
                self.send_message(mto=self.target, mbody=text, mtype="chat")
                async with asyncio.timeout(PATIENCE):
                    return await self.answers.get()
            case ["picture", clip]:
                async with asyncio.timeout(PATIENCE):
                    url = await self.pictures.get()
                return await asyncio.to_thread(self.judge, url, clip)
            case ["presence", text]:
                async with asyncio.timeout(4 * PATIENCE):
                    while await self.statuses.get() != text:
                        pass
                return text
            case ["list"]:
                items = await self.plugin["xep_0030"].get_items(jid=self.target, node=COMMANDS, timeout=PATIENCE)
                return sorted(item[1] for item in items["disco_items"]["items"])
            case ["until", text, node]:
                async with asyncio.timeout(4 * PATIENCE):
                    while text not in json.dumps(answer := await self.run_command(node, {})):
                        await asyncio.sleep(0.2)  # nothing tells of it
                    return answer
            case ["run", node, *fields]:
                return await self.run_command(node, dict(field.split("=", 1) for field in fields))
        raise ValueError(words)

    def judge(self, url: str, clip: str) -> dict:
        trusted = ssl.create_default_context(cafile=self.options.ca_file)
        with urllib.request.urlopen(url, timeout=PATIENCE, context=trusted) as answer:
            return {"url": url, "type": answer.headers["Content-Type"]} | judge_jpeg(answer.read(), clip)

    async def run_command(self, node: str, fields: dict[str, str]) -> object:
        answer = await self.plugin["xep_0050"].send_command(self.target, node, timeout=8 * PATIENCE)
        command = answer["command"]
        told: dict[str, object] = {}
        if command["status"] == "executing":
            form = command["form"]
            told["fields"] = {name: field["value"] for name, field in form.get_fields().items()}
            submitted = self.plugin["xep_0004"].make_form(ftype="submit")
            for name, value in fields.items():
                submitted.add_field(var=name, value=value)
            answer = await self.plugin["xep_0050"].send_command(
                self.target, node, action="complete", payload=submitted, sessionid=command["sessionid"],
                timeout=PATIENCE)
            command = answer["command"]
        return told | {"status": command["status"], "notes": [list(note) for note in command["notes"]]}

    async def run(self) -> None:
        host, _, port = self.options.server.rpartition(":")
        self.connect(host, int(port))
        await self.started
        await self.plugin["xep_0115"].update_caps()
        self.send_presence()
        await self.get_roster()
        if "/" in self.options.camera:
            self.target = slixmpp.JID(self.options.camera)
        else:
            self.target = await self.camera
        for text in self.options.step:
            told: dict[str, object] = {"step": text}
            try:
                told["answer"] = await self.step(shlex.split(text))
            except IqError as error:
                told["error"] = error.condition
            except (IqTimeout, TimeoutError):
                told["answer"] = None
            print(json.dumps(told), flush=True)
        await self.disconnect()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jid", required=True)
    parser.add_argument("--password-file", required=True)
    parser.add_argument("--server", required=True, metavar="HOST:PORT")
    parser.add_argument("--ca-file", required=True, type=Path)
    parser.add_argument("--camera", required=True, help="its address; without a resource, as its presence tells it")
    parser.add_argument("step", nargs="+")
    return parser.parse_args()


async def main() -> None:
    async with asyncio.timeout(60):
        await Controller(arguments()).run()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
