"""A field's value in words, whether the journal holds it (ids, minutes, ISO dates) or somebody has just typed it."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from lib.domain.clients import ClientFile
from lib.domain.durations import shown_duration
from lib.domain.reference import Reference
from lib.ui import formats
from lib.ui.statuses import STATUSES
from lib.ui.words import translate


def shown_value(reference: Reference, file: ClientFile, field: str, value: object) -> str:
    """`0:20`, `Appel`, `mardi 24 novembre 2026`; a text without its formatting; "—" when it is empty."""
    if isinstance(value, str):
        with contextlib.suppress(ValueError):  # a typed text, not a value of the journal
            value = json.loads(value)
    if value in (None, "", []):
        return "—"
    if field in ("duration", "done_duration") and isinstance(value, int):
        return shown_duration(value)
    if field in ("planned_date", "done_on"):
        with contextlib.suppress(ValueError):
            return formats.full(date.fromisoformat(str(value)))
    if field in ("planned_time", "done_time"):
        return str(value)[:5]
    if field == "status":
        return next((translate(look.label) for status, look in STATUSES.items() if status == value), str(value))
    names = _names(reference, file).get(field)
    if names is not None:
        ids = value if isinstance(value, list | set | frozenset | tuple) else [value]
        return ", ".join(names.get(each, str(each)) for each in ids)
    return " ".join(re.sub(r"<[^>]+>", " ", str(value)).split())[:300]


def _names(reference: Reference, file: ClientFile) -> Mapping[str, Mapping[Any, str]]:
    people = {key: person.name for key, person in reference.people.items()}
    tables: Mapping[str, Mapping[int, Any]] = {
        "nature": reference.natures, "reason": reference.reasons, "domain": reference.domains,
        "origin": reference.origins, "result": reference.results,
    }  # fmt: skip
    return {
        "assignee": people,
        "participants": people,
        "org_unit": {key: unit.name for key, unit in reference.units.items()},
        "site": {site.id: site.name for site in file.sites},
        "contact": {contact.id: contact.name for contact in file.contacts},
        **{name: {key: choice.label for key, choice in table.items()} for name, table in tables.items()},
    }
