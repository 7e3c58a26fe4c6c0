"""What a decoded picture says: its number, how well it matches the source, and how it looks."""

import io
import math
import statistics
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy

BLOCKS = 16


def counter_of(luma: numpy.ndarray) -> int | None:
    """The frame number drawn across the middle: 16 blocks side by side, most significant bit first, light is 1.

    None where the blocks are not clearly light or dark, that is, where the picture bears no number.
    """
    height, width = luma.shape
    margin = height // 32
    band = luma[height * 7 // 16 + margin : height * 9 // 16 - margin]
    number = 0
    for block in range(BLOCKS):
        left, right = block * width // BLOCKS, (block + 1) * width // BLOCKS
        inset = (right - left) // 4
        mean = band[:, left + inset : right - inset].mean()
        if 80 < mean < 170:
            return None
        number = number * 2 + int(mean >= 170)
    return number


def planes_of(frame: av.VideoFrame) -> list[numpy.ndarray]:
    """Y, U and V without their padding."""
    if frame.format.name not in ("yuv420p", "yuvj420p"):
        frame = frame.reformat(format="yuv420p")
    planes = []
    for plane in frame.planes:
        rows = numpy.frombuffer(plane, numpy.uint8).reshape(plane.height, plane.line_size)
        planes.append(rows[:, : plane.width])
    return planes


def psnr(a: list[numpy.ndarray], b: list[numpy.ndarray]) -> float:
    """Over all samples of the three planes, in dB; 100 for identical pictures."""
    squares = sum(float(numpy.square(x.astype(numpy.int32) - y).sum(dtype=numpy.int64)) for x, y in zip(a, b))
    samples = sum(x.size for x in a)
    return 100.0 if squares == 0 else 10 * math.log10(255**2 * samples / squares)


def save_png(frame: av.VideoFrame, path: str) -> None:
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "rgb24"
    encoder.time_base = Fraction(1, 25)
    picture = frame.reformat(format="rgb24")
    picture.pts = 0
    Path(path).write_bytes(b"".join(bytes(packet) for packet in [*encoder.encode(picture), *encoder.encode(None)]))


def judge_jpeg(jpeg: bytes, reference: str) -> dict:
    """How well the picture matches the one of the reference clip that is most like it, in red, green and blue."""
    with av.open(io.BytesIO(jpeg), format="jpeg_pipe") as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    with av.open(reference) as container:
        sights = (frame.to_ndarray(format="rgb24") for frame in container.decode(video=0))
        best = max(psnr([picture], [sight]) for sight in sights if sight.shape == picture.shape)
    return {"width": picture.shape[1], "height": picture.shape[0], "psnr": round(best, 2)}


def begins_key_frame(payload: bytes) -> bool:
    """RFC 7741 sections 4.2 and 4.3, of a packet with the descriptor that jinglecam sends: X, I, a picture id of 15 bits."""
    return len(payload) > 4 and payload[0] & 0x9F == 0x90 and payload[1] == 0x80 and payload[4] & 1 == 0


class Reference:
    """The source clip, read along with what arrives, so that no more than one of its pictures is in memory."""

    def __init__(self, path: str):
        self.path = path
        with av.open(path) as container:
            self.size = container.streams.video[0].height, container.streams.video[0].width
        self.pictures = self._read()
        self.number: int | None = None
        self.planes: list[numpy.ndarray] = []

    def _read(self) -> Iterator[tuple[int | None, list[numpy.ndarray]]]:
        with av.open(self.path) as container:
            for frame in container.decode(video=0):
                planes = planes_of(frame)
                yield counter_of(planes[0]), planes

    def picture(self, number: int) -> list[numpy.ndarray] | None:
        """None where the clip has no picture of that number."""
        return self.planes if self._seek(number) else None

    def _seek(self, number: int) -> bool:
        for attempt in range(2):  # from here on, and once from the start: the clip may have begun anew
            if number == self.number:
                return True
            for self.number, self.planes in self.pictures:
                if self.number == number:
                    return True
            self.pictures, self.number = self._read(), None
        return False


class Sight:
    """What has been seen: counted, measured and compared as it comes in."""

    def __init__(self, reference: str | None):
        self.reference = Reference(reference) if reference else None
        self.frames = 0
        self.first_at: float | None = None
        self.last_at: float | None = None
        self.numbers: list[int | None] = []
        self.psnrs: list[float] = []
        self.smaller = 0  # than the reference's
        self.last_frame = None
        self.told = (0, 0, 0, 0)  # in the parts before: numbers, comparisons, bytes, key frames
        self.longest_gap, self.taken_at = 0.0, None

    def part(self, received: int, key_frames: int) -> dict:
        """What is new since the last time."""
        numbers, comparisons, before, keys = self.told
        self.told = (len(self.numbers), len(self.psnrs), received, key_frames)
        gap, self.longest_gap = self.longest_gap, 0.0
        seen = [n for n in self.numbers[numbers:] if n is not None]
        psnrs = self.psnrs[comparisons:]
        return {
            "framesDistinct": len(set(seen)),
            "firstNumber": seen[0] if seen else None,
            "lastNumber": seen[-1] if seen else None,
            "psnrMean": round(statistics.mean(psnrs), 2) if psnrs else None,
            "psnrMinimum": round(min(psnrs), 2) if psnrs else None,
            "bytesReceived": received - before,
            "keyFrames": key_frames - keys,
            "longestGap": round(gap, 3),
        }

    def take(self, frame) -> None:
        if self.taken_at is not None:
            self.longest_gap = max(self.longest_gap, self.last_at - self.taken_at)
        self.taken_at = self.last_at
        planes = planes_of(frame)
        number = counter_of(planes[0])
        self.numbers.append(number)
        self.last_frame = frame
        if self.reference and planes[0].shape < self.reference.size:
            self.smaller += 1
        elif self.reference and number is not None:
            picture = self.reference.picture(number)
            if picture and planes[0].shape == picture[0].shape:
                self.psnrs.append(psnr(planes, picture))

    def summary(self) -> dict:
        numbered = [n for n in self.numbers if n is not None]
        span = (self.last_at - self.first_at) if self.frames > 1 else 0
        result = {
            "framesDecoded": self.frames,
            "framesPerSecond": round((self.frames - 1) / span, 2) if span else None,
            "framesNumbered": len(numbered),
            "framesDistinct": len(set(numbered)),
            "firstNumber": numbered[0] if numbered else None,
            "lastNumber": numbered[-1] if numbered else None,
            "framesCompared": len(self.psnrs),
            "framesSmaller": self.smaller,
        }
        if self.last_frame is not None:
            result |= {"frameWidth": self.last_frame.width, "frameHeight": self.last_frame.height}
        if self.psnrs:
            result |= {"psnrMedian": round(statistics.median(self.psnrs), 2), "psnrMinimum": round(min(self.psnrs), 2)}
        return result
