"""Habits of clients and gateways that no XEP foresees, put into contents and groups: none of them is worth a call."""

from xml.etree import ElementTree as ET

import jingle
from jingle import element, tag


def answer(children: list[ET.Element]) -> list[ET.Element]:
    """The contents in another order, and in a bundle what belongs to the transport in the first alone."""
    odd = offer(children)
    contents = [child for child in odd if child.tag == tag(jingle.JINGLE, "content")]
    groups = [child for child in odd if child.tag == tag(jingle.GROUPING, "group")]
    if groups:
        for content in contents[1:]:
            content.remove(content.find(tag(jingle.ICE_UDP, "transport")))
            description = content.find(tag(jingle.RTP, "description"))
            description.remove(description.find(tag(jingle.RTP, "rtcp-mux")))
    return contents[::-1] + groups


def offer(children: list[ET.Element]) -> list[ET.Element]:
    groups = [child for child in children if child.tag == tag(jingle.GROUPING, "group")]
    for child in children:
        for description in child.iter(tag(jingle.RTP, "description")):
            spoil_description(description)
        for transport in child.iter(tag(jingle.ICE_UDP, "transport")):
            spoil_transport(transport)
    if groups:
        names = [element(jingle.GROUPING, "content", {"name": content.get("name")}) for content in groups[0]]
        children = [element(jingle.GROUPING, "group", {"semantics": "LS"}, names), *children]
        children.append(element(jingle.GROUPING, "group"))
    return children


def spoil_description(description: ET.Element) -> None:
    strange = [
        element(jingle.RTP, "payload-type", {"id": "H265", "name": "H265"}),
        element(jingle.RTP, "payload-type", {"id": 99, "name": "AV1", "clockrate": "fast", "channels": "-1"}),
        element(jingle.HEADER_EXTENSIONS, "rtp-hdrext", {"id": "one", "uri": "urn:x"}),
        element(jingle.SOURCES, "source", {"ssrc": "-5"}),
        element(jingle.SOURCES, "ssrc-group"),
        element(jingle.FEEDBACK, "rtcp-fb", {"subtype": "x"}),
        element(jingle.RTP, "encryption", {}, [element(jingle.RTP, "crypto", {"tag": "x"})]),
        element(jingle.RTP, "bandwidth", {"type": ""}, text="much"),
    ]
    description.set("ssrc", "none")
    description[:0] = strange
    for payload_type in description.findall(tag(jingle.RTP, "payload-type"))[2:]:
        payload_type.set("id", f" {payload_type.get('id')} ")
        payload_type.append(element(jingle.RTP, "parameter", {"name": "x"}))


def spoil_transport(transport: ET.Element) -> None:
    for number, candidate in enumerate(transport.findall(tag(jingle.ICE_UDP, "candidate"))):
        spoil_candidate(candidate, keeps_priority=number > 0)
    for odd in ({}, {"port": "x"}, {"ip": "nowhere"}, {"component": "rtp"}, {"protocol": "sctp"}):
        attributes = {"component": 1, "foundation": 1, "ip": "192.0.2.1", "port": 9, "priority": 1, "protocol": "udp"}
        transport.insert(0, element(jingle.ICE_UDP, "candidate", {**attributes, **odd} if odd else {}))
    hashed = element(jingle.DTLS, "fingerprint", {"hash": "md5", "setup": "perhaps"}, text="AA")
    transport.insert(0, hashed)


def spoil_candidate(candidate: ET.Element, *, keeps_priority: bool) -> None:
    for name in ("id", "network", "foundation"):
        candidate.attrib.pop(name, None)
    for name in ("ip", "port", "component"):
        candidate.set(name, f" {candidate.get(name)} ")
    candidate.set("generation", "first")
    candidate.set("rel-port", "none")
    candidate.set("protocol", candidate.get("protocol").upper())
    candidate.set("type", candidate.get("type").upper())
    candidate.set("tcptype", "")
    if not keeps_priority:
        candidate.set("priority", "highest")
