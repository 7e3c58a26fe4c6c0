"""Jingle (XEP-0166, 0167, 0176, 0293, 0294, 0320, 0338, 0339) to the SDP that aiortc reads, and aiortc's SDP back to Jingle."""

from xml.etree import ElementTree as ET

from aiortc.rtcicetransport import RTCIceCandidate
from aiortc.sdp import MediaDescription, SessionDescription

JINGLE = "urn:xmpp:jingle:1"
RTP = "urn:xmpp:jingle:apps:rtp:1"
FEEDBACK = "urn:xmpp:jingle:apps:rtp:rtcp-fb:0"
HEADER_EXTENSIONS = "urn:xmpp:jingle:apps:rtp:rtp-hdrext:0"
SOURCES = "urn:xmpp:jingle:apps:rtp:ssma:0"
GROUPING = "urn:xmpp:jingle:apps:grouping:0"
DTLS = "urn:xmpp:jingle:apps:dtls:0"
ICE_UDP = "urn:xmpp:jingle:transports:ice-udp:1"
MESSAGE = "urn:xmpp:jingle-message:0"

# XEP-0166 speaks of parties, SDP of directions as seen by whoever writes it: the initiator an offer, the responder an answer.
OFFERED_DIRECTION = {"both": "sendrecv", "initiator": "sendonly", "responder": "recvonly", "none": "inactive"}
ANSWERED_DIRECTION = {"both": "sendrecv", "initiator": "recvonly", "responder": "sendonly", "none": "inactive"}
OFFERED_SENDERS = {direction: senders for senders, direction in OFFERED_DIRECTION.items()}
ANSWERED_SENDERS = {direction: senders for senders, direction in ANSWERED_DIRECTION.items()}
SETUP = {"auto": "actpass", "client": "active", "server": "passive"}  # by aiortc's names of DTLS roles


def tag(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}"


def element(namespace: str, name: str, attributes: dict | None = None, children=(), text: str | None = None) -> ET.Element:
    made = ET.Element(tag(namespace, name), {k: str(v) for k, v in (attributes or {}).items() if v is not None})
    made.text = text
    made.extend(children)
    return made


def jingle(action: str, sid: str, children=(), **attributes) -> ET.Element:
    return element(JINGLE, "jingle", {"action": action, "sid": sid, **attributes}, children)


def bundled_names(message: ET.Element) -> list[str]:
    for group in message.findall(tag(GROUPING, "group")):
        if group.get("semantics") == "BUNDLE":
            return [content.get("name") for content in group.findall(tag(GROUPING, "content"))]
    return []


# Jingle to SDP


def offer_to_sdp(message: ET.Element, *, bundle: bool, rtx: bool) -> str:
    """The session-initiate as an SDP offer. Raises ValueError where a client could not take the call."""
    names = bundled_names(message) if bundle else []
    contents = message.findall(tag(JINGLE, "content"))
    if not contents:
        raise ValueError("the offer has no contents")
    return to_sdp(contents, names, OFFERED_DIRECTION, ["actpass"], rtx=rtx)


def answer_to_sdp(message: ET.Element, offer: SessionDescription, *, bundle: bool) -> str:
    """The session-accept as an SDP answer. Raises ValueError where it does not answer the offer."""
    names = bundled_names(message)
    contents = message.findall(tag(JINGLE, "content"))
    if [content.get("name") for content in contents] != [media.rtp.muxId for media in offer.media]:
        raise ValueError("the answer has other contents than the offer")
    if bool(names) != bundle:
        raise ValueError("the answer bundles what was offered apart" if names else "the answer does not bundle")
    return to_sdp(contents, names, ANSWERED_DIRECTION, ["active", "passive"], rtx=True)


def to_sdp(contents: list[ET.Element], bundled: list[str], direction: dict, setups: list[str], *, rtx: bool) -> str:
    lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]
    if bundled:
        lines.append(f"a=group:BUNDLE {' '.join(bundled)}")
    for content in contents:
        lines += content_to_sdp(content, direction, setups, rtx=rtx)
    return "\r\n".join(lines) + "\r\n"


