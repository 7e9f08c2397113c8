"""Deals that no report led to: the beginnings, which chains alone would leave empty."""

from __future__ import annotations

from datetime import time, timedelta
from random import Random

from lib.demo.agenda import before_working_days
from lib.demo.chains import Author
from lib.demo.desk import Desk
from lib.demo.organisation import CAMILLE, INES, MARC, NADIA, THOMAS
from lib.domain.deals import create_deal

OWNERS = (CAMILLE, THOMAS, MARC, CAMILLE, INES, NADIA, CAMILLE, MARC, THOMAS)
TITLES = (
    "Rénovation de la chaufferie", "Contrat multisite", "Vitrerie des façades", "Climatisation du dernier étage",
    "Appel d'offres propreté", "Offre multiservice", "Télégestion des sous-stations", "Désinfection trimestrielle",
    "Reprise d'un contrat concurrent",
)  # fmt: skip


def add_deals(desk: Desk, author: Author) -> None:
    """A few in each of the first two stages, created in the last weeks by those who own them."""
    rng = Random(f"deals {author.today}")  # noqa: S311 - believable, not secret
    first, second = list(desk.reference.deal_stages)[:2]
    clients = [file for file in author.files.values() if file.client.is_active]
    for number, (owner, title) in enumerate(zip(OWNERS, TITLES, strict=True)):
        file, day = rng.choice(clients), before_working_days(author.today, 1 + 2 * number)
        raw = {
            "client": file.client.id, "title": f"{title}, {file.client.town}", "stage": (first, second)[number % 2],
            "amount_eur": str(rng.randint(30, 400) * 100), "owner": owner, "contact": rng.choice(file.contacts).id,
            "expected_on": author.today + timedelta(days=rng.randint(60, 150)),
        }  # fmt: skip
        ctx = desk.at(owner, author.agenda.instant(day, time(10, 5), after_min=7 * number))
        create_deal(ctx, raw=raw, request_key="")
