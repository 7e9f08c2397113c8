"""Clients, chains and sub-actions that nobody takes care of: the first rows of each, counted up to a limit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from datetime import date
from enum import Enum, auto
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Integer, Select, and_, bindparam, exists, func, literal_column, or_, select

from lib.db import tables as t
from lib.db.action_lists import named_by_date, row_of
from lib.domain.clients import Client
from lib.domain.lists import ActionRow, Visibility
from lib.domain.orphans import InCharge, StalledChain

_SUB, _ACTION, _CLIENT, _ABSENCE = t.sub_action.c, t.action.c, t.client.c, t.absence.c
_PEOPLE = bindparam("people", expanding=True, type_=Integer)
_MY_UNITS = bindparam("my_units", expanding=True, type_=Integer)
_ME = bindparam("me", type_=Integer)
_UNITS = bindparam("units", expanding=True, type_=Integer)
_ACTIVITIES = bindparam("activities", expanding=True, type_=Integer)
_IS_SEEN = or_(_SUB.assignee_id == _ME, _SUB.org_unit_id.in_(_MY_UNITS))


class Whose(Enum):
    """The shape of a statement: everybody's, some people's, or what some units answer for."""

    ALL = auto()
    PEOPLE = auto()
    UNITS = auto()


class SqlOrphans:
    """Fulfils `lib.domain.store.Orphans`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def clients_without_step(self, within: InCharge | None, *, limit: int, counted: int) -> tuple[int, list[Client]]:
        """Active clients without any open sub-action, by name; those of some account managers and units unless None."""
        whose, values = _whose(within)
        rows = self.connection.execute(_clients(whose, limit), values).all()
        total = len(rows)
        if total == limit:
            total = self.connection.scalar(_client_count(whose, counted), values) or 0
        return total, [Client(*row) for row in rows]

    def stalled(
        self, within: InCharge | None, *, seen: Visibility | None, limit: int, counted: int
    ) -> tuple[int, list[StalledChain]]:
        """Chains that announced a next step which never came, the oldest first; by responsible and unit unless None."""
        whose, values = _whose(within)
        values |= _bounds(seen)
        shape = (whose, seen is not None)
        rows = self.connection.execute(_stalled(*shape, limit), values).all()
        total = len(rows)
        if total == limit:
            total = self.connection.scalar(_stalled_count(*shape, counted), values) or 0
        return total, [StalledChain(*row) for row in rows]

    def holding_open(
        self, person_ids: Collection[int], *, unit_ids: Collection[int], seen: Visibility | None
    ) -> frozenset[int]:
        """Those of these people who have an open sub-action; of some units only, unless none is given."""
        values = {"people": list(person_ids), **_bounds(seen)}
        if unit_ids:
            values["units"] = sorted(unit_ids)
        return frozenset(self.connection.scalars(_holding_open(bool(unit_ids), seen is not None), values))

    def planned_in_absences(
        self, person_ids: Collection[int], *, first: date, last: date, seen: Visibility | None, limit: int
    ) -> tuple[ActionRow, ...]:
        """Planned sub-actions on days that an absence of their assignee touches, in order; hours aren't looked at."""
        if not person_ids:
            return ()
        values = {"people": list(person_ids), "first": first, "last": last, **_bounds(seen)}
        return tuple(row_of(row) for row in self.connection.execute(_in_absences(seen is not None, limit), values))


def _whose(within: InCharge | None) -> tuple[Whose, dict[str, Any]]:
    if within is None:
        return Whose.ALL, {}
    values = {"people": sorted(within.person_ids)}
    if not within.unit_ids:
        return Whose.PEOPLE, values
    return Whose.UNITS, values | {"units": sorted(within.unit_ids), "activities": sorted(within.activity_ids)}


def _bounds(seen: Visibility | None) -> dict[str, Any]:
    return {} if seen is None else {"me": seen.person_id, "my_units": sorted(seen.unit_ids)}


def _counted(query: Select[Any], counted: int) -> Select[Any]:
    return select(func.count()).select_from(query.limit(literal_column(str(counted + 1), Integer)).subquery())


# ---- statements, built once for each shape