def content_to_sdp(content: ET.Element, direction: dict, setups: list[str], *, rtx: bool) -> list[str]:
    name = content.get("name")
    description = content.find(tag(RTP, "description"))
    transport = content.find(tag(ICE_UDP, "transport"))
    if description is None or transport is None:
        raise ValueError(f"content {name} lacks its description or its ice-udp transport")
    fingerprint = transport.find(tag(DTLS, "fingerprint"))
    if fingerprint is None or not transport.get("ufrag") or not transport.get("pwd"):
        raise ValueError(f"content {name} lacks a fingerprint, a ufrag or a pwd")
    if fingerprint.get("setup") not in setups:
        raise ValueError(f"content {name} has setup {fingerprint.get('setup')}, not {' or '.join(setups)}")
    if description.find(tag(RTP, "rtcp-mux")) is None:
        raise ValueError(f"content {name} has no rtcp-mux")

    payload_types = [
        payload_type
        for payload_type in description.findall(tag(RTP, "payload-type"))
        if rtx or payload_type.get("name", "").lower() != "rtx"
    ]
    ids = " ".join(payload_type.get("id") for payload_type in payload_types)
    lines = [
        f"m={description.get('media')} 9 UDP/TLS/RTP/SAVPF {ids}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{name}",
        f"a={direction[content.get('senders', 'both')]}",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=rtcp-mux",
        f"a=ice-ufrag:{transport.get('ufrag')}",
        f"a=ice-pwd:{transport.get('pwd')}",
        f"a=fingerprint:{fingerprint.get('hash')} {fingerprint.text.strip()}",
        f"a=setup:{fingerprint.get('setup')}",
    ]
    for payload_type in payload_types:
        lines += payload_type_to_sdp(payload_type)
    for extension in description.findall(tag(HEADER_EXTENSIONS, "rtp-hdrext")):
        lines.append(f"a=extmap:{extension.get('id')} {extension.get('uri')}")
    for group in description.findall(tag(SOURCES, "ssrc-group")):
        sources = [source.get("ssrc") for source in group.findall(tag(SOURCES, "source"))]
        if rtx or group.get("semantics") != "FID":
            lines.append(f"a=ssrc-group:{group.get('semantics')} {' '.join(sources)}")
    for source in description.findall(tag(SOURCES, "source")):
        for parameter in source.findall(tag(SOURCES, "parameter")):
            lines.append(f"a=ssrc:{source.get('ssrc')} {parameter.get('name')}:{parameter.get('value')}")
    for candidate in candidates_in(transport):
        lines.append(f"a=candidate:{candidate}")
    return lines


def payload_type_to_sdp(payload_type: ET.Element) -> list[str]:
    number = payload_type.get("id")
    channels = payload_type.get("channels", "1")
    encoding = f"{payload_type.get('name')}/{payload_type.get('clockrate')}"
    lines = [f"a=rtpmap:{number} {encoding}" + (f"/{channels}" if channels != "1" else "")]
    parameters = [f"{p.get('name')}={p.get('value')}" for p in payload_type.findall(tag(RTP, "parameter"))]
    if parameters:
        lines.append(f"a=fmtp:{number} {';'.join(parameters)}")
    for feedback in payload_type.findall(tag(FEEDBACK, "rtcp-fb")):
        value = " ".join(filter(None, [feedback.get("type"), feedback.get("subtype")]))
        lines.append(f"a=rtcp-fb:{number} {value}")
    return lines


def candidates_in(transport: ET.Element) -> list[str]:
    """SDP candidate values; only component 1 over UDP, as every client of today that multiplexes RTCP."""
    found = []
    for candidate in transport.findall(tag(ICE_UDP, "candidate")):
        if candidate.get("component") != "1" or candidate.get("protocol", "").lower() != "udp":
            continue
        value = (
            f"{candidate.get('foundation')} 1 udp {candidate.get('priority')} "
            f"{candidate.get('ip')} {candidate.get('port')} typ {candidate.get('type')}"
        )
        if candidate.get("rel-addr"):
            value += f" raddr {candidate.get('rel-addr')} rport {candidate.get('rel-port')}"
        found.append(value)
    return found


