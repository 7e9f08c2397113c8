"""What the forms of clients, sites and contacts hold, and how each field is checked (R34)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from lib.domain.checks import Checks, checked_id
from lib.domain.clients import RELATIONS, Client, Contact, Site
from lib.domain.context import Context
from lib.domain.errors import Invalid
from lib.domain.sentences import Sentence, say
from lib.domain.text import checked_line

LENGTHS = {
    "code": 20, "name": 160, "town": 80, "phone": 30, "website": 200, "siret": 30, "site.name": 120, "address": 200,
    "postcode": 10, "coordinates": 60, "contact.name": 120, "role": 80, "email": 254,
}  # fmt: skip
"""Characters of each text field; `site.name` where a noun's own differs."""
LABELS: Mapping[str, Sentence] = {
    "name": say("Name"),
    "code": say("Code"),
    "siret": say("SIRET"),
    "town": say("Town"),
    "phone": say("Phone"),
    "website": say("Website"),
    "relation": say("Relation"),
    "account_manager": say("Account manager"),
    "business_activity": say("Business activity"),
    "address": say("Address"),
    "postcode": say("Postcode"),
    "coordinates": say("Coordinates"),
    "role": say("Role"),
    "email": say("E-mail"),
    "site": say("Site"),
    "is_active": say("Active"),
}
CLIENT_FIELDS = ("name", "code", "siret", "town", "phone", "website", "relation", "account_manager",
                 "business_activity", "is_active")  # fmt: skip
SITE_FIELDS = ("name", "address", "postcode", "town", "phone", "coordinates", "is_active")
COLUMNS = {"account_manager": "account_manager_id", "business_activity": "business_activity_id", "site": "site_id"}
"""The column behind a field, where the names differ; `coordinates` has two."""
CONTACT_FIELDS = ("name", "role", "phone", "email", "site", "is_active")

_PHONE = re.compile(r"\+?[0-9 ().\-/]+")
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]*")
_POSTCODE = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z -]*[0-9A-Za-z])")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}(?::[0-9]{1,5})?")
_COORDINATES = re.compile(r"(-?[0-9]{1,3}(?:[.,][0-9]{1,15})?)\s*[;, ]\s*(-?[0-9]{1,3}(?:[.,][0-9]{1,15})?)")
_LA_POSTE = "356000000"
"""The one company whose sites' numbers obey another rule: their digits add up to a multiple of five."""


def is_siret(number: str) -> bool:
    """Whether 14 digits are a SIRET: their key is right (Luhn)."""
    if not (len(number) == 14 and number.isascii() and number.isdigit()):
        return False
    if number.startswith(_LA_POSTE) and sum(map(int, number)) % 5 == 0:
        return True
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(number))
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


def shown_siret(number: str) -> str:
    """`732 829 320 00074`."""
    return " ".join(part for part in (number[:3], number[3:6], number[6:9], number[9:]) if part)


def shown_coordinates(site: Site) -> str:
    """`45.764043, 4.835659`, as it can be typed again; empty without."""
    if site.latitude is None or site.longitude is None:
        return ""
    return f"{site.latitude:.6f}".rstrip("0").rstrip(".") + ", " + f"{site.longitude:.6f}".rstrip("0").rstrip(".")


# ---- single fields


def _line(noun: str, field: str, raw: Mapping[str, object], *, required: bool = False) -> str:
    length = LENGTHS.get(f"{noun}.{field}", LENGTHS[field])
    return checked_line(field, raw.get(field), max_length=length, required=required)


def checked_siret(raw: object) -> str:
    """14 digits from `732 829 320 00074`; empty when nothing was typed. Raises Invalid for `siret`."""
    typed = checked_line("siret", raw, max_length=LENGTHS["siret"])
    number = re.sub(r"[\s.\-]", "", typed)
    if number and not is_siret(number):
        raise Invalid({"siret": say("A SIRET has 14 digits, of which the last one is a key: check what was typed.")})
    return number


