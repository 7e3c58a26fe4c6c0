"""What sound costs `jinglecam serve`: the CPU of a call for sound alone, with the tests' made-up microphone."""

import argparse
import ctypes
import os
import statistics
import tempfile
import time
from pathlib import Path

from bench import ROOT, verdict
from bench_serve import running

CPU_LIMIT = 0.015  # of one core


class Description(ctypes.Structure):
    """struct microphone_description of Tests/MicrophoneStandIn."""

    _fields_ = [
        ("id", ctypes.c_char * 16),
        ("name", ctypes.c_char * 80),
        ("device_name", ctypes.c_char * 80),
        ("device", ctypes.c_int32),
        ("formats", ctypes.c_uint64),
        ("least_channels", ctypes.c_uint32),
        ("most_channels", ctypes.c_uint32),
        ("rate_count", ctypes.c_uint32),
        ("rates", ctypes.c_uint32 * 12),
        ("is_range", ctypes.c_bool),
        ("least_period", ctypes.c_uint32),
        ("frequency", ctypes.c_double),
        ("amplitude", ctypes.c_double),
        ("drift", ctypes.c_double),
        ("played", ctypes.c_char * 256),
    ]


class Microphone:
    """A card of one channel at 48 kHz, S16, whose clock is 100 ppm too fast."""

    def __init__(self, library: Path, path: Path):
        card = Description(
            id=b"Bench", name=b"Bench", formats=1 << 2, least_channels=1, most_channels=1, rate_count=1,
            rates=(ctypes.c_uint32 * 12)(48_000), least_period=48, frequency=440, amplitude=0.5, drift=100,
        )
        functions = ctypes.CDLL(str(library))
        functions.microphone_create.restype = ctypes.c_void_p
        if not functions.microphone_create(str(path).encode(), ctypes.byref(card), False):
            raise SystemExit("bench: the made-up microphone cannot be made")
        self.environment = os.environ | {"MICROPHONE_STAND_IN": str(path), "LD_PRELOAD": str(library)}


def measure(options: argparse.Namespace, world: dict, environment: dict) -> float:
    """Seconds of CPU a second."""
    domain = world["WORLD_DOMAIN"]
    account = ["--password-file", world["WORLD_PASSWORD_FILE"], "--server", world["WORLD_SERVER"]]
    account += ["--ca-file", world["WORLD_CA_FILE"]]
    camera = f"camera1@{domain}"
    serve = [options.program, "serve", "pattern", "--microphone", "Bench", "--allow", domain, "--jid", camera, *account]
    viewer = [ROOT / "scripts/viewer/run", "--jid", f"viewer1@{domain}", *account, "--call", camera, "--subscribe"]
    viewer += ["--sound-alone", options.seconds + 5]
    with running(serve, "online", environment) as server, running(viewer, '"accepted"'):
        time.sleep(2)  # the set-up is not what is measured
        before, began = server.cpu(), time.monotonic()
        time.sleep(options.seconds)
        return (server.cpu() - before) / (time.monotonic() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("--world", "--library"):
        parser.add_argument(option, required=True, type=Path)
    for option in ("--rounds", "--seconds"):
        parser.add_argument(option, required=True, type=int)
    parser.add_argument("--program", type=Path, default=ROOT / ".build/release/jinglecam")
    options = parser.parse_args()
    world = dict(entry.split("=", 1) for entry in (options.world / "world.env").read_text().splitlines())
    with tempfile.TemporaryDirectory() as directory:
        microphone = Microphone(options.library, Path(directory) / "card")
        costs = [measure(options, world, microphone.environment) for _ in range(options.rounds)]
    print(f"\nA call for sound alone, Opus at 32 kbit/s, {options.seconds} s, median of {options.rounds}")
    verdict("CPU of one core with a microphone", statistics.median(costs), CPU_LIMIT)


if __name__ == "__main__":
    main()