# SDP to Jingle


def offer_to_jingle(offer: SessionDescription, *, bundle: bool) -> list[ET.Element]:
    """The children of a session-initiate; aiortc's offers always name a group."""
    children = [media_to_content(media, media.rtp.muxId, OFFERED_SENDERS, trickle=False) for media in offer.media]
    if bundle:
        children.append(bundle_group([media.rtp.muxId for media in offer.media]))
    return children


def answer_to_jingle(
    answer: SessionDescription, offer: ET.Element, *, bundle: bool, trickle: bool
) -> list[ET.Element]:
    """The children of a session-accept: the offered contents in their order, and the group where both sides bundle.

    aiortc's answers name a group even where the offer had none.
    """
    children = [media_to_content(media, media.rtp.muxId, ANSWERED_SENDERS, trickle=trickle) for media in answer.media]
    if bundle and bundled_names(offer):
        children.append(bundle_group(bundled_names(offer)))
    return children


def bundle_group(names: list[str]) -> ET.Element:
    contents = [element(GROUPING, "content", {"name": name}) for name in names]
    return element(GROUPING, "group", {"semantics": "BUNDLE"}, contents)


def media_to_content(media: MediaDescription, name: str, senders: dict, *, trickle: bool) -> ET.Element:
    description = element(RTP, "description", {"media": media.kind})
    for codec in media.rtp.codecs:
        channels = codec.channels if codec.channels and codec.channels > 1 else None
        payload_type = element(
            RTP,
            "payload-type",
            {"id": codec.payloadType, "name": codec.name, "clockrate": codec.clockRate, "channels": channels},
        )
        for key, value in codec.parameters.items():
            payload_type.append(element(RTP, "parameter", {"name": key, "value": value}))
        for feedback in codec.rtcpFeedback:
            payload_type.append(
                element(FEEDBACK, "rtcp-fb", {"type": feedback.type, "subtype": feedback.parameter or None})
            )
        description.append(payload_type)
    for extension in media.rtp.headerExtensions:
        description.append(element(HEADER_EXTENSIONS, "rtp-hdrext", {"id": extension.id, "uri": extension.uri}))
    description.append(element(RTP, "rtcp-mux"))

    transport = element(ICE_UDP, "transport", {"ufrag": media.ice.usernameFragment, "pwd": media.ice.password})
    for fingerprint in media.dtls.fingerprints:
        if fingerprint.algorithm == "sha-256":
            attributes = {"hash": fingerprint.algorithm, "setup": SETUP[media.dtls.role]}
            transport.append(element(DTLS, "fingerprint", attributes, text=fingerprint.value))
    if not trickle:
        transport.extend(candidate_element(candidate) for candidate in media.ice_candidates)
    return element(
        JINGLE,
        "content",
        {
            "creator": "initiator",
            "name": name,
            "senders": senders[media.direction],
        },
        [description, transport],
    )


def trickled(media: MediaDescription) -> list[ET.Element]:
    """One content for each candidate, as clients send them in transport-infos."""
    contents = []
    for candidate in media.ice_candidates:
        attributes = {"ufrag": media.ice.usernameFragment, "pwd": media.ice.password}
        transport = element(ICE_UDP, "transport", attributes, [candidate_element(candidate)])
        contents.append(
            element(JINGLE, "content", {"creator": "initiator", "name": media.rtp.muxId}, [transport])
        )
    return contents


def candidate_element(candidate: RTCIceCandidate) -> ET.Element:
    return element(
        ICE_UDP,
        "candidate",
        {
            "id": f"c{candidate.foundation[:8]}{candidate.port}",
            "component": candidate.component,
            "foundation": candidate.foundation,
            "generation": 0,
            "network": 0,
            "protocol": candidate.protocol,
            "ip": candidate.ip,
            "port": candidate.port,
            "priority": candidate.priority,
            "type": candidate.type,
            "rel-addr": candidate.relatedAddress,
            "rel-port": candidate.relatedPort,
        },
    )
