"""What somebody who may not know of an account can find out about it: nothing, if it keeps its secret."""

from xml.etree import ElementTree as ET

import slixmpp
from slixmpp.exceptions import IqError

import jingle
from jingle import JINGLE, MESSAGE, element

SID = "knock"


def questions() -> list[tuple[str, ET.Element]]:
    """Requests by type. The offer is the last: whoever answers in order has then said all that there is to say."""
    video = element(jingle.RTP, "description", {"media": "video"})
    content = element(JINGLE, "content", {"creator": "initiator", "name": "video"}, [video])
    return [
        ("get", element("http://jabber.org/protocol/disco#info", "query")),
        ("get", element("http://jabber.org/protocol/disco#items", "query")),
        ("get", element("urn:xmpp:ping", "ping")),
        ("get", element("jabber:iq:version", "query")),
        ("get", element("jabber:iq:roster", "query")),
        ("set", element("jabber:iq:roster", "query", children=[element("jabber:iq:roster", "item", {"jid": "a@b.test"})])),
        ("set", element("jabber:iq:roster", "query")),
        ("set", element("urn:nobody:knows", "this")),
        ("set", jingle.jingle("session-terminate", "unknown")),
        ("set", jingle.jingle("session-initiate", SID, [content])),
    ]


async def knock(viewer: slixmpp.ClientXMPP, device: slixmpp.JID) -> str | None:
    """None where a client of this resource tells nothing that an account without one would not; else what gave it away."""
    heard = []

    def listen(stanza):
        # By unavailable of the bare JID Prosody itself says that it took the subscription request.
        is_servers = (stanza["type"], stanza["from"]) == ("unavailable", device.bare)
        if stanza["from"].bare == device.bare and stanza.name != "iq" and not is_servers:
            heard.append(str(stanza))
        return stanza

    viewer.add_filter("in", listen)
    video = element(jingle.RTP, "description", {"media": "video"})
    viewer.say(device.bare, element(MESSAGE, "propose", {"id": SID}, [video]), receipt=True)
    viewer.send_presence_subscription(pto=device.bare)
    for kind, question in questions():
        real = await answer(viewer, kind, question, device)
        nobody = await answer(viewer, kind, question, slixmpp.JID(f"{device.bare}/nobody"))
        if real != nobody:
            return f"{question.tag}: {real}, not {nobody}"
    return heard[0] if heard else None


async def answer(viewer: slixmpp.ClientXMPP, kind: str, question: ET.Element, to: slixmpp.JID) -> str:
    """The reply, without what differs from one to the next, nor the language that servers stamp on what clients say,
    nor the order of attributes, which is chance in Prosody."""
    iq = viewer.make_iq(ito=to, itype=kind)
    iq.append(question)
    try:
        reply = await iq.send(timeout=10)
    except IqError as error:
        reply = error.iq
    for name in ("id", "from", "{http://www.w3.org/XML/1998/namespace}lang"):
        reply.xml.attrib.pop(name, None)
    return ET.canonicalize(ET.tostring(reply.xml, encoding="unicode"))
