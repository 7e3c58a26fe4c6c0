"""What a further viewer of `jinglecam serve` costs: CPU and memory with 1, 2, 4, 8 and 16 who receive and do not decode."""

import argparse
import contextlib
import json
import os
import signal
import statistics
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import ROOT, verdict

COUNTS = [1, 2, 4, 8, 16]
BITRATE = "2M"
CPU_LIMIT = 0.03  # of the first viewer's
MEMORY_LIMIT = 2  # MiB
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Load:
    cpu: float  # seconds a second
    memory: float  # MiB, resident
    packets: float  # a second and viewer
    bitrate: float  # of each viewer


class Server:
    """A program that is watched from outside while it runs."""

    def __init__(self, command: list, until: str, environment: dict | None = None):
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        self.await_line(until)

    def await_line(self, text: str) -> str:
        for line in self.process.stdout:
            if text in line:
                return line
        raise SystemExit(f"bench: {self.process.args[0]} ended without saying {text}")

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.stdout.read()
        self.process.wait()


def measure(world: dict, clip: Path, count: int, seconds: int) -> Load:
    domain = world["WORLD_DOMAIN"]
    account = ["--password-file", world["WORLD_PASSWORD_FILE"], "--server", world["WORLD_SERVER"]]
    account += ["--ca-file", world["WORLD_CA_FILE"]]
    camera = f"camera1@{domain}"
    serve = [ROOT / ".build/release/jinglecam", "serve", clip, "--loop", "--bitrate", BITRATE, "--fixed"]
    serve += ["--allow", domain, "--viewers", count, "--jid", camera, *account]
    with running(serve, "online") as server, contextlib.ExitStack() as stack:
        viewers = []
        for number in range(1, count + 1):
            options = ["--jid", f"viewer{number}@{domain}", *account, "--call", camera, "--subscribe", "--no-decode"]
            viewer = [ROOT / "scripts/viewer/run", *options]
            viewers.append(stack.enter_context(running(viewer, '"first-packet"')))
        time.sleep(2)  # the encoder's first seconds are dearer
        before, began = server.cpu(), time.monotonic()
        time.sleep(seconds)
        cpu, elapsed, memory = server.cpu() - before, time.monotonic() - began, server.memory()
        seen = []
        for viewer in viewers:
            viewer.process.send_signal(signal.SIGINT)
            seen.append(json.loads(viewer.await_line('"summary"')))
    watched = [summary["secondsReceived"] for summary in seen]
    return Load(
        cpu / elapsed,
        memory,
        statistics.mean(s["packetsReceived"] / t for s, t in zip(seen, watched, strict=True)),
        statistics.mean(s["bytesReceived"] * 8 / t for s, t in zip(seen, watched, strict=True)),
    )


@contextlib.contextmanager
def running(command: list, until: str, environment: dict | None = None) -> Iterator[Server]:
    server = Server(command, until, environment)
    try:
        yield server
    finally:
        server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("--world", "--clip"):
        parser.add_argument(option, required=True, type=Path)
    for option in ("--rounds", "--seconds"):
        parser.add_argument(option, required=True, type=int)
    options = parser.parse_args()
    world = dict(entry.split("=", 1) for entry in (options.world / "world.env").read_text().splitlines())
    loads: dict[int, list[Load]] = {count: [] for count in COUNTS}
    for _ in range(options.rounds):
        for count in COUNTS:
            loads[count].append(measure(world, options.clip, count, options.seconds))
    print(f"\njinglecam serve, 720p, {BITRATE}bit/s, {options.seconds} s, medians of {options.rounds}")
    for count, results in loads.items():
        cpu, memory, packets, bitrate = (
            statistics.median(getattr(load, what) for load in results) for what in ("cpu", "memory", "packets", "bitrate")
        )
        print(
            f"  {count:2} viewers: CPU {cpu * 100:5.1f} %, {memory:5.1f} MiB; each got {packets:.0f} packets a second, "
            f"{bitrate / 1000:.0f} kbit/s"
        )
    for count in COUNTS[1:]:
        # Round by round: what else this machine does changes from one minute to the next.
        pairs = list(zip(loads[count], loads[1], strict=True))
        cpu = statistics.median((many.cpu / one.cpu - 1) / (count - 1) for many, one in pairs)
        memory = statistics.median((many.memory - one.memory) / (count - 1) for many, one in pairs)
        verdict(f"CPU of a further viewer of {count} over the first one's", cpu, CPU_LIMIT)
        verdict(f"MiB of a further viewer of {count}", memory, MEMORY_LIMIT)


if __name__ == "__main__":
    main()
