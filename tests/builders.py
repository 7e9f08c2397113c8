"""Builders for tests: valid by default, so that a test says only what matters to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from lib.db import tables as t
from lib.db.engine import Database
from lib.db.reference import reference_changed
from lib.db.store import SqlStore
from lib.domain.actions import create_action
from lib.domain.chain import Chain, SubAction
from lib.domain.context import Context, context_for, query
from lib.domain.deals import create_deal
from lib.domain.parameters import PARAMETERS, change_parameter
from lib.domain.people import Person
from lib.domain.reports import enter_report
from lib.domain.rights import STANDARD_PROFILES, Operation, Profile, Scope
from lib.domain.service_reports import write_service_report

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
"""A Wednesday, half past ten in Paris."""
TODAY = date(2026, 3, 4)


@dataclass(frozen=True)
class World:
    """Ids of the reference data of `a_world`, by the name that says what each is for."""

    db: Database
    ids: Mapping[str, int]

    def __getattr__(self, name: str) -> int:
        try:
            return self.ids[name]
        except KeyError:
            raise AttributeError(name) from None


class _Seed:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.ids: dict[str, int] = {}

    def add(self, name: str, table: Table, /, **values: Any) -> int:
        returned = self.connection.execute(insert(table).values(**values).returning(table.c.id))
        self.ids[name] = int(returned.scalar_one())
        return self.ids[name]

    def person(self, name: str, profile: str, *units: str, preferred: str = "", is_active: bool = True) -> None:
        self.add(
            name, t.person, name=name.replace("_", " ").title(), email=f"{name}@example.org",
            profile_id=self.ids[f"profile_{profile}"], is_active=is_active,
        )  # fmt: skip
        for unit in units:
            self.connection.execute(insert(t.membership).values(
                person_id=self.ids[name], org_unit_id=self.ids[unit], is_preferred=unit == preferred))  # fmt: skip


def a_world(db: Database) -> World:
    """A small organisation in an empty database: people of each kind, label tables with disabled values, clients."""

    def seed(store: SqlStore) -> dict[str, int]:
        found = _Seed(store.connection)
        _add_people(found)
        _add_labels(found)
        _add_clients(found, store)
        reference_changed(store.connection)
        return found.ids

    return World(db, db.write(seed))  # type: ignore[arg-type]


def _add_people(seed: _Seed) -> None:
    for code, (label, rights) in STANDARD_PROFILES.items():
        profile = seed.add(f"profile_{code}", t.profile, code=code, name=label)
        for operation, scope in rights.items():
            seed.connection.execute(
                insert(t.profile_right).values(profile_id=profile, operation=operation, scope=int(scope))
            )
    energy = seed.add("energy", t.business_activity, label="Énergie")
    water = seed.add("water", t.business_activity, label="Eau")
    seed.add("field", t.org_unit, name="Terrain", kind="sales", business_activity_id=energy, position=1)
    seed.add("tele", t.org_unit, name="Téléventes", kind="sales", business_activity_id=energy, position=2)
    seed.add("south", t.org_unit, name="Sud", kind="sales", business_activity_id=water, position=3)
    seed.add("closed", t.org_unit, name="Ouest", kind="sales", business_activity_id=water, is_active=False)
    seed.add("workshop", t.org_unit, name="Atelier", kind="service", business_activity_id=energy)
    seed.person("sales", "sales", "field")
    seed.person("colleague", "sales", "field")
    seed.person("tele_sales", "sales", "tele")
    seed.person("far", "sales", "south")
    seed.person("two_units", "sales", "tele", "south")
    seed.person("two_preferring", "sales", "field", "south", preferred="south")
    seed.person("nowhere", "sales")
    seed.person("technician", "sales", "workshop")
    seed.person("gone", "sales", "field", is_active=False)
    seed.person("manager", "manager", "field", "tele")
    seed.person("admin", "admin")
    seed.person("reader", "reader")


def _add_labels(seed: _Seed) -> None:
    seed.add("gas", t.action_domain, business_activity_id=seed.ids["energy"], label="Gaz")
    seed.add("coal", t.action_domain, business_activity_id=seed.ids["energy"], label="Charbon", is_active=False)
    seed.add("pipes", t.action_domain, business_activity_id=seed.ids["water"], label="Réseaux")
    seed.add("meeting", t.action_nature, label="Rendez-vous", duration_min=60, asks_participants=True, is_meeting=True)
    brochure = seed.add("brochure", t.action_nature, label="Plaquette", duration_min=10)
    call = seed.add("call", t.action_nature, label="Appel", duration_min=15, next_nature_id=brochure, next_delay_days=3)
    seed.add("fax", t.action_nature, label="Fax", duration_min=5, is_active=False)
    seed.add("dead_end", t.action_nature, label="Relance", duration_min=5, next_nature_id=seed.ids["fax"])
    seed.add("quote", t.action_reason, nature_id=call, label="Devis")
    seed.add("survey", t.action_reason, nature_id=call, label="Enquête", is_active=False)
    seed.add("of_brochure", t.action_reason, nature_id=brochure, label="Salon")
    seed.add("reached", t.action_result, nature_id=call, label="Joint")
    seed.add("busy", t.action_result, nature_id=call, label="Occupé", is_active=False)
    seed.add("sent", t.action_result, nature_id=brochure, label="Envoyée")
    _add_deal_stages(seed)
    seed.add("campaign", t.origin, label="Campagne")
    seed.add("old_campaign", t.origin, label="Campagne 2019", is_active=False)
    seed.add("message", t.exchange_kind, label="Message")
    seed.add("reminder", t.exchange_kind, label="Relance", is_reminder=True)
    seed.add("telegram", t.exchange_kind, label="Télégramme", is_active=False)


def _add_deal_stages(seed: _Seed) -> None:
    seed.connection.execute(delete(t.deal_stage))  # those that a new database has
    seed.add("first_stage", t.deal_stage, label="À qualifier", position=1, probability_pct=10)
    seed.add("offer_stage", t.deal_stage, label="Devis envoyé", position=2, probability_pct=50)
    seed.add("old_stage", t.deal_stage, label="Ancienne étape", position=3, probability_pct=60, is_active=False)
    seed.add("won_stage", t.deal_stage, label="Gagnée", position=4, outcome="won", probability_pct=100)
    seed.add("lost_stage", t.deal_stage, label="Perdue", position=5, outcome="lost")


def _add_clients(seed: _Seed, store: SqlStore) -> None:
    dupont = seed.add(
        "dupont", t.client, code="DUP69", name="SARL Dupont & Fils", folded_name="sarl dupont fils", town="Lyon",
        phone="+33 4 78 12 34 56",
    )  # fmt: skip
    seed.add("plant", t.site, client_id=dupont, name="Usine", town="Vénissieux", postcode="69200")
    seed.add("office", t.site, client_id=dupont, name="Siège", town="Lyon", phone="04.72.00.11.22")
    seed.add(
        "anne", t.contact, client_id=dupont, site_id=seed.ids["plant"], name="Anne Lefèvre", phone="06 11 22 33 44"
    )
    seed.add("paul", t.contact, client_id=dupont, name="Paul Œuvrard")
    leroy = seed.add(
        "leroy", t.client, code="LER01", name="Leroy", folded_name="leroy", town="Nîmes", phone="0033 4 66 00 00 00"
    )
    seed.add("shop", t.site, client_id=leroy, name="Boutique", town="Nîmes")
    seed.add("zoe", t.contact, client_id=leroy, name="Zoé Martin")
    seed.add("asleep", t.client, code="OLD99", name="Dupont Ancien", folded_name="dupont ancien", is_active=False)
    for name in ("dupont", "leroy", "asleep"):
        store.clients.index(seed.ids[name])


# ---- people and contexts


def a_person(**values: Any) -> Person:
    """A person of the domain, in no database."""
    return Person(**{"id": 1, "name": "Camille", "email": "camille@example.org", "profile_id": 1, **values})


def a_context(world: World, who: str, *, now: datetime = NOW) -> Context:
    """The context of the world's person `who`."""
    reference = world.db.read(lambda store: store.reference())
    return context_for(world.ids[who], now=now, zone=PARIS, db=world.db, reference=reference)


