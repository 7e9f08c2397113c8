"""What a field's value is called where two people changed it."""

from __future__ import annotations

import pytest

from lib.domain.clients import Client, ClientFile, Site
from lib.domain.reference import Reference
from lib.ui.shown_values import shown_value

REFERENCE = Reference(1, {}, {}, {}, (), {}, {}, {}, {}, {}, {}, {}, {}, {}, {})
FILE = ClientFile(Client(id=1, code="C1", name="Dupont"), (Site(7, 1, "Siège", "", "", "", ""),), ())


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("duration", "20", "0:20"),
        ("duration", "1:30", "1:30"),
        ("planned_date", '"2026-11-24"', "Tuesday 24 November 2026"),
        ("planned_time", '"14:30:00"', "14:30"),
        ("status", '"to_plan"', "To plan"),
        ("site", "7", "Siège"),
        ("site", None, "—"),
        ("detail", "<p>Bonjour <b>vous</b></p>", "Bonjour vous"),
    ],
)
def test_the_journals_values_are_said_as_one_reads_them(field, value, words):
    assert shown_value(REFERENCE, FILE, field, value) == words
