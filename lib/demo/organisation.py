"""The demo's company: its units, people, rights and label tables, as rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Table

from lib.db import tables as t
from lib.domain.rights import STANDARD_PROFILES

Rows = dict[Table, list[dict[str, Any]]]

CVC, CLEANING, TELESALES, OFFICE, TECHNICAL = 1, 2, 3, 4, 5
"""Ids of the units, and of their business activities."""
UNITS = {  # id: name, kind, business activity, its domains (the last one is disabled)
    CVC: ("Commerce Maintenance CVC", "sales", "Maintenance CVC",
          ("Contrat d'entretien", "Dépannage", "Climatisation", "Chauffage collectif", "Traitement d'eau",
           "Fioul domestique")),
    CLEANING: ("Commerce Nettoyage & propreté", "sales", "Nettoyage et propreté",
               ("Nettoyage régulier", "Vitrerie", "Remise en état", "Désinfection", "Dératisation")),
    TELESALES: ("Télévente", "sales", "Prospection multiservice",
                ("Offre multiservice", "Maintenance", "Propreté", "Clients inactifs", "Annuaire papier")),
    OFFICE: ("Administration des ventes", "service", "Services internes",
             ("Facturation", "Qualité", "Litiges", "Archives papier")),
    TECHNICAL: ("Service technique", "service", "Interventions",
                ("Entretien courant", "Mise en service", "Garantie", "Brûleur fioul")),
}  # fmt: skip

CAMILLE, NADIA, PHILIPPE, HELENE, SOPHIE, THOMAS, INES, MARC, JULIEN, BERNARD, LUCIE, KARIM = range(1, 13)
PEOPLE = {  # id: name, name of the account, profile, units, preferred unit
    CAMILLE: ("Camille Roussel", "commercial", "sales", (CVC,), None),
    NADIA: ("Nadia Benali", "televente", "sales", (TELESALES,), None),
    PHILIPPE: ("Philippe Garnier", "manager", "manager", (CVC, TELESALES), CVC),
    HELENE: ("Hélène Marchand", "admin", "admin", (OFFICE,), None),
    SOPHIE: ("Sophie Lemaire", "lecture", "reader", (OFFICE,), None),
    THOMAS: ("Thomas Vidal", "thomas.vidal", "sales", (CVC, CLEANING), CLEANING),
    INES: ("Inès Carpentier", "ines.carpentier", "sales", (CLEANING, TELESALES), None),
    MARC: ("Marc Delorme", "marc.delorme", "sales", (CLEANING,), None),
    JULIEN: ("Julien Faure", "julien.faure", "sales", (), None),
    BERNARD: ("Bernard Petit", "bernard.petit", "sales", (CVC,), None),
    LUCIE: ("Lucie Ferrand", "lucie.ferrand", "sales", (TECHNICAL,), None),
    KARIM: ("Karim Haddad", "karim.haddad", "sales", (TECHNICAL,), None),
}
KNOWN_ACCOUNTS = (NADIA, CAMILLE, PHILIPPE, HELENE, SOPHIE)
LEFT_DAYS, ARRIVED_DAYS = 150, 45
"""How long ago Bernard left, and Julien, who is in no unit yet, arrived."""

MEETING, DOCUMENT, CALL, QUOTE, VISIT, FAIR, REVIEW, FAX = range(1, 9)
"""Ids of the natures: the next one of each stands before it, as its foreign key asks."""
NATURES = {  # id: label, position, minutes, icon, next nature, its delay in working days, results
    MEETING: ("Rendez-vous", 3, 60, "handshake", None, 1,
              ("Intéressé", "Devis demandé", "À revoir", "Absent", "Refus", "Accord")),
    DOCUMENT: ("Envoi de document", 2, 15, "send", MEETING, 3, ("Envoyé", "Bien reçu", "Adresse erronée")),
    CALL: ("Appel", 1, 15, "call", DOCUMENT, 1, ("Joint", "Intéressé", "À rappeler", "Absent", "Refus")),
    QUOTE: ("Relance devis", 5, 20, "request_quote", MEETING, 5, ("En réflexion", "À rappeler", "Accord", "Perdu")),
    VISIT: ("Visite de site", 4, 90, "location_city", QUOTE, 5,
            ("Relevé fait", "À compléter", "Accès impossible", "Sans suite")),
    FAIR: ("Salon", 7, 240, "storefront", CALL, 2, ("Contact pris", "Sans intérêt")),
    REVIEW: ("Point annuel", 6, 45, "event_repeat", DOCUMENT, 2,
             ("Satisfait", "Renégociation demandée", "Réclamation", "Départ annoncé")),
    FAX: ("Télécopie", 8, 10, "fax", CALL, 2, ("Envoyé",)),
}  # fmt: skip
DISABLED_NATURE = FAX
REASONS = ("Prospection", "Prise de rendez-vous", "Suivi de satisfaction", "Client inactif", "Enquête papier")
"""Of a call; the last one is disabled."""
ORIGINS = (
    "Campagne de prospection", "Renégociation", "Information client", "Site web", "Parrainage", "Annuaire professionnel"
)  # fmt: skip
"""The last one is disabled."""


def email_of(person_id: int) -> str:
    """The name to sign in with."""
    return f"{PEOPLE[person_id][1]}@relais.example"


def organisation_rows(today: date, *, password_hash: str, profile_ids: dict[str, int]) -> Rows:
    """Units, people and label tables; everybody active has the same password."""
    units = [
        {"id": key, "name": name, "kind": kind, "business_activity_id": key, "position": key, "is_active": True}
        for key, (name, kind, _activity, _domains) in UNITS.items()
    ]
    set_at = datetime.combine(today - timedelta(days=430), time(8), UTC)
    active = [key for key in PEOPLE if key != BERNARD]
    return {
        t.business_activity: [{"id": key, "label": unit[2]} for key, unit in UNITS.items()],
        t.org_unit: units,
        t.person: [
            {"id": key, "name": name, "email": email_of(key), "profile_id": profile_ids[profile],
             "is_active": key != BERNARD, "language": "fr", "version": 1}
            for key, (name, _account, profile, _units, _preferred) in PEOPLE.items()
        ],
        t.membership: [
            {"person_id": key, "org_unit_id": unit, "is_preferred": unit == preferred}
            for key, (_name, _account, _profile, mine, preferred) in PEOPLE.items() for unit in mine
        ],
        t.credential: [
            {"person_id": key, "password_hash": password_hash, "must_change": False, "changed_at": set_at}
            for key in active
        ],
        **_label_rows(),
    }  # fmt: skip


def profile_rows(existing: dict[str, int]) -> tuple[Rows, dict[str, int]]:
    """The standard profiles that aren't there yet, and the ids of all by code."""
    first = max(existing.values(), default=0) + 1
    missing = [code for code in STANDARD_PROFILES if code not in existing]
    new = {code: first + index for index, code in enumerate(missing)}
    rows: Rows = {
        t.profile: [{"id": key, "code": code, "name": STANDARD_PROFILES[code][0]} for code, key in new.items()],
        t.profile_right: [
            {"profile_id": key, "operation": operation.value, "scope": int(scope)}
            for code, key in new.items()
            for operation, scope in STANDARD_PROFILES[code][1].items()
        ],
    }
    return rows, existing | new