def checked_phone(noun: str, raw: Mapping[str, object]) -> str:
    """A phone number as it was typed, 4 to 15 digits of it; raises Invalid for `phone`."""
    typed = _line(noun, "phone", raw)
    if typed and not (_PHONE.fullmatch(typed) and 4 <= sum(map(str.isdigit, typed)) <= 15):
        raise Invalid({"phone": say("Phone number not understood: write for example 04 78 12 34 56 or +33 4 78 12.")})
    return typed


def checked_email(field: str, raw: object) -> str:
    """An e-mail address in lower case; empty when nothing was typed. Raises Invalid for `field`."""
    typed = checked_line(field, raw, max_length=LENGTHS["email"]).lower()
    if typed and not (_EMAIL.fullmatch(typed) and ".." not in typed and len(typed.partition("@")[0]) <= 64):
        raise Invalid({field: say("E-mail address not understood: write for example claire.morin@example.org.")})
    return typed


def checked_website(raw: object) -> str:
    """An https address, `https://` put before a bare name; raises Invalid for `website`."""
    typed = checked_line("website", raw, max_length=LENGTHS["website"])
    if not typed:
        return ""
    wrong = Invalid({"website": say("Website not understood: write for example https://www.example.org.")})
    address = typed if "://" in typed else f"https://{typed}"
    try:
        parts = urlsplit(address)
    except ValueError:
        raise wrong from None
    is_plain = not set(address) & set(" <>\"\\^`{}|")  # fmt: skip
    if parts.scheme.lower() != "https" or not _HOST.fullmatch(parts.netloc.lower()) or not is_plain:
        raise wrong
    if len(address) > LENGTHS["website"]:
        raise Invalid({"website": say("Too long: {max_length} characters at most.", max_length=LENGTHS["website"])})
    return address


def checked_coordinates(raw: object) -> tuple[float | None, float | None]:
    """Latitude and longitude from `45.764, 4.8357` or `45,764; 4,8357`; raises Invalid for `coordinates`."""
    typed = checked_line("coordinates", raw, max_length=LENGTHS["coordinates"])
    if not typed:
        return None, None
    found = _COORDINATES.fullmatch(typed)
    wrong = say("Coordinates not understood: latitude then longitude, for example 45.764, 4.8357.")
    if not found:
        raise Invalid({"coordinates": wrong})
    latitude, longitude = (float(part.replace(",", ".")) for part in found.groups())
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Invalid({"coordinates": wrong})
    return latitude, longitude


def _checked_postcode(raw: Mapping[str, object]) -> str:
    typed = _line("site", "postcode", raw)
    if typed and not _POSTCODE.fullmatch(typed):
        raise Invalid({"postcode": say("Postcode not understood: write for example 69003.")})
    return typed


def _checked_code(raw: Mapping[str, object]) -> str:
    typed = _line("client", "code", raw)
    if typed and not _CODE.fullmatch(typed):
        raise Invalid({"code": say("A code is made of letters, digits, dots, dashes and slashes.")})
    return typed


def _checked_relation(raw: object) -> str:
    if isinstance(raw, str) and raw in RELATIONS:
        return str(raw)
    raise Invalid({"relation": say("Choose how close this client is.")})


def _checked_manager(ctx: Context, raw: object, kept: int | None) -> int | None:
    person_id = checked_id("account_manager", raw)
    person = ctx.reference.people.get(person_id or 0)
    if person_id is not None and (person is None or not (person.is_active or person_id == kept)):
        raise Invalid({"account_manager": say("This person is unknown or no longer active: choose from the list.")})
    return person_id


def _checked_activity(ctx: Context, raw: object) -> int | None:
    activity_id = checked_id("business_activity", raw)
    if activity_id is not None and activity_id not in ctx.reference.activities:
        raise Invalid({"business_activity": say("Unknown choice: choose one of the list.")})
    return activity_id


def _checked_active(raw: Mapping[str, object]) -> bool:
    """Active unless the form says otherwise: a new one's doesn't ask."""
    return raw.get("is_active", True) is not False