def an_open_context(world: World, who: str, *, now: datetime = NOW) -> Context:
    """A context that carries the reference data, for rules that read it outside of any transaction."""
    return replace(a_context(world, who, now=now), open_reference=world.db.read(lambda store: store.reference()))


def a_profile(rights: Mapping[Operation, Scope]) -> Profile:
    """A profile of the domain with just these rights."""
    return Profile(1, "test", "Test", rights)


# ---- records


def a_sub_action(**values: Any) -> SubAction:
    """A sub-action of the domain, in no database."""
    return SubAction(**{"id": 1, "action_id": 1, "nature_id": 1, "created_by": 99, **values})


def a_key() -> str:
    """A request key, as a form draws it when it opens."""
    return uuid4().hex


def an_action_raw(world: World, **values: Any) -> dict[str, object]:
    """What the form of a new action sends: a call at Dupont's, to plan, waiting in the field unit."""
    return {
        "client": world.dupont, "nature": world.call, "org_unit": world.field,
        "detail": "<p>Proposer le contrat</p>", **values,
    }  # fmt: skip


def an_action(world: World, who: str = "sales", **values: Any) -> int:
    """A new action of `who`, assigned to himself unless told otherwise; the id of its sub-action 01."""
    ctx = a_context(world, who)
    if "assignee" not in values and "org_unit" not in values:
        values |= {"assignee": ctx.person.id}
    values.setdefault("org_unit", None if values.get("assignee") else world.field)  # by default, the one deduced
    return create_action(ctx, raw=an_action_raw(world, **values), request_key=a_key())


