"""Clients, their sites and contacts: the third parties that actions are about, and how they are found (R34)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lib.domain.checks import is_id
from lib.domain.context import Context, query
from lib.domain.errors import Invalid, NotFound
from lib.domain.lists import COUNTED, PAGE_ROWS, TEXT_COUNTED
from lib.domain.rights import Operation, require
from lib.domain.sentences import Sentence, say
from lib.domain.text import cleaned, digits, folded

MIN_QUERY = 2
"""Letters or digits typed before a search starts."""
BEST_HITS = 20
WORD_CHARS = 60
"""Of each word: what stands behind isn't looked at."""
MAX_TYPED = 200
"""Characters that a search reads."""
_EMAIL = re.compile(r"[^\s@<>,;:()\[\]\"]+@[^\s@<>,;:()\[\]\"]*")
_PHONE_RUN = re.compile(r"(?<!\w)\+?\d[\d\s.()/-]*\d(?!\w)")
"""Digits in groups, as phone numbers and SIRETs are written."""


class Relation(StrEnum):
    """How close a client is; the values are stored."""

    SUSPECT = "suspect"
    PROSPECT = "prospect"
    CLIENT = "client"
    FORMER = "former"
    OFF_TARGET = "off_target"


RELATIONS: Mapping[str, Sentence] = {
    Relation.SUSPECT: say("Suspect"),
    Relation.PROSPECT: say("Prospect"),
    Relation.CLIENT: say("Client"),
    Relation.FORMER: say("Former client"),
    Relation.OFF_TARGET: say("Off target"),
}


@dataclass(frozen=True, slots=True)
class Client:
    """A third party; `relation` says how close, as a Relation; `siret` is 14 digits, or empty."""

    id: int
    code: str
    name: str
    town: str = ""
    phone: str = ""
    relation: str = "prospect"
    account_manager_id: int | None = None
    is_active: bool = True
    business_activity_id: int | None = None
    siret: str = ""
    website: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True)
class Site:
    """A place of a client; `latitude` and `longitude` are in degrees (WGS 84)."""

    id: int
    client_id: int
    name: str
    address: str = ""
    postcode: str = ""
    town: str = ""
    phone: str = ""
    latitude: float | None = None
    longitude: float | None = None
    is_active: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True)
class Contact:
    """A person at a client, at one of its sites or none in particular; not active: has gone."""

    id: int
    client_id: int
    site_id: int | None
    name: str
    role: str = ""
    phone: str = ""
    email: str = ""
    is_active: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True)
class ClientFile:
    """A client with all its places and people; those that aren't active are offered for nothing new."""

    client: Client
    sites: tuple[Site, ...]
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class ClientHit:
    """A client that a search found, and the contact or the site by which it was found when not by itself."""

    client: Client
    contact: Contact | None = None
    site: Site | None = None


# ---- words


def search_words(text: object) -> list[str]:
    """The prefixes that a typed text looks for: its folded words, each phone number or SIRET as one run of digits.

    `04 78 12` and `+33 4 78 12` look for `047812`; `SARL Dupont 69` for `sarl`, `dupont` and `69`; an e-mail address
    for itself. At most six.
    """
    typed = cleaned(text[:MAX_TYPED]) if isinstance(text, str) else ""
    emails = [each.lower() for each in _EMAIL.findall(typed)]
    typed = _EMAIL.sub(" ", typed)
    runs = [digits(run) for run in _PHONE_RUN.findall(typed)]
    words = [word[:WORD_CHARS] for word in (*emails, *runs, *folded(_PHONE_RUN.sub(" ", typed)).split()) if word]
    return words[:6] if sum(map(len, words)) >= MIN_QUERY else []


def _words_of(texts: Iterable[str], phones: Iterable[str]) -> set[str]:
    words = {word for text in texts for word in folded(text).split()} | {digits(phone) for phone in phones}
    return {word[:WORD_CHARS] for word in words if word}


def own_words(client: Client) -> set[str]:
    """What a client is found by without its sites and contacts: name, code, town, phone number, SIRET."""
    # As a search reads its beginning too: one that begins with 33 or 00 looks like an international number.
    siret = {client.siret, digits(client.siret)} - {""}
    return _words_of((client.name, client.code, client.town), (client.phone,)) | siret


def words_of_site(site: Site) -> set[str]:
    """What a client is found by thanks to one of its sites."""
    return _words_of((site.name, site.town, site.postcode), (site.phone,))


def words_of_contact(contact: Contact) -> set[str]:
    """What a client is found by thanks to one of its contacts: name, phone number, the e-mail address and its words."""
    whole = {contact.email.lower()[:WORD_CHARS]} - {""}
    return _words_of((contact.name, contact.email), (contact.phone,)) | whole


def index_words(file: ClientFile) -> set[str]:
    """All that a client is found by."""
    found = own_words(file.client)
    return found.union(*map(words_of_site, file.sites), *map(words_of_contact, file.contacts))


