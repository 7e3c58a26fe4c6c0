"""A bad viewer, simulated: a network that loses, and a client that asks too much. Nothing real is this regular."""

import asyncio
import random
from xml.etree import ElementTree as ET

from aiortc.rtp import RTCP_PSFB_APP, RtcpPsfbPacket, pack_remb_fci

import jingle

DEMAND_INTERVAL = 0.02


def insist(message: ET.Element) -> None:
    """Takes an offer or an answer for one that lets both sides send everything."""
    for content in message.findall(jingle.tag(jingle.JINGLE, "content")):
        content.set("senders", "both")


def lose(receiver, share: float) -> None:
    """Drops that share of the RTP that comes and of the RTCP that goes; the same packets each time."""
    chance = random.Random(7)
    handle, transport = receiver._handle_rtp_packet, receiver.transport
    send = transport._send_rtp

    async def handle_some(packet, *rest, **named):
        if chance.random() >= share:
            await handle(packet, *rest, **named)

    async def send_some(data):
        if chance.random() >= share:
            await send(data)

    receiver._handle_rtp_packet = handle_some
    transport._send_rtp = send_some


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
