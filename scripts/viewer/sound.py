"""What is heard: how long, how loud, which tone, and how often it was interrupted."""

import contextlib
import math

import numpy
from aiortc.mediastreams import MediaStreamError

RATE = 48_000
LONGEST = 120  # seconds that are kept
QUIET = 0.01  # of full scale
SHORTEST_GAP = RATE // 50  # 20 ms


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
