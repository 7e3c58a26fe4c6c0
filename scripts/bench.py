"""Runs the senders that scripts/bench prepared, in turns, and compares what each cost as a whole process."""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPEED = -8
KEY_FRAME_SECONDS = 4


@dataclass
class Case:
    name: str
    bitrate: int
    limit: float  # of jinglecam's CPU over the floor's


CASES = [Case("720p", 2_000_000, 1.10), Case("360p", 800_000, 1.15)]


@dataclass
class Run:
    cpu: float  # user and system seconds
    memory: float  # MiB at its peak
    frames: int | None = None
    bytes: int | None = None
    latency: float | None = None  # session-accept to the first picture, seconds


def measured(command: list, **options) -> tuple[Run, str]:
    """Runs a command to its end; what it used includes all of its threads and nobody else's."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([str(part) for part in command], stdout=output, **options)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode != 0:
        raise SystemExit(f"bench: exit code {process.returncode} from {' '.join(map(str, command))}\n{text}")
    return Run(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024), text


class Bench:
    def __init__(self, options: argparse.Namespace):
        self.material = Path(options.material)
        self.seconds = options.seconds
        entries = (Path(options.world) / "world.env").read_text().splitlines()
        self.world = dict(entry.split("=", 1) for entry in entries)
        self.calls = 0

    def floor(self, case: Case) -> Run:
        clip = self.material / f"{case.name}.y4m"
        run, text = measured(
            [self.material / "libvpx-floor", clip, case.bitrate, SPEED, KEY_FRAME_SECONDS, self.seconds]
        )
        run.frames, run.bytes = map(int, text.split())
        return run

    def jinglecam(self, case: Case) -> Run:
        self.calls += 1
        domain = self.world["WORLD_DOMAIN"]
        account = ["--password-file", self.world["WORLD_PASSWORD_FILE"], "--server", self.world["WORLD_SERVER"]]
        account += ["--ca-file", self.world["WORLD_CA_FILE"]]
        callee = f"viewer{self.calls}@{domain}"
        viewer = subprocess.Popen(
            [ROOT / "scripts/viewer/run", "--jid", callee, *account], stdout=subprocess.PIPE, text=True
        )
        try:
            for line in viewer.stdout:
                if json.loads(line)["event"] == "online":
                    break
            run, _ = measured(
                [
                    *(ROOT / ".build/release/jinglecam", "stream", self.material / f"{case.name}.y4m", callee, "--json"),
                    *("--jid", f"camera{self.calls}@{domain}", *account),
                    *("--bitrate", f"{case.bitrate // 1000}k", "--duration", self.seconds),
                ]
            )
            seen = json.loads(viewer.stdout.read().splitlines()[-1])
        finally:
            viewer.kill()
            viewer.wait()
        run.frames, run.bytes, run.latency = seen["framesDecoded"], seen["bytesReceived"], seen["acceptToFirstFrame"]
        return run

    def gst_launch(self, case: Case) -> Run:
        clip = self.material / f"{case.name}.y4m"
        pipeline = (
            f"filesrc location={clip} ! y4mdec ! vp8enc target-bitrate={case.bitrate} deadline=1 cpu-used={SPEED} "
            f"end-usage=cbr lag-in-frames=0 error-resilient=default threads=1 "
            f"keyframe-max-dist={KEY_FRAME_SECONDS * 25} ! rtpvp8pay mtu=1200 picture-id-mode=15-bit ! "
            f"application/x-rtp,payload=96,ssrc=(uint)1 ! "
            f"srtpenc key={'01' * 28} rtp-cipher=aes-128-gcm rtcp-cipher=aes-128-gcm rtp-auth=null rtcp-auth=null ! "
            f"udpsink host=127.0.0.1 port=9 sync=true"
        )
        return measured(["gst-launch-1.0", "-q", *pipeline.split()])[0]


def median(runs: list[Run], what: str) -> float | None:
    values = [getattr(run, what) for run in runs if getattr(run, what) is not None]
    return statistics.median(values) if values else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("--world", "--material"):
        parser.add_argument(option, required=True)
    for option in ("--rounds", "--seconds"):
        parser.add_argument(option, required=True, type=int)
    options = parser.parse_args()
    bench = Bench(options)
    senders = {"libvpx alone": bench.floor, "jinglecam": bench.jinglecam, "gst-launch": bench.gst_launch}
    report = {}
    for case in CASES:
        runs: dict[str, list[Run]] = {name: [] for name in senders}
        for _ in range(options.rounds):
            for name, sender in senders.items():
                runs[name].append(sender(case))
        floor, ours = runs["libvpx alone"], runs["jinglecam"]
        base = median(floor, "cpu")
        print(f"\n{case.name}, 25 fps, {case.bitrate // 1000} kbit/s, {options.seconds} s, medians of {options.rounds}")
        for name, results in runs.items():
            cpu = median(results, "cpu")
            print(f"  {name:14} CPU {cpu:6.2f} s  {cpu / base:5.2f} of the floor  {median(results, 'memory'):6.1f} MiB")
        frames = median(ours, "frames") / median(floor, "frames")
        size = median(ours, "bytes") / median(floor, "bytes")
        latency = median(ours, "latency") * 1000
        counts = frames >= 0.99 and abs(size - 1) <= 0.03
        print(f"  {frames:.1%} of the frames decoded, bytes {size:.3f} of the floor's: ", end="")
        print("counts" if counts else "DOES NOT COUNT")
        print(f"  at most {case.limit:.2f} is wanted; first picture {latency:.0f} ms after session-accept")
        report[case.name] = {name: [vars(run) for run in results] for name, results in runs.items()}
    Path(options.material, "results.json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
