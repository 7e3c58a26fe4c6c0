"""What is heard: how long, how loud, which tone, and how often it was interrupted. And a tone to be said."""

import asyncio
import contextlib
import fractions
import math
import time

import av
import numpy
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

RATE = 48_000
LONGEST = 120  # seconds that are kept
QUIET = 0.01  # of full scale
SHORTEST_GAP = RATE // 50  # 20 ms


BLOCK = RATE // 50  # 20 ms
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
    """The sound of a call, mixed to one channel."""

    def __init__(self):
        self.parts: list[numpy.ndarray] = []
        self.length = 0

    async def listen(self, track, seconds: float = LONGEST) -> None:
        with contextlib.suppress(MediaStreamError):
            while self.length < seconds * RATE:
                frame = await track.recv()
                assert frame.sample_rate == RATE and frame.format.name == "s16"
                samples = frame.to_ndarray().reshape(-1, len(frame.layout.channels)).mean(axis=1) / 32_768
                self.parts.append(samples)
                self.length += len(samples)

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
            "soundGaps": int((steps >= SHORTEST_GAP).sum()),
        }
