"""What is heard: how long, how loud, which tone, and how often it was interrupted. And a tone to be said."""

import asyncio
import contextlib
import fractions
import math
import time

import av
import numpy
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

import bad

RATE = 48_000
LONGEST = 120  # seconds that are kept
QUIET = 0.01  # of full scale
SHORTEST_GAP = RATE // 50  # 20 ms
BLOCK = RATE // 50  # 20 ms: what a packet holds
PIECE = BLOCK // 2  # in which levels are measured
SILENCE = numpy.zeros(BLOCK)
AMPLITUDE = 0.5


class Tone(MediaStreamTrack):
    """A sine wave without end, at the pace of the clock."""

    kind = "audio"

    def __init__(self, frequency: float):
        super().__init__()
        self.frequency = frequency
        self.started_at: float | None = None
        self.position = 0

    async def recv(self) -> av.AudioFrame:
        if self.started_at is None:
            self.started_at = time.monotonic()
        await asyncio.sleep(max(0, self.started_at + self.position / RATE - time.monotonic()))
        turns = self.frequency * (self.position + numpy.arange(BLOCK)) / RATE
        samples = (AMPLITUDE * 32_767 * numpy.sin(2 * math.pi * turns)).astype(numpy.int16)
        frame = av.AudioFrame.from_ndarray(samples.repeat(2).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = RATE
        frame.pts = self.position
        frame.time_base = fractions.Fraction(1, RATE)
        self.position += BLOCK
        return frame


class Hearing:
    """The sound of a call, mixed to one channel.

    On a network that loses packets it is judged from the first one on that is sent twice. When the sender hears of the
    losses, and how many packets come once until then, is a matter of how busy this machine is.
    """

    def __init__(self, loss: bad.Loss | None):
        self.loss = loss
        self.parts: list[numpy.ndarray] = []
        self.numbers: list[int] = []  # the sequence numbers of the parts, without end
        self.stamps: list[int] = []  # in samples
        self.begin: int | None = None if loss else 0  # the first part that is judged
        self.length = 0  # of what is judged
        self.mapper = None
        self.ssrc: int | None = None
        self.arrived: dict[int, int] = {}  # the sequence numbers of packets that are not decoded yet, by time stamp

    def follow(self, receiver) -> None:
        """Notes which packets come."""
        self.mapper = receiver._RTCRtpReceiver__timestamp_mapper
        handle = receiver._handle_rtp_packet

        async def noting(packet, *rest, **named):
            self.ssrc = packet.ssrc
            self.arrived[packet.timestamp] = packet.sequence_number
            await handle(packet, *rest, **named)

        receiver._handle_rtp_packet = noting

    async def listen(self, receiver, seconds: float = LONGEST) -> None:
        self.follow(receiver)
        with contextlib.suppress(MediaStreamError):
            while self.length < seconds * RATE:
                self.take(await receiver.track.recv())

    def take(self, frame) -> None:
        assert frame.sample_rate == RATE and frame.format.name == "s16" and frame.samples == BLOCK
        number = self.arrived.pop((frame.pts + self.mapper._origin) % 2**32)
        if self.begin is None and self.loss.copies[self.ssrc, number] > 1:
            self.begin = len(self.parts)
        former = self.numbers[-1] if self.numbers else number
        self.numbers.append(former + (number - former + 2**15) % 2**16 - 2**15)
        self.stamps.append(frame.pts)
        self.parts.append(frame.to_ndarray().reshape(-1, len(frame.layout.channels)).mean(axis=1) / 32_768)
        if self.begin is not None:
            self.length += BLOCK

    def is_gap(self, number: int) -> bool:
        """Whether the packet, which was not decoded, was lost on the way. On a machine that is too busy the simulated
        network is not the only one that loses packets."""
        packet = self.ssrc, number % 2**16
        return self.loss is None or 0 < self.loss.copies[packet] == self.loss.copies_lost[packet]

    def gap_share(self) -> float:
        """Of the time from the first sound to the last, the share of gaps of 20 ms and more, in which a steady tone is
        20 dB below its level.

        A packet that was lost is such a gap: aiortc conceals nothing, and some clients do not. What the sender itself
        left out has no number, and takes no time here.
        """
        begin = self.begin or 0
        parts = dict(zip(self.numbers[begin:], self.parts[begin:]))
        numbers = range(self.numbers[begin], self.numbers[-1] + 1)
        blocks = [parts.get(number, SILENCE) for number in numbers if number in parts or self.is_gap(number)]
        levels = numpy.sqrt(numpy.square(numpy.concatenate(blocks).reshape(-1, PIECE)).mean(axis=1))
        loud = numpy.flatnonzero(levels > QUIET)
        if len(loud) == 0:
            return 1.0
        levels = levels[loud[0] : loud[-1] + 1]
        is_quiet = levels < numpy.median(levels[levels > QUIET]) / 10
        runs = numpy.flatnonzero(numpy.diff(is_quiet, prepend=False, append=False)).reshape(-1, 2)
        lengths = (runs[:, 1] - runs[:, 0]) * PIECE
        return float(lengths[lengths >= SHORTEST_GAP].sum()) / (len(levels) * PIECE)

    def left_out_share(self) -> float:
        """Of the time that passed, the share that the sender left out, as it does of a film if the machine is too busy."""
        sent = (self.numbers[-1] - self.numbers[0] + 1) * BLOCK
        return 1 - sent / (self.stamps[-1] - self.stamps[0] + BLOCK)

    def summary(self) -> dict:
        if not self.parts:
            return {"soundSeconds": 0}
        samples = numpy.concatenate(self.parts)
        loud = numpy.flatnonzero(numpy.abs(samples) > QUIET)
        if len(loud) == 0:
            return {"soundSeconds": 0}
        heard = samples[loud[0] : loud[-1] + 1]
        steps = numpy.diff(loud)
        spectrum = numpy.abs(numpy.fft.rfft(heard * numpy.hanning(len(heard))))
        return {
            "soundSeconds": round(len(heard) / RATE, 3),
            "soundFrequency": round(float(spectrum.argmax()) * RATE / len(heard), 2),
            "soundLevel": round(10 * math.log10(float(numpy.square(heard).mean())), 2),  # dB of full scale
            "soundGaps": int((steps >= SHORTEST_GAP).sum()),  # in what was decoded
            "soundGapShare": round(self.gap_share(), 4),
            "soundLeftOutShare": round(self.left_out_share(), 4),
        }
