"""A list's filter as index ranges: disjoint, each read in the order of the list, so that a page costs its own rows.

`assignee = me OR unit IN (mine)` can't be read in order from any index; one range for each unit and one for what is
assigned to the person outside of them can. The statements are built once for each shape of filter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, func, or_, true

from lib.db import tables as t
from lib.domain.chain import Status
from lib.domain.lists import ActionFilter, Tab, Visibility

_SUB = t.sub_action.c
MAX_RANGES = 6
"""Units or people read apart; more than that are read together, then sorted."""
OF_ACTION = ("deal_id", "service_report_id")
"""The criteria that are asked of the action."""

Condition = tuple[str, str, str]
"""A column, a comparison, and the name of its bound value: hashable, unlike SQLAlchemy's own."""
Range = tuple[Condition, ...]


@dataclass
class Ranges:
    """The ranges that a filter keeps and the values bound in them; no range keeps nothing."""

    ranges: tuple[Range, ...]
    values: dict[str, Any] = field(default_factory=dict)


def start_of(day: date) -> datetime:
    """Midnight."""
    return datetime.combine(day, time.min)


def ranges_of(chosen: ActionFilter) -> Ranges:
    """The ranges of a filter, its text left out."""
    found = Ranges(())
    tab = _tab_conditions(chosen)
    if tab is None:
        return found
    kept = [*tab, *_criteria(chosen, found.values)]
    if chosen.visible_to is None or _is_within(chosen, chosen.visible_to):
        found.ranges = _one_for_each(tuple(kept), found.values) if not chosen.text else (tuple(kept),)
    elif chosen.assignee_ids or chosen.org_unit_ids or chosen.client_id or _of_action(chosen) or chosen.text:
        found.values |= {"me": chosen.visible_to.person_id, "my_units": sorted(chosen.visible_to.unit_ids)}
        found.ranges = ((*kept, ("", "seen", "")),)  # a narrow range, of which each row is looked at
    else:
        found.ranges = tuple((*apart, *kept) for apart in _seen_apart(chosen.visible_to, found.values))
    return found


def _tab_conditions(chosen: ActionFilter) -> list[Condition] | None:
    """The tab's conditions; None when no row can fulfil them."""
    match chosen.tab:
        case Tab.TODO:
            return [("is_open", "yes", "")]
        case Tab.DONE if chosen.late_at or chosen.is_waiting:
            return None
        case Tab.DONE if chosen.is_by_colleague:
            return [("status", "looked_done", "")]  # the few of these have an index of their own
        case Tab.DONE:
            return [("is_open", "no", ""), ("status", "done", "")]
    return [("is_open", "yes", "")] if chosen.late_at or chosen.is_waiting else []


def _criteria(chosen: ActionFilter, values: dict[str, Any]) -> Iterable[Condition]:
    for name, ids in (
        ("assignee_id", chosen.assignee_ids),
        ("org_unit_id", chosen.org_unit_ids),
        ("domain_id", chosen.domain_ids),
        ("nature_id", chosen.nature_ids),
        ("reason_id", chosen.reason_ids),
        ("status", chosen.statuses),
    ):
        if ids:
            values[name] = next(iter(ids)) if len(ids) == 1 else sorted(ids)
            yield (name, "is" if len(ids) == 1 else "in", name)
    for name, comparison, bound, value in (
        ("client_id", "is", "client_id", chosen.client_id),
        *((name, "is", name, getattr(chosen, name)) for name in OF_ACTION),
        ("listed_at", "from", "first", chosen.from_date and start_of(chosen.from_date)),
        ("listed_at", "before", "last", chosen.to_date and start_of(chosen.to_date + timedelta(days=1))),
        ("listed_at", "before", "late_at", chosen.late_at),
    ):
        if value is not None:
            values[bound] = value
            yield (name, comparison, bound)
    if chosen.is_waiting:
        yield ("assignee_id", "none", "")
    if chosen.is_by_colleague:
        yield ("reported_by", "colleague", "")


def _of_action(chosen: ActionFilter) -> bool:
    return any(getattr(chosen, name) for name in OF_ACTION)


def _is_within(chosen: ActionFilter, seen: Visibility) -> bool:
    """Whether the criteria already keep to what the person sees."""
    if chosen.assignee_ids == {seen.person_id}:
        return True
    return bool(chosen.org_unit_ids) and chosen.org_unit_ids <= seen.unit_ids


def _one_for_each(kept: Range, values: dict[str, Any]) -> tuple[Range, ...]:
    """A range for each assignee, or each unit, when several but few are chosen: together they are in no order."""
    for name in ("assignee_id", "org_unit_id"):
        several = (name, "in", name)
        if several in kept and len(values[name]) <= MAX_RANGES:
            for number, each in enumerate(values[name]):
                values[f"{name}_{number}"] = each
            apart = [(name, "is", f"{name}_{number}") for number in range(len(values[name]))]
            return tuple(tuple(one if each == several else each for each in kept) for one in apart)
    return (kept,)


def is_whole(kept: Range) -> bool:
    """Whether a range is all that is done, or all there is: most of the table."""
    return all(each in {("is_open", "no", ""), ("status", "done", "")} for each in kept)


def _seen_apart(seen: Visibility, values: dict[str, Any]) -> Iterable[Range]:
    values |= {"me": seen.person_id, "my_units": sorted(seen.unit_ids)}
    if not seen.unit_ids:
        yield (("assignee_id", "is", "me"),)
        return
    yield ("assignee_id", "is", "me"), ("org_unit_id", "outside", "my_units")
    if len(seen.unit_ids) > MAX_RANGES:
        yield (("org_unit_id", "in", "my_units"),)
        return
    for number, unit_id in enumerate(sorted(seen.unit_ids)):
        values[f"unit_{number}"] = unit_id
        yield (("org_unit_id", "is", f"unit_{number}"),)


def condition(each: Condition) -> ColumnElement[bool]:
    """A condition in SQLAlchemy's terms."""
    name, comparison, bound = each
    if comparison == "seen":
        return or_(_SUB.assignee_id == bindparam("me"), _SUB.org_unit_id.in_(bindparam("my_units", expanding=True)))
    column: ColumnElement[Any] = t.action.c[name] if name in OF_ACTION else _SUB[name]
    match comparison:
        case "is":
            return column == bindparam(bound, type_=column.type)
        case "in":
            return column.in_(bindparam(bound, expanding=True, type_=column.type))
        case "outside":
            return or_(column.is_(None), column.not_in(bindparam(bound, expanding=True)))
        case "from":
            return column >= bindparam(bound, type_=column.type)
        case "before":
            return column < bindparam(bound, type_=column.type)
        case "none":
            return column.is_(None)
        case "yes":
            return column
        case "no":
            return ~column
        case "done":
            return column == Status.DONE
        case "looked_done":
            return func.coalesce(_SUB.status, "") == Status.DONE
        case "colleague":
            return t.REPORTED_BY_COLLEAGUE
    return false()


def conditions(kept: Range) -> ColumnElement[bool]:
    """All conditions of a range."""
    return and_(true(), *map(condition, kept))


def looked_at(kept: Range) -> ColumnElement[bool]:
    """The conditions of a range, in words that no index answers: each row on the way is looked at."""
    return and_(true(), *(condition(("status", "looked_done", "")) for name, _, _ in kept if name == "status"))
