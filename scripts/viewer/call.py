"""One call: Jingle in and out, aiortc behind it."""

import asyncio
import contextlib
import os
import time
import uuid
from xml.etree import ElementTree as ET

import slixmpp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcconfiguration import RTCIceTransportPolicy
from aiortc.sdp import SessionDescription, candidate_from_sdp

import bad
import jingle
import odd
import picture
import sound
from jingle import JINGLE, MESSAGE, element, tag

FRAMES_WITHOUT_STREAM = 25  # more than any buffer on the way holds


class Call:
    """One session, as its responder: Jingle in and out, an RTCPeerConnection behind it."""

    def __init__(self, viewer: "Viewer", sid: str, peer: slixmpp.JID, proposed_at: float):
        self.viewer = viewer
        self.options = viewer.options
        self.sid = sid
        self.peer = peer
        self.proposed_at = proposed_at
        self.connection: RTCPeerConnection | None = None
        self.tasks: list[asyncio.Task] = []
        self.size: tuple[int, int] | None = None
        self.taking: asyncio.Future | None = None  # the look at the last frame
        self.accepted_at: float | None = None
        self.bytes = self.packets = self.key_frames = 0
        self.first_packet_at = self.last_packet_at = 0.0
        self.pair = None
        self.early: list[ET.Element] = []

    async def initiate(self, message: ET.Element) -> None:
        bundle = not self.options.no_bundle
        if self.options.insist:
            bad.insist(message)
        sdp = jingle.offer_to_sdp(message, bundle=bundle, rtx=not self.options.no_rtx)
        await self.connect()
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        self.speak()
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        answer = SessionDescription.parse(self.connection.localDescription.sdp)

        children = jingle.answer_to_jingle(answer, message, bundle=bundle, trickle=self.options.trickle)
        if self.options.wrong_fingerprint:
            for content in children:
                for fingerprint in content.iter(tag(jingle.DTLS, "fingerprint")):
                    fingerprint.text = ":".join(["00"] * 32)
        if self.options.no_rtcp_mux:
            for description in (content.find(tag(jingle.RTP, "description")) for content in children[:2]):
                description.remove(description.find(tag(jingle.RTP, "rtcp-mux")))
        if self.options.odd:
            children = odd.answer(children)
        self.send("session-accept", children, responder=str(self.viewer.boundjid))
        self.accepted_at = time.monotonic()
        bundled = bundle and bool(jingle.bundled_names(message))
        self.viewer.tell("accepted", contents=[media.rtp.muxId for media in answer.media], bundled=bundled)
        if self.options.trickle:
            for media in answer.media:
                for content in jingle.trickled(media):
                    self.send("transport-info", [content])
        for content in self.early:
            await self.transport_info(content)

    async def connect(self) -> None:
        policy = RTCIceTransportPolicy.RELAY if self.options.relay_only else RTCIceTransportPolicy.ALL
        servers = await self.viewer.turn_servers() if self.options.relay_only else []
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=servers, iceTransportPolicy=policy))
        self.connection.on("track", self.on_track)
        self.connection.on("connectionstatechange", self.on_state)

    def speak(self) -> None:
        if self.options.speak:
            self.connection.addTrack(sound.Tone(self.options.speak))

    async def transport_info(self, message: ET.Element) -> None:
        if self.connection is None:
            self.early.append(message)
            return
        for content in message.findall(tag(JINGLE, "content")):
            transport = content.find(tag(jingle.ICE_UDP, "transport"))
            for value in jingle.candidates_in(transport) if transport is not None else []:
                candidate = candidate_from_sdp(value)
                candidate.sdpMid = content.get("name")
                await self.connection.addIceCandidate(candidate)

    def send(self, action: str, children=(), **attributes) -> None:
        message = jingle.jingle(action, self.sid, children, **attributes)
        iq = self.viewer.make_iq_set(sub=message, ito=self.peer)
        self.tasks.append(asyncio.ensure_future(self.deliver(action, iq)))

    async def deliver(self, action: str, iq) -> None:
        try:
            await iq.send(timeout=10)
        except slixmpp.exceptions.IqError as error:
            self.viewer.tell("refused", action=action, condition=error.condition)
        except slixmpp.exceptions.IqTimeout:
            self.viewer.tell("unanswered", action=action)

    def on_state(self) -> None:
        self.viewer.tell("connection", state=self.connection.connectionState)
        # With a wrong fingerprint it must fail; the other side still has to say why.
        if self.connection.connectionState == "failed" and not self.options.wrong_fingerprint:
            self.viewer.finish("connection-failed")

    def on_track(self, track) -> None:
        receiver = next(receiver for receiver in self.connection.getReceivers() if receiver.track is track)
        if self.viewer.loss:
            self.viewer.loss.apply(receiver.transport)
        if self.options.lip_sync:
            self.viewer.sync.follow(receiver)
        if track.kind != "video":
            if self.options.lip_sync:
                self.tasks.append(asyncio.ensure_future(self.compare(track, self.options.lip_sync)))
            elif seconds := self.options.sound_alone or self.options.listen_for:
                self.tasks.append(asyncio.ensure_future(self.hear(receiver, seconds)))
            elif self.options.listen:
                self.tasks.append(asyncio.ensure_future(self.viewer.hearing.listen(receiver)))
            return
        self.count_packets(receiver)
        self.tasks.append(asyncio.ensure_future(self.watch(track)))

    def selected_pair(self):
        """What carries the video: the nominated pair of the transport in use."""
        for receiver in self.connection.getReceivers():
            if receiver.track and receiver.track.kind == "video":
                return receiver.transport.transport._connection._nominated[1]
        raise AssertionError("a picture came over no transport")

    def path(self) -> dict | None:
        """The kinds of candidate. One that was peer-reflexive at first may have been told of since."""
        pair = self.pair
        return pair and {"local": pair.local_candidate.type, "remote": pair.remote_candidate.type}

    def summary(self, seen: picture.Sight) -> dict:
        if seen.first_at is None or self.accepted_at is None:
            return self.traffic()
        seconds = seen.last_at - seen.first_at
        return {
            "proposeToFirstFrame": round(seen.first_at - self.proposed_at, 3),
            "acceptToFirstFrame": round(seen.first_at - self.accepted_at, 3),
            **self.traffic(),
            "bitrate": round(self.bytes * 8 / seconds) if seconds else None,
            "path": self.path(),
        }

    def traffic(self) -> dict:
        if self.packets == 0:
            return {}
        seconds = round(self.last_packet_at - self.first_packet_at, 3)
        return {"packetsReceived": self.packets, "bytesReceived": self.bytes, "secondsReceived": seconds}

    def count_packets(self, receiver) -> None:
        """aiortc counts what its transports receive, but not what a track does."""
        handle = receiver._handle_rtp_packet

        async def counting(packet, *rest, **named):
            self.last_packet_at = time.monotonic()
            if self.packets == 0:
                self.first_packet_at = self.last_packet_at
                self.viewer.tell("first-packet")
                self.misbehave(receiver, packet.ssrc)
                if self.options.no_decode:
                    receiver._RTCRtpReceiver__decoder_queue.put(None)  # ends the thread
                    receiver._RTCRtpReceiver__decoder_thread = None  # without one, all but decoding is done
            self.packets += 1
            self.bytes += len(packet.payload)
            self.key_frames += picture.begins_key_frame(packet.payload)
            await handle(packet, *rest, **named)

        receiver._handle_rtp_packet = counting

    def misbehave(self, receiver, ssrc: int) -> None:
        if self.options.demand_key_frames:
            self.tasks.append(asyncio.ensure_future(bad.demand_key_frames(receiver, ssrc)))
        if self.options.claim_bitrate:
            self.tasks.append(asyncio.ensure_future(bad.claim_bitrate(receiver, ssrc, self.options.claim_bitrate)))

    async def watch(self, track) -> None:
        seen = self.viewer.picture
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                seen.last_at = time.monotonic()
                seen.frames += 1
                if self.size != (frame.width, frame.height):
                    self.size = (frame.width, frame.height)
                    self.viewer.tell("size", width=frame.width, height=frame.height)
                if seen.first_at is None:
                    seen.first_at = seen.last_at
                    self.pair = self.selected_pair()
                    self.viewer.tell("first-frame", width=frame.width, height=frame.height)
                    if self.options.hang_up_after is not None:
                        self.tasks.append(asyncio.ensure_future(self.hang_up_later(self.options.hang_up_after)))
                if self.options.lip_sync:
                    self.viewer.sync.see(frame)
                if seen.frames - FRAMES_WITHOUT_STREAM == self.viewer.frames_at_loss:
                    self.viewer.tell("outlived-stream")
                self.taking = asyncio.ensure_future(asyncio.to_thread(seen.take, frame))
                await asyncio.shield(self.taking)
                if self.options.part and seen.frames % self.options.part == 0:
                    self.viewer.tell("part", **seen.part(self.bytes, self.key_frames))
                if self.options.count_frames and seen.frames >= self.options.count_frames:
                    if self.options.vanish:
                        os._exit(0)
                    self.hang_up()
                    return

    async def hear(self, receiver, seconds: float) -> None:
        await self.viewer.hearing.listen(receiver, seconds)
        self.hang_up()

    async def compare(self, track, count: int) -> None:
        await self.viewer.sync.listen(track, count)
        self.hang_up()

    async def hang_up_later(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.hang_up()

    def hang_up(self) -> None:
        self.send("session-terminate", [element(JINGLE, "reason", children=[element(JINGLE, "success")])])
        self.viewer.tell("hung-up")
        self.viewer.finish("hung-up")

    async def close(self) -> None:
        if self.connection:
            await self.connection.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        if self.taking:  # what is counted is looked at, too
            await self.taking


class OutgoingCall(Call):
    """One session as its initiator: the media are offered `both`, as phones do."""

    def __init__(self, viewer: "Viewer", camera: str):
        super().__init__(viewer, str(uuid.uuid4()), slixmpp.JID(camera), time.monotonic())
        self.offer: SessionDescription | None = None
        self.media = ("audio",) if self.options.sound_alone else ("audio", "video")

    def propose(self) -> None:
        media = [element(jingle.RTP, "description", {"media": kind}) for kind in self.media]
        self.viewer.say(self.peer, element(MESSAGE, "propose", {"id": self.sid}, media), receipt=True)

    def retract(self) -> None:
        reason = element(JINGLE, "reason", children=[element(JINGLE, "cancel")])
        self.viewer.say(self.peer, element(MESSAGE, "retract", {"id": self.sid}, [reason]))

    async def proceed(self, device: slixmpp.JID) -> None:
        self.peer = device
        await self.connect()
        for kind in self.media:
            self.connection.addTransceiver(kind)
        self.speak()
        await self.connection.setLocalDescription(await self.connection.createOffer())
        self.offer = SessionDescription.parse(self.connection.localDescription.sdp)
        children = jingle.offer_to_jingle(self.offer, bundle=not self.options.no_bundle)
        if self.options.odd:
            children = odd.offer(children)
        self.send("session-initiate", children, initiator=str(self.viewer.boundjid))

    async def accept(self, message: ET.Element) -> None:
        self.accepted_at = time.monotonic()
        senders = {c.get("name"): c.get("senders", "both") for c in message.findall(tag(JINGLE, "content"))}
        if self.options.insist:
            bad.insist(message)
        sdp = jingle.answer_to_sdp(message, self.offer, bundle=not self.options.no_bundle)
        self.viewer.tell("accepted", senders=senders)
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
