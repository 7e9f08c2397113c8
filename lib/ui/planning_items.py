"""A board of the domain as the calendar draws it: items with their hover cards, lanes with their hours, bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import streamlit as st

from lib.domain.absences import shown_kind
from lib.domain.agenda import Agenda, closed_spans
from lib.domain.boards import Board
from lib.domain.chain import Status, SubAction, shown_number
from lib.domain.clashes import span_planned
from lib.domain.context import Context
from lib.domain.gestures import Gesture, row_menu
from lib.domain.lists import ActionRow
from lib.domain.moves import minutes_of
from lib.domain.reference import Reference
from lib.domain.spans import days_between, whole_day
from lib.ui.planning import Band, Item, Lane
from lib.ui.planning_moves import Question
from lib.ui.statuses import STATUSES, looks_of, person_name
from lib.ui.words import _, translate

OPENS, CLOSES = time(7), time(20)
"""The hours that a day shows, unless something is planned outside of them."""
_CARD_CHARS = 140
_NATURE_TONES = ("blue", "violet", "green", "orange", "yellow")


def items_of(ctx: Context, reference: Reference, board: Board, *, colour: str) -> list[Item]:
    """What is planned and done, and the hours that are taken out of sight."""
    tones = _tones(reference) if colour == "nature" else None
    shown = [_item(ctx, reference, row, tones) for row in board.rows]
    hidden = [
        Item(f"taken-{number}", _("Busy (another unit)"), span.start, span.minutes, lane=str(person_id), tone="gray",
             icon=":material/lock:", is_movable=False)
        for number, (person_id, span) in enumerate(board.taken)
    ]  # fmt: skip
    return shown + hidden


def tray_of(ctx: Context, reference: Reference, board: Board, *, colour: str, with_owners: bool = False) -> list[Item]:
    """What is to plan, the wished dates first; `with_owners` says whose each is, or in which unit it waits."""
    tones, found = _tones(reference) if colour == "nature" else None, []
    for row in board.tray:
        item = _item(ctx, reference, row, tones)
        title = f"{item.title} ({_owner(reference, row.sub)})" if with_owners else item.title
        found.append(replace(item, title=title, start=None, wished=row.sub.planned_date))
    return found


def _owner(reference: Reference, sub: SubAction) -> str:
    unit = reference.units.get(sub.org_unit_id or 0)
    return unit.name if unit and sub.assignee_id is None else person_name(reference, sub.assignee_id)


def with_question(items: list[Item], tray: list[Item], question: Question | None) -> tuple[list[Item], list[Item]]:
    """While a question is open, its item stands where it was dropped, marked as not saved."""
    if question is None or question.move.start is None:
        return items, tray
    move = question.move
    known = next((item for item in (*items, *tray) if item.id == move.id), None)
    if known is None:
        return items, tray
    held = replace(known, start=move.start, minutes=move.minutes, is_all_day=move.is_all_day, lane=move.lane,
                   looks=(*known.looks, "wait"), wished=None)  # fmt: skip
    return [item for item in items if item.id != move.id] + [held], [item for item in tray if item.id != move.id]


def _tones(reference: Reference) -> Mapping[int, str]:
    return {key: _NATURE_TONES[place % len(_NATURE_TONES)] for place, key in enumerate(reference.natures)}


def _item(ctx: Context, reference: Reference, row: ActionRow, tones: Mapping[int, str] | None) -> Item:
    sub = row.sub
    nature = reference.natures.get(sub.nature_id)
    start, minutes, is_all_day = _when(ctx, sub)
    menu = row_menu(ctx, row.action, sub)
    looks = looks_of(sub, local_now=ctx.local_now, has_deal=row.action.deal_id is not None)
    return Item(
        id=str(sub.id), title=row.client_name, start=start, minutes=minutes, is_all_day=is_all_day,
        lane=str(sub.assignee_id or ""), tone=tones.get(sub.nature_id, "blue") if tones else STATUSES[sub.status].tone,
        icon=f":material/{nature.icon}:" if nature else "", looks=looks,  # type: ignore[arg-type]
        card=_card(reference, row), menu=menu, version=sub.version,
        is_movable=sub.is_open and (Gesture.PLAN in menu or Gesture.POSTPONE in menu),
    )  # fmt: skip


def _when(ctx: Context, sub: SubAction) -> tuple[datetime | None, int, bool]:
    """Start, minutes, and whether it has a day only: of the report when it is done, else as planned."""
    if sub.status == Status.DONE and sub.done_on:
        at, minutes = sub.done_time, sub.done_duration_min or sub.duration_min or 0
        return datetime.combine(sub.done_on, at or time.min), minutes, at is None
    minutes = minutes_of(ctx, sub)
    if span := span_planned(sub):
        return span.start, minutes, False
    if sub.planned_date:
        return datetime.combine(sub.planned_date, time.min), minutes, True
    return None, minutes, False


def _card(reference: Reference, row: ActionRow) -> list[tuple[str, str]]:
    sub = row.sub
    nature, reason = reference.natures.get(sub.nature_id), reference.reasons.get(sub.reason_id or 0)
    domain = reference.domains.get(sub.domain_id or 0)
    labels = " · ".join(each.label for each in (nature, reason) if each)
    rows = [
        (_("No."), shown_number(row.action.number, sub.seq)),
        (_("Action"), labels),
        (_("Site"), row.site_name or row.client_town),
        (_("Contact"), row.contact_name),
        (_("Salesperson"), _owner(reference, sub)),
        (_("Activity"), domain.label if domain else ""),
        (_("Status"), translate(STATUSES[sub.status].label)),
        (_("Detail"), _short(sub.detail_text)),
        (_("Report"), _short(sub.report_text)),
    ]
    return [(label, value) for label, value in rows if value]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _CARD_CHARS else line[: _CARD_CHARS - 1].rstrip() + "…"


def say_if_cut(board: Board) -> None:
    """Below the calendar: it or the tray doesn't hold everything."""
    if board.is_cut:
        st.warning(_("Too much to show: choose fewer people or days. The last days and the loads are incomplete."),
                   icon=":material/warning:")  # fmt: skip
    if board.is_tray_cut:
        count = len(board.tray)
        st.caption(
            _("The tray holds the first {count} to plan, by wished date: filter, or plan from the list.", count=count)
        )


