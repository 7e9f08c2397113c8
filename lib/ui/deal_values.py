"""What deals show everywhere: their stage as a badge, and a field's value in words, whether stored or just typed."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

import streamlit as st

from lib.domain.clients import ClientFile
from lib.domain.deals import COLUMNS, Deal, outcome_of
from lib.domain.reference import Reference
from lib.ui import formats
from lib.ui.statuses import OUTCOMES, Look, disabled_mark
from lib.ui.words import _

FIELD_OF = {column: name for name, column in COLUMNS.items()}
"""The form's field behind a name of the journal; `closed_on`, which follows from the stage, has none."""


def look_of(reference: Reference, deal: Deal) -> Look:
    """The icon and the colour of a deal, by its outcome."""
    return OUTCOMES[outcome_of(deal, reference.deal_stages)]


def stage_name(reference: Reference, stage_id: int | None) -> str:
    """A stage's label, marked when it is disabled."""
    stage = reference.deal_stages.get(stage_id or 0)
    return disabled_mark(stage, stage.label) if stage else "—"


def stage_badge(reference: Reference, deal: Deal) -> None:
    """Where a deal stands."""
    look = look_of(reference, deal)
    st.badge(stage_name(reference, deal.stage_id), icon=f":material/{look.icon}:", color=look.tone)  # type: ignore[arg-type]


def shown_deal_value(reference: Reference, file: ClientFile, field: str, value: object) -> str:
    """`12 500 €`, `Devis envoyé`, `mardi 24 novembre 2026`; "—" when it is empty."""
    if isinstance(value, str):
        with contextlib.suppress(ValueError):  # a typed text, not a value of the journal
            value = json.loads(value)
    if value in (None, ""):
        return "—"
    if field == "amount_eur":
        with contextlib.suppress(InvalidOperation):
            return formats.euros(Decimal(str(value).replace(",", ".").replace(" ", "")))
    if field in ("expected_on", "closed_on"):
        with contextlib.suppress(ValueError):
            return formats.full(date.fromisoformat(str(value)))
    names: Mapping[str, Mapping[int, str]] = {
        "stage": {key: stage.label for key, stage in reference.deal_stages.items()},
        "owner": {key: person.name for key, person in reference.people.items()},
        "org_unit": {key: unit.name for key, unit in reference.units.items()},
        "contact": {contact.id: contact.name for contact in file.contacts},
    }
    if field in names:
        return names[field].get(value, str(value)) if isinstance(value, int) else str(value)
    return " ".join(str(value).split())[:300]


def owner_name(reference: Reference, deal: Deal) -> str:
    """Whose deal it is."""
    owner = reference.people.get(deal.owner_id or 0)
    return owner.name if owner else _("(nobody)")
