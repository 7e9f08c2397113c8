"""What clients show everywhere: their relation as a badge, who looks after them, and lines of label and value."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from lib.domain.clients import RELATIONS, Relation, Site
from lib.domain.reference import Reference
from lib.domain.text import digits
from lib.ui.feedback import plain
from lib.ui.statuses import Look

RELATION_LOOKS: Mapping[str, Look] = {
    Relation.SUSPECT: Look(RELATIONS[Relation.SUSPECT], "person_search", "gray"),
    Relation.PROSPECT: Look(RELATIONS[Relation.PROSPECT], "handshake", "orange"),
    Relation.CLIENT: Look(RELATIONS[Relation.CLIENT], "verified", "green"),
    Relation.FORMER: Look(RELATIONS[Relation.FORMER], "history", "violet"),
    Relation.OFF_TARGET: Look(RELATIONS[Relation.OFF_TARGET], "block", "gray"),
}


def relation_look(relation: str) -> Look:
    """How a relation looks; what an import may have left reads as a prospect."""
    return RELATION_LOOKS.get(relation, RELATION_LOOKS[Relation.PROSPECT])


def person_of(reference: Reference, person_id: int | None) -> str:
    """A person's name; empty without one."""
    person = reference.people.get(person_id or 0)
    return person.name if person else ""


def phone_address(phone: str) -> str:
    """`tel:0478123456`, what a phone or a softphone dials; empty without a number."""
    number = digits(phone)
    return f"tel:{number}" if number else ""


def mail_address(email: str) -> str:
    """`mailto:…`; empty without an address."""
    return f"mailto:{quote(email, safe='@')}" if email else ""


def map_address(site: Site) -> str:
    """OpenStreetMap's page of a site, which opens beside ours; empty without coordinates."""
    if site.latitude is None or site.longitude is None:
        return ""
    place = f"{site.latitude:.6f}"
    return f"https://www.openstreetmap.org/?mlat={place}&mlon={site.longitude:.6f}#map=17/{place}/{site.longitude:.6f}"


def linked(text: str, address: str) -> str:
    """A text as a Markdown link, and nothing but a link; as itself without an address."""
    safe = address.replace("(", "%28").replace(")", "%29").replace(" ", "%20").replace("<", "%3C").replace(">", "%3E")
    return f"[{plain(text)}]({safe})" if address else plain(text)
