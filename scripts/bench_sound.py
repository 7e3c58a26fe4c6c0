"""What sound costs `jinglecam serve`: the CPU of a call for sound alone, with the tests' made-up microphone.

The microphone hears a recording of something like a voice, which is made beforehand: a tone costs Opus half as much, and
computing it would be counted as well. The floor is libopus alone, which encodes the same with the complexity that a call
begins with.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy
from bench import ROOT, verdict
from bench_serve import running
from sound_card import RATE, SoundCard

CPU_LIMIT = 0.015  # of one core
BITRATE = 32_000
COMPLEXITY = 5  # as ComplexityGovernor begins
DRIFT = 100  # ppm
VOWELS = numpy.array([(730, 1090, 2440), (270, 2290, 3010), (530, 1840, 2480), (570, 840, 2410), (300, 870, 2240)])
BANDWIDTHS = numpy.array([60, 100, 140])


def voice(seconds: int) -> bytes:
    """Four syllables a second: the harmonics of a gliding pitch through the formants of a vowel, with a hiss before some."""
    time = numpy.arange(seconds * RATE) / RATE
    pitch = 120 * (1 + 0.15 * numpy.sin(2 * numpy.pi * 0.6 * time))
    phase = 2 * numpy.pi * numpy.cumsum(pitch) / RATE
    syllable, place = numpy.divmod(4 * time, 1)
    formants = VOWELS[syllable.astype(int) % len(VOWELS)]
    samples = numpy.zeros(len(time))
    for harmonic in range(1, 60):
        distance = (harmonic * pitch[:, None] - formants) / BANDWIDTHS
        samples += (1 / (1 + distance**2)).sum(axis=1) / harmonic * numpy.sin(harmonic * phase)
    samples *= 0.5 / numpy.abs(samples).max()
    hiss = 0.1 * numpy.diff(numpy.random.default_rng(1).standard_normal(len(time) + 1))
    samples = numpy.where((syllable % 3 == 0) & (place < 0.3), hiss, samples)
    samples *= numpy.sin(numpy.pi * place) ** 0.7 * (syllable % 8 != 7)  # the last is a pause
    return (32_767 * samples.clip(-1, 1)).astype("<i2").tobytes()


def measure(options: argparse.Namespace, world: dict, environment: dict) -> float:
    """Seconds of CPU a second."""
    domain = world["WORLD_DOMAIN"]
    account = ["--password-file", world["WORLD_PASSWORD_FILE"], "--server", world["WORLD_SERVER"]]
    account += ["--ca-file", world["WORLD_CA_FILE"]]
    camera = f"camera1@{domain}"
    serve = [options.program, "serve", "pattern", "--microphone", "StandIn", "--allow", domain, "--jid", camera, *account]
    viewer = [ROOT / "scripts/viewer/run", "--jid", f"viewer1@{domain}", *account, "--call", camera, "--subscribe"]
    viewer += ["--sound-alone", options.seconds + 5]
    with running(serve, "online", environment) as server, running(viewer, '"accepted"'):
        time.sleep(2)  # the set-up is not what is measured
        before, began = server.cpu(), time.monotonic()
        time.sleep(options.seconds)
        return (server.cpu() - before) / (time.monotonic() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("--world", "--library", "--floor"):
        parser.add_argument(option, required=True, type=Path)
    for option in ("--rounds", "--seconds"):
        parser.add_argument(option, required=True, type=int)
    parser.add_argument("--program", type=Path, default=ROOT / ".build/release/jinglecam")
    options = parser.parse_args()
    world = dict(entry.split("=", 1) for entry in (options.world / "world.env").read_text().splitlines())
    costs, floors = [], []
    with tempfile.TemporaryDirectory() as directory:
        recording = Path(directory) / "voice.raw"
        recording.write_bytes(voice(10))
        card = SoundCard(
            options.library, Path(directory) / "card", dict(os.environ), drift=DRIFT, heard=str(recording))
        floor = [options.floor, recording, str(BITRATE), str(COMPLEXITY), str(options.seconds)]
        for _ in range(options.rounds):
            floors.append(float(subprocess.run(floor, check=True, capture_output=True, text=True).stdout))
            costs.append(measure(options, world, card.environment))
    print(f"\nA call for sound alone, Opus at 32 kbit/s, {options.seconds} s, medians of {options.rounds}")
    print(f"  libopus alone: {statistics.median(floors) * 100:.2f} % of one core")
    verdict("CPU of one core with a microphone", statistics.median(costs), CPU_LIMIT)


if __name__ == "__main__":
    main()