def a_report_raw(**values: Any) -> dict[str, object]:
    """What the form of a report sends: done today, a line of text, nothing to follow."""
    return {"done_on": TODAY, "report": "<p>Intéressé</p>", "follow_up": "none", **values}


def a_report(world: World, sub_action_id: int, who: str = "sales", **values: Any) -> int:
    """`who` reports on a sub-action; the id that the use case returns."""
    version = the_sub(world, sub_action_id).version
    ctx = a_context(world, who)
    raw = a_report_raw(**values)
    return enter_report(ctx, sub_action_id=sub_action_id, version=version, raw=raw, request_key=a_key())


def a_next(world: World, who: str = "sales", **values: Any) -> dict[str, object]:
    """The part of a report that describes the next sub-action."""
    return {"nature": world.brochure, "assignee": world.ids[who], "detail": "<p>Envoyer la plaquette</p>", **values}


def a_service_report_raw(world: World, **values: Any) -> dict[str, object]:
    """What the form of a service report sends: two hours at Dupont's, this morning's."""
    return {
        "client": world.dupont, "technician": world.technician, "done_on": TODAY, "duration": "2:00",
        "body": "<p>Filtre remplacé</p>", **values,
    }  # fmt: skip


def a_service_report(world: World, who: str = "technician", **values: Any) -> int:
    """A new service report written by `who`; its id."""
    raw = a_service_report_raw(world, **values)
    return write_service_report(a_context(world, who), raw=raw, request_key=a_key())


def a_deal(world: World, who: str = "sales", **values: Any) -> int:
    """A new deal of `who` at Dupont's, born from no action."""
    raw = {"client": world.dupont, "title": "Contrat gaz", **values}
    return create_deal(a_context(world, who), raw=raw, request_key=a_key())


def set_parameter(world: World, key: str, value: object) -> None:
    """The administrator changes a parameter."""
    ctx = a_context(world, "admin")
    stored = world.db.read(lambda store: store.parameters.states())
    assert key in PARAMETERS
    change_parameter(ctx, key=key, value=value, version=stored[key].version if key in stored else 0)


def put(world: World, table: Table, record_id: int, **values: Any) -> None:
    """Change a row behind the use cases' back, as an administrator's screen or an import would."""

    def write(store: SqlStore) -> None:
        store.connection.execute(update(table).where(table.c.id == record_id).values(**values))
        reference_changed(store.connection)

    world.db.write(write)  # type: ignore[arg-type]


def remove_right(world: World, profile: str, operation: Operation) -> None:
    """The profile no longer gives this right to anybody."""
    given = t.profile_right.c

    def write(store: SqlStore) -> None:
        mine = (given.profile_id == world.ids[f"profile_{profile}"]) & (given.operation == operation)
        store.connection.execute(delete(t.profile_right).where(mine))
        reference_changed(store.connection)

    world.db.write(write)  # type: ignore[arg-type]


# ---- looking


@query
def _chain_of(ctx: Context, *, sub_action_id: int) -> Chain:
    action_id = ctx.store.actions.action_id_of(sub_action_id)
    chain = ctx.store.actions.chain(action_id) if action_id else None
    assert chain is not None
    return chain


def the_chain(world: World, sub_action_id: int) -> Chain:
    """The chain of a sub-action as stored, whoever may see it."""
    return _chain_of(a_context(world, "admin"), sub_action_id=sub_action_id)


def the_sub(world: World, sub_action_id: int) -> SubAction:
    """A sub-action as stored."""
    return the_chain(world, sub_action_id).get(sub_action_id)


def rows_of(db: Database, *tables: Table) -> dict[str, int]:
    """How many rows each table holds: all of those that a use case writes, unless told which."""
    watched = tables or (t.action, t.sub_action, t.sub_action_participant, t.change, t.deal, t.request, t.parameter)
    return db.read(
        lambda store: {
            each.name: store.connection.scalar(select(func.count()).select_from(each))  # type: ignore[attr-defined]
            for each in watched
        }
    )


def stored_state(db: Database) -> list[tuple[Any, ...]]:
    """Everything that a use case may write, to prove that a refusal left it alone."""
    counters = t.counter.c.name.in_(["action", "client", "deal", "service_report"])
    reads = [
        select(t.counter).where(counters).order_by(t.counter.c.name),
        *(select(each).order_by(each.c.id) for each in (t.action, t.sub_action, t.change, t.deal, t.service_report)),
        *(select(each).order_by(each.c.id) for each in (t.client, t.site, t.contact)),
        select(t.client_word).order_by(*t.client_word.c),
        *(select(each).order_by(each.c.id) for each in (t.exchange, t.document, t.message_template)),
        *(select(each).order_by(*each.primary_key.columns) for each in (t.outbox, t.document_link)),
        select(t.sub_action_participant).order_by(*t.sub_action_participant.c),
        select(t.request).order_by(t.request.c.key),
        select(t.parameter).order_by(t.parameter.c.key),
    ]
    return db.read(lambda store: [tuple(row) for read in reads for row in store.connection.execute(read)])  # type: ignore[attr-defined]