def _clients_kept(whose: Whose, *columns: Any) -> Select[Any]:
    open_ones = exists().where(_SUB.client_id == _CLIENT.id, _SUB.is_open)
    kept = select(*columns).where(_CLIENT.is_active, ~open_ones)
    theirs, activity = _CLIENT.account_manager_id.in_(_PEOPLE), _CLIENT.business_activity_id
    match whose:
        case Whose.ALL:
            return kept
        case Whose.PEOPLE:
            return kept.where(theirs)
        case Whose.UNITS:
            is_near = or_(activity.is_(None), activity.in_(_ACTIVITIES))
            return kept.where(or_(theirs, and_(_CLIENT.account_manager_id.is_(None), is_near)))


@lru_cache(8)
def _clients(whose: Whose, limit: int) -> Select[Any]:
    columns = [_CLIENT[f.name] for f in fields(Client)]
    return _clients_kept(whose, *columns).order_by(_CLIENT.name, _CLIENT.id).limit(limit)


@lru_cache(8)
def _client_count(whose: Whose, counted: int) -> Select[Any]:
    return _counted(_clients_kept(whose, _CLIENT.id), counted)


def _stalled_kept(whose: Whose, is_bounded: bool) -> Select[Any]:
    kept = select(_ACTION.id).where(_ACTION.is_stalled)
    # No index of the responsible: SQLite would read all their actions, where few are stalled in the whole company.
    theirs = (_ACTION.responsible_id + literal_column("0")).in_(_PEOPLE)
    if whose == Whose.PEOPLE:
        kept = kept.where(theirs)
    elif whose == Whose.UNITS:
        kept = kept.where(or_(_ACTION.org_unit_id.in_(_UNITS), theirs))
    if is_bounded:  # some part of the chain is one that the lists show
        kept = kept.where(exists().where(_SUB.action_id == _ACTION.id, _IS_SEEN))
    return kept


@lru_cache(16)
def _stalled(whose: Whose, is_bounded: bool, limit: int) -> Select[Any]:
    # Written so that no index serves it: PostgreSQL would walk all actions by id for the few that are stalled.
    first = _ACTION.id + literal_column("0")
    page = _stalled_kept(whose, is_bounded).order_by(first).limit(limit).subquery()
    last = select(func.max(_SUB.id)).where(_SUB.action_id == _ACTION.id).scalar_subquery()
    return (
        select(_ACTION.id, last, _ACTION.number, _CLIENT.id, _CLIENT.name, _ACTION.responsible_id)
        .select_from(page)
        .join(t.action, _ACTION.id == page.c.id)
        .join(t.client, _CLIENT.id == _ACTION.client_id)
        .order_by(_ACTION.id)
    )


@lru_cache(16)
def _stalled_count(whose: Whose, is_bounded: bool, counted: int) -> Select[Any]:
    return _counted(_stalled_kept(whose, is_bounded), counted)


@lru_cache(8)
def _holding_open(is_of_units: bool, is_bounded: bool) -> Select[Any]:
    kept = select(_SUB.assignee_id).distinct().where(_SUB.assignee_id.in_(_PEOPLE), _SUB.is_open)
    if is_of_units:
        kept = kept.where(_SUB.org_unit_id.in_(_UNITS))
    return kept.where(_IS_SEEN) if is_bounded else kept


@lru_cache(8)
def _in_absences(is_bounded: bool, limit: int) -> Select[Any]:
    """The ids, one each however many absences touch its day.

    An outer join, so that SQLite too begins with the absences, which are few, instead of all that is planned; the empty
    row of an absence that touches nothing gets no name, and so is dropped.
    """
    first, last = bindparam("first", type_=_ABSENCE.ends_on.type), bindparam("last", type_=_ABSENCE.ends_on.type)
    hit = and_(
        _SUB.assignee_id == _ABSENCE.person_id, t.IS_PLANNED,
        _SUB.planned_date >= _ABSENCE.starts_on, _SUB.planned_date <= _ABSENCE.ends_on,
        _SUB.planned_date >= first, _SUB.planned_date <= last,
    )  # fmt: skip
    if is_bounded:
        hit = and_(hit, _IS_SEEN)
    kept = (
        select(_SUB.id.label("id"), _SUB.listed_at)
        .select_from(t.absence.outerjoin(t.sub_action, hit))
        .where(_ABSENCE.person_id.in_(_PEOPLE), _ABSENCE.ends_on >= first, _ABSENCE.starts_on <= last)
    )
    return named_by_date(kept.distinct().order_by(_SUB.listed_at, _SUB.id).limit(limit))
