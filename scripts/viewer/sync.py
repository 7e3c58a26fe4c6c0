"""Lip sync: how far a beep is from its flash by the clock of the sender, to which its reports tie both streams.

That is RFC 3550 section 6.4.1, and all that a client has to go by. The times are those of RTP: how late something
comes, or how busy this machine is, makes no difference.
"""

import contextlib

from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RTCP_SR, RtcpSenderInfo

import picture
import sound

LIGHT = 128  # of luma, on the average
LONGEST_STEP = 60  # ms: of a flash that follows a picture from before that, it is not known when it began
LOUD = 0.1  # of full scale
REST = sound.RATE // 10  # how long it was silent before a beep
FURTHEST = 1.5  # seconds: half of what is between two flashes


class Moments:
    """When something began, in one stream."""

    def __init__(self, rate: int):
        self.rate = rate
        self.stamps: list[int] = []  # aiortc's, which begin with 0
        self.mapper = None
        self.report = None

    def follow(self, receiver) -> None:
        self.mapper = receiver._RTCRtpReceiver__timestamp_mapper
        transport = receiver.transport
        handle = transport._handle_rtcp_data

        async def reading(data):
            # Before aiortc, which takes the chunks of a source description for unpadded (RFC 3550 section 6.5), and
            # drops the report that they follow.
            is_ours = transport._rtp_router.ssrc_table.get(int.from_bytes(data[4:8])) is receiver
            if data[1] == RTCP_SR and is_ours:
                self.report = RtcpSenderInfo.parse(data[8:28])
            await handle(data)

        transport._handle_rtcp_data = reading

    def times(self) -> list[float]:
        """In seconds of the sender's wall clock; none before its first report."""
        return [self.time(stamp) for stamp in self.stamps] if self.report else []

    def time(self, stamp: int) -> float:
        since_report = (stamp + self.mapper._origin - self.report.rtp_timestamp + 2**31) % 2**32 - 2**31
        return self.report.ntp_timestamp / 2**32 + since_report / self.rate


class LipSync:
    """A film in which a flash and a beep begin together, again and again."""

    def __init__(self):
        self.flashes = Moments(90_000)
        self.beeps = Moments(sound.RATE)
        self.was_light = True
        self.seen_at: int | None = None  # the picture before
        self.heard_until: int | None = None
        self.silence = 0  # in samples

    def follow(self, receiver) -> None:
        (self.flashes if receiver.track.kind == "video" else self.beeps).follow(receiver)

    def see(self, frame) -> None:
        is_light = picture.planes_of(frame)[0].mean() > LIGHT
        if is_light and not self.was_light and frame.pts - self.seen_at <= LONGEST_STEP * 90:
            self.flashes.stamps.append(frame.pts)
        self.was_light, self.seen_at = is_light, frame.pts

    async def listen(self, track, count: int) -> None:
        """Returns when so many flashes have a beep."""
        with contextlib.suppress(MediaStreamError):
            while len(self.offsets()) < count:
                self.hear(await track.recv())

    def hear(self, frame) -> None:
        if frame.pts != self.heard_until:
            self.silence = 0
        self.heard_until = frame.pts + frame.samples
        samples = frame.to_ndarray().reshape(-1, len(frame.layout.channels)).mean(axis=1) / 32_768
        loud = (abs(samples) > LOUD).nonzero()[0]
        if len(loud) == 0:
            self.silence += frame.samples
            return
        if self.silence + loud[0] >= REST:
            self.beeps.stamps.append(frame.pts + int(loud[0]))
        self.silence = frame.samples - 1 - int(loud[-1])

    def offsets(self) -> list[float]:
        """How much later each beep is than its flash, in seconds."""
        flashes = self.flashes.times()
        nearest = (min((beep - flash for flash in flashes), key=abs, default=FURTHEST) for beep in self.beeps.times())
        return [offset for offset in nearest if abs(offset) < FURTHEST]

    def summary(self) -> dict:
        return {"soundOffsets": [round(offset, 4) for offset in self.offsets()]}