# ---- forms

Check = Callable[[], Any]


def _checked(raw: Mapping[str, object], checks: Mapping[str, Check], *, is_new: bool) -> dict[str, Any]:
    """What the fields hold, by field; of a record that exists, only those sent. Raises Invalid with every problem."""
    found = Checks()
    values = {name: found.run(check) for name, check in checks.items() if is_new or name in raw}
    found.done()
    return {COLUMNS.get(name, name): value for name, value in values.items()}


def checked_client(ctx: Context, raw: Mapping[str, object], *, before: Client | None) -> dict[str, Any]:
    """The columns of a client from its form, of an existing one those sent; raises Invalid with every problem."""
    kept = before.account_manager_id if before else None
    checks: dict[str, Check] = {
        "name": lambda: _line("client", "name", raw, required=True),
        "code": lambda: _checked_code(raw),
        "siret": lambda: checked_siret(raw.get("siret")),
        "town": lambda: _line("client", "town", raw),
        "phone": lambda: checked_phone("client", raw),
        "website": lambda: checked_website(raw.get("website")),
        "relation": lambda: _checked_relation(raw.get("relation")),
        "account_manager": lambda: _checked_manager(ctx, raw.get("account_manager"), kept),
        "business_activity": lambda: _checked_activity(ctx, raw.get("business_activity")),
        "is_active": lambda: _checked_active(raw),
    }
    return _checked(raw, checks, is_new=before is None)


def checked_site(raw: Mapping[str, object], *, before: Site | None) -> dict[str, Any]:
    """The columns of a site from its form, of an existing one those sent; raises Invalid with every problem."""
    checks: dict[str, Check] = {
        "name": lambda: _line("site", "name", raw, required=True),
        "address": lambda: _line("site", "address", raw),
        "postcode": lambda: _checked_postcode(raw),
        "town": lambda: _line("site", "town", raw),
        "phone": lambda: checked_phone("site", raw),
        "coordinates": lambda: checked_coordinates(raw.get("coordinates")),
        "is_active": lambda: _checked_active(raw),
    }
    columns = _checked(raw, checks, is_new=before is None)
    if "coordinates" in columns:
        columns["latitude"], columns["longitude"] = columns.pop("coordinates")
    return columns


def checked_contact(raw: Mapping[str, object], *, sites: tuple[Site, ...], before: Contact | None) -> dict[str, Any]:
    """The columns of a contact from its form, of an existing one those sent; raises Invalid with every problem."""
    checks: dict[str, Check] = {
        "name": lambda: _line("contact", "name", raw, required=True),
        "role": lambda: _line("contact", "role", raw),
        "phone": lambda: checked_phone("contact", raw),
        "email": lambda: checked_email("email", raw.get("email")),
        "site": lambda: _checked_site_of(raw.get("site"), sites, before),
        "is_active": lambda: _checked_active(raw),
    }
    return _checked(raw, checks, is_new=before is None)


def _checked_site_of(raw: object, sites: tuple[Site, ...], before: Contact | None) -> int | None:
    site_id = checked_id("site", raw)
    site = next((each for each in sites if each.id == site_id), None)
    if site_id is not None and site is None:
        raise Invalid({"site": say("Unknown choice: choose one of the list.")})
    if site and not site.is_active and site_id != (before.site_id if before else None):
        raise Invalid({"site": say("{site} is no longer used: choose another site.", site=site.name)})
    return site_id


def form_values(record: Client | Site | Contact) -> dict[str, object]:
    """What the form of a stored record opens with, by field."""
    names = CLIENT_FIELDS if isinstance(record, Client) else SITE_FIELDS if isinstance(record, Site) else CONTACT_FIELDS
    values = {name: getattr(record, COLUMNS.get(name, name)) for name in names if name != "coordinates"}
    if isinstance(record, Site):
        values["coordinates"] = shown_coordinates(record)
    if isinstance(record, Client):
        values["siret"] = shown_siret(record.siret)
    return values
