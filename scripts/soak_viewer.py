"""Those who call the camera of scripts/soak, by scripts/viewer, and how they behave."""

import asyncio
import contextlib
import json
import random
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path

from soak_camera import ROOT, Camera

PATIENCE = 150  # seconds until a viewer gives up: this machine does other work, too
SMALLEST_PSNR = 20  # dB: it is the camera's picture, whatever the bitrate was
HEARD, SAID = 440, 700  # Hz, of the microphone and by a viewer

# Those who want to see it, and those who do not stay for that.
WATCHING = ["plain", "plain", "lossy", "relay", "taking-back", "listening", "speaking"]
LEAVING = ["early", "killed", "vanishing"]


@dataclass
class Caller:
    """One call, as it was drawn."""

    behavior: str
    account: str
    delay: float  # seconds from the round's start to that of the viewer
    length: float  # seconds from the first picture to hanging up
    loss: float
    left_at: str  # the event after which somebody leaves early
    killed_after: float  # seconds

    @classmethod
    def draw(cls, chance: random.Random, behaviors: list[str], account: str) -> "Caller":
        return cls(
            chance.choice(behaviors), account, chance.uniform(0, 3), chance.uniform(3, 12), chance.uniform(0.01, 0.15),
            chance.choice(["online", "ringing", "proceeded", "accepted", "first-packet"]), chance.uniform(1, 10))

    @property
    def is_watching(self) -> bool:
        return self.behavior not in LEAVING

    def options(self, clip: Path) -> list[str]:
        hang_up = ["--hang-up-after", str(self.length)]
        match self.behavior:
            case "plain":
                return [*hang_up, "--reference", str(clip)]
            case "taking-back":
                return [*hang_up, "--take-back", "2"]
            case "lossy":
                return [*hang_up, "--simulate-loss", str(self.loss)]
            case "relay":
                return [*hang_up, "--relay-only"]
            case "listening":
                return [*hang_up, "--listen"]
            case "speaking":
                return [*hang_up, "--speak", str(SAID)]
            case "vanishing":
                return ["--count-frames", "10", "--vanish"]
            case "outliving":
                return ["--outlive-stream"]
        return []


@dataclass
class Viewer:
    """A running scripts/viewer."""

    caller: Caller
    camera: Camera
    clip: Path
    events: dict[str, dict] = field(default_factory=dict)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    has_ended: bool = False

    async def call(self) -> None:
        """Until the call is over."""
        await asyncio.sleep(self.caller.delay)
        self.process = await python(
            "viewer.py", self.caller.account, self.camera, "--timeout", str(PATIENCE), "--call", self.camera.jid,
            "--subscribe", *self.caller.options(self.clip))
        behave = asyncio.create_task(self.behave())
        try:
            async for line in self.process.stdout:
                told = json.loads(line)
                async with self.changed:
                    self.events[told["event"]] = told
                    self.changed.notify_all()
            await self.process.wait()
        finally:
            self.signal(signal.SIGKILL)
            behave.cancel()
        async with self.changed:
            self.has_ended = True
            self.changed.notify_all()

    async def behave(self) -> None:
        match self.caller.behavior:
            case "early":
                await self.saw(self.caller.left_at)
                self.signal(signal.SIGINT)
            case "killed":
                await asyncio.sleep(self.caller.killed_after)
                self.signal(signal.SIGKILL)

    def signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    async def saw(self, event: str) -> bool:
        """Waits for an event; false where the viewer ended without it."""
        async with self.changed:
            await self.changed.wait_for(lambda: event in self.events or self.has_ended)
        return event in self.events

    @property
    def summary(self) -> dict:
        return self.events.get("summary", {})

    @property
    def has_picture(self) -> bool:
        return "first-frame" in self.events

    @property
    def was_told_of_no_camera(self) -> bool:
        return self.summary.get("outcome") in ("rejected", "terminated") and self.summary["detail"] == "media-error"

    def complaint(self, *, has_camera: bool, has_sound: bool) -> str | None:
        """What was wrong with the call of somebody who wanted to see it. Where the camera was not there all the time
        (`has_camera`), the picture may have been one that says so; nor is something heard for sure where the sound card
        was not, or where somebody spoke, which may end what others hear for a while (`has_sound`)."""
        seen = self.summary
        told = f"{seen.get('outcome')}, {seen.get('detail')}, after {', '.join(self.events)}"
        if not self.has_picture:
            return f"no picture: {told}"
        outcome = "interrupted" if self.caller.behavior == "outliving" else "hung-up"
        if seen.get("outcome") != outcome:
            return f"it ended early: {told}"
        if self.caller.behavior == "outliving" and "outlived-stream" not in self.events:
            return "it did not outlive the stream"
        if has_camera and self.caller.behavior == "plain" and not seen["framesNumbered"]:
            return "none of the camera's pictures"
        if has_sound and self.caller.behavior == "listening" and abs(seen.get("soundFrequency", 0) - HEARD) > 5:
            return f"{seen.get('soundSeconds')} seconds of sound, of {seen.get('soundFrequency')} Hz"
        if seen.get("psnrMedian", 100) < SMALLEST_PSNR:
            return f"pictures of {seen['psnrMedian']} dB"
        return None


async def python(script: str, account: str, camera: Camera, *options: str) -> asyncio.subprocess.Process:
    """A program of scripts/viewer that logs in."""
    world = camera.world
    login = ["--jid", account, "--password-file", world["WORLD_PASSWORD_FILE"], "--server", world["WORLD_SERVER"]]
    return await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "scripts/viewer" / script), *login, "--ca-file", world["WORLD_CA_FILE"], *options,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL)
