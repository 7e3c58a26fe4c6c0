"""Runs the senders that scripts/bench prepared, in turns, and compares what each cost as a whole process."""

import argparse
import json
import os
import socket
import statistics
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from stand_in import StandIn

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / ".build/release/jinglecam"
STAND_IN = ROOT / ".build/bench/libCameraStandIn.so"
SPEED = -8
KEY_FRAME_SECONDS = 4
MEMORY_LIMIT = 90  # MiB at 720p
LATENCY_LIMIT = 150  # milliseconds from session-accept to the first picture
FORMER_LIMIT = 1.01
PACKET_LIMIT = 1.5  # of what libsrtp2 alone costs a packet


@dataclass
class Case:
    name: str
    bitrate: int
    limit: float  # of jinglecam's CPU over the floor's
    memory: float | None = None  # MiB
    fps: int = 25


CASES = [Case("720p", 2_000_000, 1.10, MEMORY_LIMIT), Case("360p", 800_000, 1.15)]
CAMERA = Case("480p", 1_000_000, 1.20, 45, fps=30)
CAMERA_LATENCY_LIMIT = 2  # milliseconds from capture to the socket, at p95, over what encoding takes


@dataclass
class Run:
    cpu: float  # user and system seconds
    memory: float  # MiB at its peak
    encoded: int | None = None  # frames
    arrived: float | None = None  # the share of its packets that the other end got
    bytes: int | None = None  # of RTP payload, or of VP8 where there is no RTP
    overhead: float | None = None  # frame latency over encode time at p95, seconds


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


class Sink:
    """Takes datagrams, so that nobody is told of a closed port, and counts their frames and bytes of RTP payload."""

    OVERHEAD = 12 + 16  # RTP header and AES-GCM's tag

    def __enter__(self) -> "Sink":
        self.frames = self.bytes = 0
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.5)
        self.port = self.socket.getsockname()[1]
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.count)
        self.thread.start()
        return self

    def count(self) -> None:
        while True:
            try:
                datagram = self.socket.recv(2048)
            except TimeoutError:
                if self.ended.is_set():
                    return
                continue
            self.frames += datagram[1] >> 7  # the marker bit ends a frame
            self.bytes += len(datagram) - self.OVERHEAD

    def __exit__(self, *_) -> None:
        self.ended.set()
        self.thread.join()
        self.socket.close()


