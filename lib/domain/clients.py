"""Clients, their sites and contacts: the third parties that actions are about."""

from __future__ import annotations

from dataclasses import dataclass

from lib.domain.checks import is_id
from lib.domain.context import Context, query
from lib.domain.errors import Invalid, NotFound
from lib.domain.rights import Operation, require
from lib.domain.sentences import say
from lib.domain.text import digits, folded

MIN_QUERY = 2
"""Letters or digits typed before a search starts."""
BEST_HITS = 20
WORD_CHARS = 60
"""Of each word: what stands behind isn't looked at."""


@dataclass(frozen=True, slots=True)
class Client:
    """A third party; `relation` says how close: suspect, prospect, client, former, off_target."""

    id: int
    code: str
    name: str
    town: str = ""
    phone: str = ""
    relation: str = "prospect"
    account_manager_id: int | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Site:
    """A place of a client."""

    id: int
    client_id: int
    name: str
    address: str = ""
    postcode: str = ""
    town: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person at a client, at one of its sites or none in particular."""

    id: int
    client_id: int
    site_id: int | None
    name: str
    role: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class ClientFile:
    """A client with the places and people that an action may choose from."""

    client: Client
    sites: tuple[Site, ...]
    contacts: tuple[Contact, ...]


def search_words(text: object) -> list[str]:
    """The prefixes that a typed text looks for: its folded words, or one run of digits when it is a phone number.

    `04 78 12` and `+33 4 78 12` look for `047812`; `SARL Dupont 69` for `sarl`, `dupont` and `69`. At most six.
    """
    words = [word[:WORD_CHARS] for word in folded(text).split()]
    if words and all(word.isdigit() for word in words):
        number = digits(text)
        return [number] if len(number) >= MIN_QUERY else []
    return words[:6] if sum(map(len, words)) >= MIN_QUERY else []


def index_words(file: ClientFile) -> set[str]:
    """What a client is found by: name, code, towns, sites, contacts, phone numbers as digits."""
    client = file.client
    texts = [client.name, client.code, client.town]
    texts += [f"{site.name} {site.town} {site.postcode}" for site in file.sites] + [c.name for c in file.contacts]
    numbers = {
        digits(phone) for phone in [client.phone, *(s.phone for s in file.sites), *(c.phone for c in file.contacts)]
    }
    words = {word for text in texts for word in folded(text).split()} | numbers
    return {word[:WORD_CHARS] for word in words if word}


def checked_place(file: ClientFile, *, site_id: int | None, contact_id: int | None) -> None:
    """Raises Invalid for `site` or `contact` when they aren't this client's, or the contact is of another site."""
    problems = {}
    if site_id is not None and site_id not in {site.id for site in file.sites}:
        problems["site"] = say("This site isn't one of {client}: choose one of its own.", client=file.client.name)
    contact = next((c for c in file.contacts if c.id == contact_id), None)
    if contact_id is not None and contact is None:
        problems["contact"] = say("This contact isn't at {client}: choose one of its own.", client=file.client.name)
    elif contact and site_id and contact.site_id and contact.site_id != site_id:
        problems["contact"] = say(
            "{contact} works at another site: change the site or the contact.", contact=contact.name
        )
    if problems:
        raise Invalid(problems)


@query
def find_clients(ctx: Context, *, text: str) -> list[Client]:
    """The 20 best active clients for what is typed: each word begins a name, code, town, contact or phone number."""
    require(ctx, Operation.VIEW_CLIENTS)
    words = search_words(text)
    return ctx.store.clients.find(words, limit=BEST_HITS) if words else []


@query
def open_client(ctx: Context, *, client_id: object) -> ClientFile:
    """A client with its sites and contacts; raises NotFound."""
    require(ctx, Operation.VIEW_CLIENTS)
    file = ctx.store.clients.file(client_id) if is_id(client_id) else None
    if file is None:
        raise NotFound
    return file