def _label_rows() -> Rows:
    domains = [
        _label(label, position, is_active=position < len(unit[3])) | {"business_activity_id": key}
        for key, unit in UNITS.items()
        for position, label in enumerate(unit[3], 1)
    ]
    natures = [
        {"id": key, "label": label, "position": position, "is_active": key != DISABLED_NATURE, "icon": icon,
         "duration_min": minutes, "asks_participants": key == VISIT, "next_nature_id": following,
         "next_delay_days": days, "is_meeting": key == MEETING}
        for key, (label, position, minutes, icon, following, days, _results) in NATURES.items()
    ]  # fmt: skip
    reasons = [
        _label(label, place, is_active=place < len(REASONS)) | {"nature_id": CALL}
        for place, label in enumerate(REASONS, 1)
    ]
    results = [
        _label(label, place) | {"nature_id": key}
        for key, nature in NATURES.items()
        for place, label in enumerate(nature[6], 1)
    ]
    origins = [_label(label, place, is_active=place < len(ORIGINS)) for place, label in enumerate(ORIGINS, 1)]
    return {
        t.action_domain: _numbered(domains),
        t.action_nature: natures,
        t.action_reason: _numbered(reasons),
        t.action_result: _numbered(results),
        t.origin: _numbered(origins),
    }


def _label(label: str, position: int, *, is_active: bool = True) -> dict[str, Any]:
    return {"label": label, "position": position, "is_active": is_active}


def _numbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": key, **row} for key, row in enumerate(rows, 1)]