class Bench:
    def __init__(self, options: argparse.Namespace):
        self.material = Path(options.material)
        self.seconds = options.seconds
        entries = (Path(options.world) / "world.env").read_text().splitlines()
        self.world = dict(entry.split("=", 1) for entry in entries)
        self.calls = 0
        self.former = options.former and Path(options.former)

    def floor(self, case: Case) -> Run:
        clip = self.material / f"{case.name}.y4m"
        run, text = measured(
            [self.material / "libvpx-floor", clip, case.bitrate, SPEED, KEY_FRAME_SECONDS, self.seconds]
        )
        run.encoded, run.bytes = map(int, text.split())
        return run

    def camera(self, case: Case, seconds: int | None = None, program: Path = PROGRAM) -> Run:
        """The same pictures, as a camera packs them, from the tests' stand-in."""
        camera = {"CAMERA_STAND_IN_DEV": str(self.material / "dev"), "LD_PRELOAD": str(STAND_IN)}
        options = ["--fps", str(case.fps), "--duration", str(seconds or self.seconds)]
        run = self.jinglecam(case, "/dev/video0", options, program, env=os.environ | camera)
        run.overhead = self.told["frameLatency"]["p95"] - self.told["encodeTime"]["p95"]
        return run

    def former_build(self, case: Case) -> Run:
        return self.jinglecam(case, program=self.former)

    def first_picture(self, case: Case) -> float:
        """Seconds from session-accept to the first picture that the viewer decodes."""
        run = self.jinglecam(case, options=["--duration", "2"], decodes=True)
        if self.seen["framesDecoded"] < 0.9 * run.encoded:
            print(f"  DOES NOT COUNT: {self.seen['framesDecoded']} of {run.encoded} frames decoded")
        return self.seen["acceptToFirstFrame"]

    def jinglecam(
        self,
        case: Case,
        source: str | None = None,
        options: list = (),
        program: Path = PROGRAM,
        decodes: bool = False,
        **process,
    ) -> Run:
        """A call with a viewer who decodes nothing where the CPU counts: decoding would take half of a core from the
        caller where two processors share one, and the others have no viewer."""
        self.calls += 1
        domain = self.world["WORLD_DOMAIN"]
        account = ["--password-file", self.world["WORLD_PASSWORD_FILE"], "--server", self.world["WORLD_SERVER"]]
        account += ["--ca-file", self.world["WORLD_CA_FILE"]]
        callee = f"viewer{self.calls}@{domain}"
        viewer = subprocess.Popen(
            [ROOT / "scripts/viewer/run", "--jid", callee, *account, *([] if decodes else ["--no-decode"])],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            for line in viewer.stdout:
                if json.loads(line)["event"] == "online":
                    break
            run, text = measured(
                [
                    *(program, "stream"),
                    *(source or self.material / f"{case.name}.y4m", callee, "--json"),
                    *("--jid", f"camera{self.calls}@{domain}", *account),
                    *("--bitrate", f"{case.bitrate // 1000}k", *options),
                    # What is compared has one size; a former build may have nothing else.
                    *(["--fixed"] if program == PROGRAM else []),
                ],
                **process,
            )
            self.seen = json.loads(viewer.stdout.read().splitlines()[-1])
        finally:
            viewer.kill()
            viewer.wait()
        self.told = json.loads(text.splitlines()[-1])["statistics"]["outbound-rtp"]
        run.encoded, run.bytes = self.told["framesEncoded"], self.seen.get("bytesReceived", 0)
        run.arrived = self.seen.get("packetsReceived", 0) / self.told["packetsSent"]
        return run

    def gst_launch(self, case: Case) -> Run:
        clip = self.material / f"{case.name}.y4m"
        with Sink() as sink:
            pipeline = (
                f"filesrc location={clip} ! y4mdec ! vp8enc target-bitrate={case.bitrate} deadline=1 cpu-used={SPEED} "
                f"end-usage=cbr lag-in-frames=0 error-resilient=default threads=1 "
                f"keyframe-max-dist={KEY_FRAME_SECONDS * 25} ! rtpvp8pay mtu=1200 picture-id-mode=15-bit ! "
                f"application/x-rtp,payload=96,ssrc=(uint)1 ! "
                f"srtpenc key={'01' * 28} rtp-cipher=aes-128-gcm rtcp-cipher=aes-128-gcm rtp-auth=null rtcp-auth=null ! "
                f"udpsink host=127.0.0.1 port={sink.port} sync=true"
            )
            run, _ = measured(["gst-launch-1.0", "-q", *pipeline.split()])
        run.encoded, run.bytes = sink.frames, sink.bytes
        return run

    def packets(self) -> list[tuple[str, int, int]]:
        """Nanoseconds a packet: of the program's payloading and SRTP, and of libsrtp2 alone."""
        _, text = measured([ROOT / ".build/release/PacketCost"])
        return [(profile, int(ours), int(bare)) for profile, ours, bare in map(str.split, text.splitlines())]


def median(runs: list[Run], what: str) -> float:
    return statistics.median(getattr(run, what) for run in runs)


def ratio(runs: list[Run], others: list[Run]) -> float:
    """Of CPU time, round by round: what else this machine does changes from one minute to the next."""
    return statistics.median(run.cpu / other.cpu for run, other in zip(runs, others, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("--world", "--material"):
        parser.add_argument(option, required=True)
    for option in ("--rounds", "--seconds"):
        parser.add_argument(option, required=True, type=int)
    parser.add_argument("--former", help="a jinglecam of a former build, to be compared with")
    options = parser.parse_args()
    bench = Bench(options)
    senders = {"libvpx alone": bench.floor, "jinglecam": bench.jinglecam, "gst-launch": bench.gst_launch}
    if bench.former:
        senders["former build"] = bench.former_build
    report = {}
    for case in CASES:
        runs: dict[str, list[Run]] = {name: [] for name in senders}
        for _ in range(options.rounds):
            for name, sender in senders.items():
                runs[name].append(sender(case))
        print(f"\n{case.name}, {case.fps} fps, {case.bitrate // 1000} kbit/s, {options.seconds} s, medians of {options.rounds}")
        judge(case, runs)
        latencies = [bench.first_picture(case) for _ in range(options.rounds)]
        verdict("ms from session-accept to the first picture", statistics.median(latencies) * 1000, LATENCY_LIMIT)
        report[case.name] = {name: [vars(run) for run in results] for name, results in runs.items()}
    report["camera"] = compare_camera(bench, options)
    report["conversions"] = compare_conversions(options)
    print("\nPayloading and SRTP, 1,100 bytes")
    report["packets"] = bench.packets()
    for profile, ours, bare in report["packets"]:
        print(f"  {profile:19} {ours:5} ns a packet, libsrtp2 alone {bare:5}")
        verdict("cost over libsrtp2 alone", ours / bare, PACKET_LIMIT)
    Path(options.material, "results.json").write_text(json.dumps(report, indent=2) + "\n")


def compare_camera(bench: Bench, options: argparse.Namespace) -> dict:
    camera = StandIn(STAND_IN, bench.material, 640, 480, CAMERA.fps)
    runs: dict[str, list[Run]] = {"libvpx alone": [], "jinglecam": [], "former build": []}
    for _ in range(options.rounds):
        runs["libvpx alone"].append(bench.floor(CAMERA))
        runs["jinglecam"].append(bench.camera(CAMERA))
        if bench.former:
            runs["former build"].append(bench.camera(CAMERA, program=bench.former))
    del camera
    print(f"\nA camera of 640x480, YUYV, {CAMERA.fps} fps, {CAMERA.bitrate // 1000} kbit/s, {options.seconds} s")
    floor, ours, former = runs.values()
    wanted = options.seconds * CAMERA.fps
    for number, run in enumerate(ours, 1):
        if run.encoded < 0.99 * wanted or run.arrived < 0.99:
            print(f"  DOES NOT COUNT: {run.encoded} of {wanted} encoded, {run.arrived:.3f} arrived in round {number}")
    print(f"  libvpx alone CPU {median(floor, 'cpu'):.2f} s, jinglecam {median(ours, 'cpu'):.2f} s")
    verdict("CPU over the floor", ratio(ours, floor), CAMERA.limit)
    compare_builds(ours, former)
    verdict("MiB", camera_memory(bench), CAMERA.memory)
    verdict("ms from capture to socket over encoding, at p95", median(ours, "overhead") * 1e3, CAMERA_LATENCY_LIMIT)
    return {name: [vars(run) for run in results] for name, results in runs.items()}


def camera_memory(bench: Bench) -> float:
    """MiB at most of a call with a camera, less what the stand-in maps in the program's place: its pictures, of which
    it gets only a few here, and the driver's side of the three buffers."""
    directory, picture = bench.material / "few-frames", 640 * 480 * 2
    directory.mkdir(exist_ok=True)
    with open(bench.material / "frames/YUYV-640x480", "rb") as pictures:
        (directory / "YUYV-640x480").write_bytes(pictures.read(4 * picture))
    camera = StandIn(STAND_IN, bench.material, 640, 480, CAMERA.fps, directory.name)
    run = bench.camera(CAMERA, seconds=5)
    del camera
    return run.memory - 7 * picture / (1 << 20)


def compare_conversions(options: argparse.Namespace) -> list[list[str]]:
    _, text = measured([Path(options.material) / "conversion-cost"])
    print("\nA camera's picture of 1280x720 to 4:2:0, CPU")
    lines = [line.split() for line in text.splitlines()]
    for conversion, library, microseconds in lines:
        print(f"  {conversion:12} {library:14} {int(microseconds) / 1000:5.2f} ms")
    return lines


def compare_builds(ours: list[Run], former: list[Run]) -> None:
    if former:
        verdict("CPU over the former build", ratio(ours, former), FORMER_LIMIT)
        verdict("memory over the former build", median(ours, "memory") / median(former, "memory"), FORMER_LIMIT)


def judge(case: Case, runs: dict[str, list[Run]]) -> None:
    floor, ours, rival, *former = runs.values()
    compare_builds(ours, *former or [[]])
    for name, results in runs.items():
        spread = [run.cpu for run in results]
        print(
            f"  {name:12} CPU {median(results, 'cpu'):5.2f} s ({min(spread):.2f} to {max(spread):.2f}), "
            f"{ratio(results, floor):4.2f} of the floor; {median(results, 'memory'):5.1f} MiB at most; "
            f"{median(results, 'encoded'):.0f} frames, {median(results, 'bytes') / median(floor, 'bytes'):.3f} of the bytes"
        )
    for number, (run, reference) in enumerate(zip(ours, floor, strict=True), 1):
        if run.encoded != reference.encoded:
            print(f"  DOES NOT COUNT: {run.encoded} of {reference.encoded} frames encoded in round {number}")
        if run.arrived < 0.99:
            print(f"  DOES NOT COUNT: {run.arrived:.3f} of the packets arrived in round {number}")
        if abs(run.bytes / reference.bytes - 1) > 0.03:
            print(f"  DOES NOT COUNT: {run.bytes / reference.bytes:.3f} of the floor's bytes in round {number}")
    verdict("CPU over the floor", ratio(ours, floor), case.limit)
    if case.memory:
        verdict("MiB", median(ours, "memory"), case.memory)
        verdict("CPU over gst-launch", ratio(ours, rival), 1)


def verdict(what: str, value: float, limit: float) -> None:
    print(f"  {'met' if value <= limit else 'NOT MET'}: {what} {value:.4g}, wanted {limit:g} at most")


if __name__ == "__main__":
    main()