def hit_of(client: Client, words: Sequence[str], sites: Iterable[Site], contacts: Iterable[Contact]) -> ClientHit:
    """A found client with the contact, else the site, that explains the most of the words that it lacks itself."""
    left = _unexplained(words, own_words(client))
    if not left:
        return ClientHit(client)

    def explained(mine: set[str]) -> int:
        return len(left) - len(_unexplained(left, mine))

    contact = max(contacts, key=lambda each: explained(words_of_contact(each)), default=None)
    site = max(sites, key=lambda each: explained(words_of_site(each)), default=None)
    by_contact = explained(words_of_contact(contact)) if contact else 0
    by_site = explained(words_of_site(site)) if site else 0
    if by_contact >= by_site:
        return ClientHit(client, contact=contact if by_contact else None)
    return ClientHit(client, site=site)


def _unexplained(words: Sequence[str], mine: set[str]) -> list[str]:
    return [word for word in words if not any(each.startswith(word) for each in mine)]


# ---- rules


def checked_place(
    file: ClientFile, *, site_id: int | None, contact_id: int | None, kept: tuple[int | None, int | None] = (None, None)
) -> None:
    """Raises Invalid for `site` or `contact` when they aren't this client's, or the contact is of another site.

    What is no longer active passes only where the record has it already: `kept`, a site's id and a contact's.
    """
    problems = {}
    site = next((s for s in file.sites if s.id == site_id), None)
    if site_id is not None and site is None:
        problems["site"] = say("This site isn't one of {client}: choose one of its own.", client=file.client.name)
    elif site and not site.is_active and site.id != kept[0]:
        problems["site"] = say("{site} is no longer used: choose another site.", site=site.name)
    contact = next((c for c in file.contacts if c.id == contact_id), None)
    if contact_id is not None and contact is None:
        problems["contact"] = say("This contact isn't at {client}: choose one of its own.", client=file.client.name)
    elif contact and not contact.is_active and contact.id != kept[1]:
        problems["contact"] = say("{contact} is no longer there: choose another contact.", contact=contact.name)
    elif contact and site_id and contact.site_id and contact.site_id != site_id:
        problems["contact"] = say(
            "{contact} works at another site: change the site or the contact.", contact=contact.name
        )
    if problems:
        raise Invalid(problems)


# ---- reading


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFilter:
    """What a list of clients keeps; empty criteria keep everything, several combine."""

    text: str = ""
    relations: frozenset[str] = frozenset()
    manager_ids: frozenset[int] = frozenset()
    with_inactive: bool = False

    @property
    def counted(self) -> int:
        """How far clients are counted, and pages turned."""
        return TEXT_COUNTED if search_words(self.text) else COUNTED


@dataclass(frozen=True, slots=True)
class ClientPage:
    """One page of a list of clients, by name; `total` is counted up to `counted` + 1."""

    rows: tuple[ClientHit, ...]
    total: int
    number: int
    counted: int = COUNTED

    @property
    def pages(self) -> int:
        """How many pages can be turned: those of the rows counted."""
        return max(1, -(-min(self.total, self.counted) // PAGE_ROWS))


@query
def find_clients(ctx: Context, *, text: str) -> list[ClientHit]:
    """The 20 best active clients for what is typed, those whose name begins so first.

    Each word begins a name, code, town, site, contact, e-mail's word, phone number or SIRET.
    """
    require(ctx, Operation.VIEW_CLIENTS)
    words = search_words(text)
    found = ctx.store.clients.find(words, start=folded(text)[:MAX_TYPED], limit=BEST_HITS) if words else []
    return _hits(ctx, words, found)


@query
def list_clients(ctx: Context, *, chosen: ClientFilter, page: int = 1) -> ClientPage:
    """One page of clients by name; `page` is brought into range. A text too short to be searched keeps everything."""
    require(ctx, Operation.VIEW_CLIENTS)
    words = search_words(chosen.text)
    number = min(max(1, page), COUNTED // PAGE_ROWS)
    found, total = ctx.store.clients.page(chosen, words, page=number)
    last = ClientPage((), total, 1, chosen.counted).pages
    if number > last:
        number = last
        found, total = ctx.store.clients.page(chosen, words, page=number)
    return ClientPage(tuple(_hits(ctx, words, found)), min(total, chosen.counted + 1), number, chosen.counted)


def _hits(ctx: Context, words: Sequence[str], found: Sequence[Client]) -> list[ClientHit]:
    by_others = [client.id for client in found if _unexplained(words, own_words(client))]
    if not by_others:
        return [ClientHit(client) for client in found]
    sites, contacts = ctx.store.clients.places_of(by_others)
    return [
        hit_of(client, words, [s for s in sites if s.client_id == client.id],
               [c for c in contacts if c.client_id == client.id])
        for client in found
    ]  # fmt: skip


@query
def open_client(ctx: Context, *, client_id: object) -> ClientFile:
    """A client with its sites and contacts; raises NotFound."""
    require(ctx, Operation.VIEW_CLIENTS)
    file = ctx.store.clients.file(client_id) if is_id(client_id) else None
    if file is None:
        raise NotFound
    return file
