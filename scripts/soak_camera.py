"""The camera of scripts/soak: `jinglecam serve`, watched from outside while it runs."""

import asyncio
import contextlib
import re
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from sound_card import SoundCard
from stand_in import StandIn

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / ".build/release/jinglecam"
PLACES = 16  # a viewer that vanished keeps his until consent to send to him is over
ADDRESSES = ["10.77.0.10", "10.77.0.11"]
DRIFT = 250  # ppm, of the sound card


@dataclass
class Usage:
    """Of a process, at one time."""

    memory: float  # MiB, resident and anonymous: what it allocated, not what it maps
    descriptors: int
    threads: int


class Camera:
    def __init__(self, world: dict[str, str], directory: Path, picture: list[int], network: int | None):
        self.world = world
        self.directory = directory
        self.network = network
        self.jid = f"camera1@{world['WORLD_DOMAIN']}"
        self.device = ""
        self.stand_in = StandIn(directory / "libCameraStandIn.so", directory, *picture)
        self.card = SoundCard(
            directory / "libMicrophoneStandIn.so", directory / "card", self.stand_in.environment, drift=DRIFT,
            played="/dev/null")
        self.frame_rate = picture[2]
        self.socket = Path(world["WORLD_CA_FILE"]).with_name("metrics.sock")
        self.addresses = list(ADDRESSES)
        self.losses = 0  # of the connection, as the log tells them
        self.outages: list[float] = []  # seconds
        self.online = asyncio.Event()

    async def start(self, viewers: list[str]) -> None:
        settings = self.directory / "jinglecam.yaml"
        allowed = "".join(f"  - jid: {viewer}\n" for viewer in viewers)
        settings.write_text(f"calls-per-minute: 600\nallow:\n{allowed}")
        command = [PROGRAM, "serve", "camera", "--config", settings, "--viewers", PLACES, "--fps", self.frame_rate]
        command += ["--microphone", "StandIn", "--speaker", "StandIn", "--talk"]
        command += ["--bitrate", "500k", "--metrics", f"unix:{self.socket}", "--log-level", "info", "--jid", self.jid]
        command += ["--password-file", self.world["WORLD_PASSWORD_FILE"], "--server", self.world["WORLD_SERVER"]]
        command += ["--ca-file", self.world["WORLD_CA_FILE"]]
        if self.network:
            command[:0] = ["nsenter", f"--net=/proc/{self.network}/ns/net"]
        self.process = await asyncio.create_subprocess_exec(
            *map(str, command), env=self.card.environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        self.tasks = [asyncio.create_task(self.read_log()), asyncio.create_task(self.watch())]
        await self.online.wait()
        if not self.device:
            raise SystemExit(f"soak: the camera did not come online: see {self.directory}/camera.log")

    async def read_log(self) -> None:
        with open(self.directory / "camera.log", "w", buffering=1) as log:
            async for line in self.process.stdout:
                text = line.decode(errors="replace")
                log.write(f"{time.strftime('%H:%M:%S')} {text}")
                self.losses += "the connection was lost" in text
                if not self.device and (online := re.search(r"\bonline jid=(\S+)$", text.rstrip())):
                    self.device = online[1]
                    self.online.set()
        self.online.set()

    async def watch(self) -> None:
        """Measures how long it is without a connection each time."""
        since = None
        while True:
            await asyncio.sleep(0.5)
            with contextlib.suppress(OSError, TimeoutError):
                is_connected = (await self.metrics())["xmpp_connected"] == 1
                if not is_connected and since is None:
                    since = time.monotonic()
                elif is_connected and since is not None:
                    self.outages.append(time.monotonic() - since)
                    since = None

    async def metrics(self) -> dict[str, float]:
        """By name without the prefix, summed over labels."""
        async with asyncio.timeout(20):
            reader, writer = await asyncio.open_unix_connection(self.socket)
            writer.write(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            text = (await reader.read()).decode()
            writer.close()
        told: dict[str, float] = {}
        for name, value in re.findall(r"^jinglecam_(\w+)(?:{.*})? (\S+)$", text, re.MULTILINE):
            told[name] = told.get(name, 0) + float(value)
        return told

    async def until(self, name: str, is_so, seconds: float) -> bool:
        """Whether the metric became so in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not is_so((await self.metrics())[name]):
                    await asyncio.sleep(0.5)
                return True
        return False

    def usage(self) -> Usage:
        process = Path(f"/proc/{self.process.pid}")
        status = dict(re.findall(r"^(\w+):\s+(\d+)", (process / "status").read_text(), re.MULTILINE))
        return Usage(int(status["RssAnon"]) / 1024, len(list((process / "fd").iterdir())), int(status["Threads"]))

    def peak(self) -> float:
        """MiB resident at most, with what it maps."""
        return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text())[1]) / 1024

    @contextlib.asynccontextmanager
    async def unplugged(self, device: StandIn | SoundCard) -> AsyncIterator[None]:
        device.unplug()
        try:
            yield
        finally:
            device.plug()

    async def move(self) -> None:
        """To another address, as another network gives one."""
        old, new = self.addresses
        self.addresses.reverse()
        for change, address in (("delete", old), ("add", new)):
            ip = ["ip", "address", change, f"{address}/24", "dev", "camera"]
            await run("nsenter", f"--net=/proc/{self.network}/ns/net", *ip)

    async def stop(self) -> int:
        """Its exit code."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGINT)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(60):
                await self.process.wait()
        if self.process.returncode is None:
            self.process.kill()
        for task in self.tasks:
            task.cancel()
        return await self.process.wait()


async def run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command)
    if await process.wait() != 0:
        raise SystemExit(f"soak: exit code {process.returncode} from {' '.join(command)}")
