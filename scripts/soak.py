"""Calls one camera for hours while things go wrong; scripts/soak prepares it and tells what it is for."""

import argparse
import asyncio
import csv
import random
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from soak_camera import ROOT, Camera, run
from soak_drift import Round, drifts, table
from soak_viewer import LEAVING, WATCHING, Caller, Viewer, python

VIEWERS = 8  # accounts
MOST_AT_ONCE = 3
ROUNDS_PER_REST = 4
REST_SECONDS = 240  # in which all calls are over: those of vanished viewers wait for consent and for a restart of ICE
BACK_SECONDS = 300  # in which the camera is back: its pauses between tries grow
ROUND_SECONDS = 900

# How often each is drawn, and which calls it may cost. A stranger costs none. Where the camera is not there, who is in a
# call sees that, and who calls hears it.
FAULTS = {
    "none": (6, []),
    "stranger": (4, []),
    "unplugged": (3, []),
    "silenced": (2, []),
    "server-in-call": (2, []),
    "server": (1, [*WATCHING]),
    "turn": (2, ["relay"]),
    "moved": (1, [*WATCHING]),
}
COLUMNS = ["seconds", "fault", "callers", "pictures", "excused", "left", "complaints", "outages"]
COLUMNS += ["MiB", "descriptors", "threads"]


@dataclass
class Plan:
    """A round, as it was drawn."""

    fault: str
    callers: list[Caller]
    fault_after: float  # seconds
    fault_length: float  # seconds
    seed: int  # of what a stranger says

    @classmethod
    def draw(cls, chance: random.Random, faults: dict, domain: str) -> "Plan":
        fault = chance.choices(list(faults), [weight for weight, _ in faults.values()])[0]
        behaviors = ["outliving"] if fault == "server-in-call" else [*WATCHING, *WATCHING, *LEAVING]
        accounts = chance.sample(range(1, VIEWERS + 1), chance.randint(1, MOST_AT_ONCE))
        callers = [Caller.draw(chance, behaviors, f"viewer{number}@{domain}") for number in accounts]
        return cls(fault, callers, chance.uniform(1, 10), chance.uniform(0.5, 8), chance.randrange(1 << 32))