# ---- lanes and bands


def lanes_of(reference: Reference, board: Board) -> list[Lane]:
    """The people of a board in the order of their names, each with the minutes he is there on each day."""
    days = days_between(board.first, board.last)
    return [
        Lane(
            str(person_id), reference.people[person_id].name,
            capacity_min={day: agenda.capacity_min(day) for day in days},
            left_out_min={day: board.left_out_min[person_id, day] for day in days
                          if (person_id, day) in board.left_out_min},
        )
        for person_id in reference.people
        if (agenda := board.agendas.by_person.get(person_id))
    ]  # fmt: skip


def bands_of(ctx: Context, board: Board, *, by_hour: bool) -> list[Band]:
    """Public holidays, absences, and what isn't worked: by the hour, or whole days where a cell is a day."""
    bands = []
    for day, name in board.agendas.holidays.items():
        span = whole_day(day)
        bands.append(Band(span.start, span.end, "holiday", name, is_all_day=True))
        if by_hour:
            bands.append(Band(datetime.combine(day, OPENS), datetime.combine(day, CLOSES), "holiday"))
    for person_id, agenda in board.agendas.by_person.items():
        bands += _off(agenda, board, by_hour=by_hour)
        for absence in agenda.absences:
            is_whole = absence.start_time is None and absence.end_time is None
            label, lanes = translate(shown_kind(ctx, absence)), [str(person_id)]
            bands.append(Band(absence.span.start, absence.span.end, "leave", label, lanes, is_all_day=is_whole))
            shown = _shown_days(board, absence.starts_on, absence.ends_on)
            if by_hour and is_whole:
                bands += [_hours_of(day, lanes) for day in shown]
            elif not by_hour and not is_whole:  # where a cell is a day, the days that it leaves nothing of
                whole = [whole_day(day) for day in shown if agenda.worked(day) and not agenda.capacity_min(day)]
                bands += [Band(span.start, span.end, "leave", label, lanes, is_all_day=True) for span in whole]
    return bands


def _hours_of(day: date, lanes: Sequence[str]) -> Band:
    return Band(datetime.combine(day, OPENS), datetime.combine(day, CLOSES), "leave", "", lanes)


def _shown_days(board: Board, first: date, last: date) -> list[date]:
    return days_between(max(first, board.first), min(last, board.last))


def _off(agenda: Agenda, board: Board, *, by_hour: bool) -> list[Band]:
    lanes, bands = [str(agenda.person_id)], []
    for day in days_between(board.first, board.last):
        if day in agenda.holidays:
            continue
        closed = closed_spans(agenda, day, opens=OPENS, closes=CLOSES)
        if by_hour:
            bands += [Band(span.start, span.end, "off", "", lanes) for span in closed]
        elif not agenda.worked(day):
            span = whole_day(day)
            bands.append(Band(span.start, span.end, "off", "", lanes, is_all_day=True))
    return bands


def bounds_of(items: Sequence[Item]) -> tuple[time, time]:
    """The hours to show: the usual ones, and what is planned earlier or later."""
    opens, closes = OPENS, CLOSES
    for item in items:
        if item.start and not item.is_all_day:
            end = item.start + timedelta(minutes=item.minutes)
            opens = min(opens, item.start.time().replace(minute=0))
            if end.date() > item.start.date():
                closes = time(23, 59)
            elif end.time() > closes:
                closes = (end + timedelta(minutes=-end.minute % 60)).time() if end.hour < 23 else time(23, 59)
    return opens, closes
