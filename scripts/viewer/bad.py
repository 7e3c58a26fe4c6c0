"""A bad viewer, simulated: a network that loses, and a client that asks too much. Nothing real is this regular."""

import asyncio
import collections
import random
from xml.etree import ElementTree as ET

from aiortc.rtp import RTCP_PSFB_APP, RtcpPsfbPacket, is_rtcp, pack_remb_fci

import jingle

DEMAND_INTERVAL = 0.02


def insist(message: ET.Element) -> None:
    """Takes an offer or an answer for one that lets both sides send everything."""
    for content in message.findall(jingle.tag(jingle.JINGLE, "content")):
        content.set("senders", "both")


class Loss:
    """A network that drops that share of the RTP that comes, of each stream the same packets each time, and of what goes.

    What comes is dropped as it is on the wire: the protection against replay (RFC 3711 section 3.3.2) must see only
    what arrives, since it drops the copy of a packet that has arrived, and lets that of a lost one pass.
    """

    def __init__(self, share: float):
        self.share = share
        self.chances: dict[bytes, random.Random] = collections.defaultdict(lambda: random.Random(7))
        # Of each packet, by SSRC and sequence number.
        self.copies: collections.Counter[tuple[int, int]] = collections.Counter()
        self.copies_lost: collections.Counter[tuple[int, int]] = collections.Counter()
        self.transports: set = set()

    def is_lost(self, stream: bytes) -> bool:
        return self.chances[stream].random() < self.share

    def apply(self, transport) -> None:
        """Once, if several media share it."""
        if transport in self.transports:
            return
        self.transports.add(transport)
        receive, send = transport.transport._recv, transport._send_rtp

        async def receive_some() -> bytes:
            while True:
                data = await receive()
                if not is_rtp(data):
                    return data
                packet = int.from_bytes(data[8:12]), int.from_bytes(data[2:4])
                self.copies[packet] += 1
                if not self.is_lost(data[8:12]):
                    return data
                self.copies_lost[packet] += 1

        async def send_some(data):
            if not self.is_lost(b"sent"):
                await send(data)

        transport.transport._recv = receive_some
        transport._send_rtp = send_some


def is_rtp(data: bytes) -> bool:
    """RFC 7983 section 7, without RTCP (RFC 5761 section 4)."""
    return len(data) >= 12 and 128 <= data[0] < 192 and not is_rtcp(data)


async def demand_key_frames(receiver, ssrc: int) -> None:
    while True:
        await receiver._send_rtcp_pli(ssrc)
        await asyncio.sleep(DEMAND_INTERVAL)


async def claim_bitrate(receiver, ssrc: int, bitrate: int) -> None:
    """REMB (draft-alvestrand-rmcat-remb), every second, in place of what the receiver would say itself."""
    receiver._RTCRtpReceiver__remote_bitrate_estimator = None
    while True:
        fci = pack_remb_fci(bitrate, [ssrc])
        await receiver._send_rtcp(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=fci))
        await asyncio.sleep(1)