class Soak:
    def __init__(self, options: argparse.Namespace):
        self.options = options
        entries = (options.world / "world.env").read_text().splitlines()
        self.world = dict(entry.split("=", 1) for entry in entries)
        self.domain = self.world["WORLD_DOMAIN"]
        self.camera = Camera(self.world, options.directory, options.picture, options.camera_network)
        self.rounds: list[Round] = []
        self.failures: list[str] = []
        self.stanzas = 0  # of strangers, that the server took

    async def server(self, change: str, name: str) -> None:
        await run(str(ROOT / "scripts/world"), change, str(self.options.world), name)

    async def fault(self, plan: Plan, viewers: list[Viewer]) -> None:
        if plan.fault == "server-in-call":
            for viewer in viewers:
                await viewer.saw("first-frame")
        else:
            await asyncio.sleep(plan.fault_after)
        match plan.fault:
            case "stranger":
                await self.pester(plan)
            case "unplugged":
                async with self.camera.unplugged(self.camera.stand_in):
                    await asyncio.sleep(plan.fault_length)
            case "silenced":
                async with self.camera.unplugged(self.camera.card):
                    await asyncio.sleep(plan.fault_length)
            case "server" | "server-in-call":
                await self.server("kill", "prosody")
                await asyncio.sleep(plan.fault_length)
                await self.server("revive", "prosody")
            case "turn":
                await self.server("kill", "coturn")
                await asyncio.sleep(plan.fault_length)
                await self.server("revive", "coturn")
            case "moved":
                await self.move()
        if plan.fault == "server-in-call":
            for viewer in viewers:
                await viewer.saw("outlived-stream")
                viewer.signal(signal.SIGINT)

    async def pester(self, plan: Plan) -> None:
        options = ["--camera", self.camera.jid, "--device", self.camera.device, "--seed", str(plan.seed)]
        stranger = await python("stranger.py", f"stranger1@{self.domain}", self.camera, *options)
        told, _ = await stranger.communicate()
        self.stanzas += int(told or 0)

    async def move(self) -> None:
        before, since = (await self.camera.metrics())["xmpp_reconnects_total"], time.monotonic()
        await self.camera.move()
        # Nothing else tells the camera's own idea of its connection from the truth.
        if await self.camera.until("xmpp_reconnects_total", lambda count: count > before, BACK_SECONDS):
            self.camera.outages.append(time.monotonic() - since)

    async def round(self, plan: Plan) -> Round:
        losses = self.camera.losses
        received = (await self.camera.metrics())["audio_received_packets_total"]
        viewers = [Viewer(caller, self.camera, self.options.directory / "clip.y4m") for caller in plan.callers]
        async with asyncio.TaskGroup() as group:
            for viewer in viewers:
                group.create_task(viewer.call())
            group.create_task(self.fault(plan, viewers))
        complaints, excused, excuses = [], 0, FAULTS[plan.fault][1]
        has_camera = plan.fault != "unplugged"
        speakers = [viewer for viewer in viewers if viewer.caller.behavior == "speaking"]
        has_sound = plan.fault != "silenced" and not speakers
        for viewer in viewers:
            complaint = None
            if viewer.caller.is_watching:
                complaint = viewer.complaint(has_camera=has_camera, has_sound=has_sound)
            if complaint and (viewer.caller.behavior in excuses or not has_camera and viewer.was_told_of_no_camera):
                excused += 1
            elif complaint:
                complaints.append(f"{viewer.caller.behavior}: {complaint}")
        if any(viewer.has_picture for viewer in speakers):
            if (await self.camera.metrics())["audio_received_packets_total"] == received:
                complaints.append("nothing was received of what a viewer said")
        if plan.fault not in ("server", "server-in-call", "moved") and self.camera.losses > losses:
            complaints.append("the connection was lost")
        if not await self.camera.until("xmpp_connected", lambda value: value == 1, BACK_SECONDS):
            complaints.append(f"no connection for {BACK_SECONDS} seconds")
        if not await self.camera.until("camera_present", lambda value: value == 1, BACK_SECONDS):
            complaints.append("the camera was not found again")
        usage = None
        if (len(self.rounds) + 1) % ROUNDS_PER_REST == 0:
            if await self.camera.until("calls", lambda count: count == 0, REST_SECONDS):
                await asyncio.sleep(3)  # the camera is closed, and sockets
                usage = self.camera.usage()
            else:
                complaints.append(f"calls that do not end in {REST_SECONDS} seconds")
        outages, self.camera.outages = self.camera.outages, []
        pictures = sum(viewer.has_picture for viewer in viewers)
        left = sum(not viewer.caller.is_watching for viewer in viewers)
        behaviors = [viewer.caller.behavior for viewer in viewers]
        return Round(self.hours(), plan.fault, behaviors, pictures, excused, left, complaints, outages, usage)

    def hours(self) -> float:
        return (time.monotonic() - self.started_at) / 3600

    async def run(self) -> None:
        self.started_at = time.monotonic()
        await self.camera.start([f"viewer{number}@{self.domain}" for number in range(1, VIEWERS + 1)])
        print(f"online after {self.hours() * 3600:.1f} s, process {self.camera.process.pid}", flush=True)
        chance = random.Random(self.options.seed)
        faults = {name: what for name, what in FAULTS.items() if name != "moved" or self.options.camera_network}
        self.started_at = time.monotonic()
        try:
            with open(self.options.directory / "rounds.csv", "w", buffering=1) as file:
                lines = csv.writer(file)
                lines.writerow(COLUMNS)
                while self.hours() < self.options.hours and self.camera.process.returncode is None:
                    await self.step(Plan.draw(chance, faults, self.domain), lines)
        except BaseException:  # an error of our own ends it all: nothing may stay behind
            await self.camera.stop()
            raise
        peak = self.camera.peak() if self.camera.process.returncode is None else 0
        code = await self.camera.stop()
        print(f"peak {peak:.1f} MiB resident, {self.stanzas} stanzas of strangers, exit code {code}")
        if code != 0:
            self.failures.append(f"the camera ended with exit code {code}: see camera.log")

    async def step(self, plan: Plan, lines) -> None:
        number = len(self.rounds) + 1
        try:
            async with asyncio.timeout(ROUND_SECONDS):
                round = await self.round(plan)
        except* (TimeoutError, OSError, ValueError, KeyError) as error:
            behaviors = [caller.behavior for caller in plan.callers]
            round = Round(self.hours(), plan.fault, behaviors, 0, 0, 0, [repr(error)], [], None)
        self.rounds.append(round)
        usage = round.usage
        lines.writerow([
            round3(round.hours * 3600), round.fault, "+".join(round.callers), round.pictures, round.excused, round.left,
            "; ".join(round.complaints), "+".join(f"{outage:.0f}" for outage in round.outages),
            *((round3(usage.memory), usage.descriptors, usage.threads) if usage else ("", "", ""))])
        for complaint in round.complaints:
            self.failures.append(f"round {number} at {round.hours * 60:.1f} minutes, {round.fault}: {complaint}")
            print(self.failures[-1], flush=True)


def round3(value: float) -> str:
    return f"{value:.3f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("--world", "--directory"):
        parser.add_argument(option, required=True, type=Path)
    parser.add_argument("--hours", required=True, type=float)
    parser.add_argument("--seed", required=True, type=int)
    parser.add_argument("--picture", required=True, type=int, nargs=3, metavar=("WIDTH", "HEIGHT", "FPS"))
    parser.add_argument("--camera-network", type=int, metavar="PID", help="a process in the network of the camera")
    soak = Soak(parser.parse_args())
    asyncio.run(soak.run())
    if soak.rounds:
        print(table(soak.rounds))
        soak.failures += [f"drift: {what}" for what in drifts(soak.rounds)]
    print(f"seed {soak.options.seed}: {len(soak.failures)} failures")
    for failure in soak.failures:
        print(f"  {failure}")
    return 1 if soak.failures else 0


if __name__ == "__main__":
    sys.exit(main())
