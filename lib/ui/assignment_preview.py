"""Affectations, the preview: who gets what, whose weeks it fills, what can't follow; and the button that applies it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

import pandas as pd
import streamlit as st

from lib.domain.assignments import Preview, apply_assignment, preview_assignment
from lib.domain.bulk import number_of
from lib.domain.durations import shown_duration
from lib.domain.lists import week_of
from lib.domain.moves import Move, PersonLoad, Week
from lib.domain.reference import Reference
from lib.domain.workload import Amount, Holder
from lib.ui import feedback, operations, session
from lib.ui.assignments import Answer
from lib.ui.bulk_bar import TICKED
from lib.ui.words import _, plural
from lib.ui.workload_charts import week_label

FORM = "assignments"
_SEEN = "assignments.seen"
_WANTED = "assignments.wanted"
_TALL_PX = 420


@dataclass(frozen=True, slots=True)
class Seen:
    """A preview as it was shown, what it answers, and the key that makes applying it happen once."""

    answer: Answer
    preview: Preview
    request_key: str


def draw(reference: Reference, answer: Answer) -> None:
    """The third step: the preview of exactly what is asked above; an older one isn't shown."""
    is_complete = bool((answer.asked.chosen or answer.asked.ticked) and (answer.person_ids or answer.org_unit_id))
    if is_complete and st.session_state.get(_WANTED):
        _look(answer)
    st.session_state[_WANTED] = False
    seen: Seen | None = st.session_state.get(_SEEN)
    is_current = seen is not None and seen.answer == answer
    with st.container(border=True):
        st.subheader(_("3. Who gets what?"), anchor=False)
        with st.container(horizontal=True, vertical_alignment="center"):
            kind: Literal["primary", "secondary"] = "secondary" if is_current else "primary"  # one primary at a time
            st.button(_("Preview"), icon=":material/visibility:", key="assignments.preview", on_click=_want,
                      type=kind, disabled=not is_complete)  # fmt: skip
            if not is_complete:
                st.caption(_("Choose the actions and who gets them; nothing changes before you apply it."))
            elif not is_current:
                st.caption(_("Nothing changes before you apply it."))
        operations.show_problem(FORM)
        if seen and is_current:
            _draw(reference, seen)


def _want() -> None:
    """From the button: of what is asked by then, which may be more than when the button was drawn."""
    st.session_state[_WANTED] = True


def _look(answer: Answer) -> None:
    now = session.current_context()
    if now is None:
        return
    found = feedback.attempt(FORM, lambda: preview_assignment(
        now, chosen=answer.asked.chosen, sub_action_ids=answer.asked.ticked, person_ids=answer.person_ids,
        org_unit_id=answer.org_unit_id,
    ))  # fmt: skip
    st.session_state[_SEEN] = Seen(answer, found.value, uuid4().hex) if found.value else None


def _apply(seen: Seen) -> None:
    now = session.current_context()
    if now is None:
        return
    done = feedback.attempt(
        FORM, lambda: apply_assignment(now, moves=seen.preview.to_apply, request_key=seen.request_key)
    )
    st.session_state[_SEEN] = None  # applied, or others have changed something: it is to be looked at again
    if done.worked:
        feedback.forget(FORM)
        operations.remember(done.value or 0)
        st.session_state.pop(TICKED, None)


def _draw(reference: Reference, seen: Seen) -> None:
    preview = seen.preview
    count, stay = len(preview.moves), len(preview.refused) + len(preview.missing)
    counts = [plural("**{count} action** to reassign", "**{count} actions** to reassign", count)]
    if stay:
        counts.append(plural("{count} stays where it is", "{count} stay where they are", stay))
    st.markdown(" · ".join(counts))
    if preview.loads:
        st.markdown(feedback.bold(_("Load before and after")))
        _draw_loads(preview.loads)
    if preview.moves:
        st.markdown(feedback.bold(_("Actions to reassign")))
        leaving = sum(move.changes_unit for move in preview.moves)
        if leaving:
            told = plural("{count} action changes unit: the unit follows from the salesperson.",
                          "{count} actions change unit: the unit follows from the salesperson.", leaving)  # fmt: skip
            st.info(told, icon=":material/swap_horiz:")
        _draw_moves(reference, preview.moves)
    if stay:
        with st.expander(_("What stays, and why ({count})", count=stay), icon=":material/block:", expanded=not count):
            operations.show_refusals(
                [(number_of(move.row), move.why) for move in preview.refused if move.why]
                + [(each.number, each.why) for each in preview.missing]
            )
    if count:
        label = plural("Reassign {count} action", "Reassign {count} actions", count)
        st.button(
            label, type="primary", icon=":material/check:", key="assignments.apply", on_click=_apply, args=(seen,)
        )


# ---- the tables


def _draw_moves(reference: Reference, moves: Sequence[Move]) -> None:
    shown = pd.DataFrame(
        {
            _("No."): [number_of(move.row) for move in moves],
            _("Client"): [move.row.client_name for move in moves],
            _("Action"): [_nature(reference, move) for move in moves],
            _("Date"): [move.row.sub.planned_date for move in moves],
            _("Duration"): [shown_duration(move.minutes) for move in moves],
            _("From whom"): [_holder(reference, move.came_from) for move in moves],
            _("To whom"): [_holder(reference, move.to) for move in moves],
            _("Org. unit"): [_unit(reference, move) for move in moves],
        }
    )
    dates = {_("Date"): st.column_config.DateColumn(format="DD/MM/YYYY")}
    st.dataframe(shown, key="assignments.moves", hide_index=True, column_config=dates, placeholder="",
                 height=_TALL_PX if len(moves) > 11 else "content")  # fmt: skip


def _nature(reference: Reference, move: Move) -> str:
    nature = reference.natures.get(move.row.sub.nature_id)
    return nature.label if nature else ""


def _holder(reference: Reference, holder: Holder) -> str:
    if person := reference.people.get(holder.person_id or 0):
        return person.name
    unit = reference.units.get(holder.org_unit_id or 0)
    return _("Pool of {unit}", unit=unit.name) if unit else ""


def _unit(reference: Reference, move: Move) -> str:
    unit = reference.units.get(move.org_unit_id or 0)
    name = unit.name if unit else ""
    return f"→ {name}" if move.changes_unit else name


def _draw_loads(loads: Sequence[PersonLoad]) -> None:
    """One line a person: the period, then its weeks as `before → after / capacity`, marked where it exceeds."""
    weeks = [week.first for week in loads[0].weeks]
    columns: dict[str, list[Any]] = {
        _("Salesperson"): [load.name for load in loads],
        _("Capacity"): [shown_duration(load.capacity_min) for load in loads],
        _("Planned before"): [shown_duration(load.before_min) for load in loads],
        _("Planned after"): [shown_duration(load.after_min) for load in loads],
        _("Load before"): [load.before_pct for load in loads],
        _("Load after"): [load.after_pct for load in loads],
        _("To plan"): [_amounts(load.to_plan_before, load.to_plan_after) for load in loads],
    }
    for number, first in enumerate(weeks):
        columns[week_label(week_of(first)[0])] = [_week(load.weeks[number]) for load in loads]
    most = max([100, *(pct or 0 for load in loads for pct in (load.before_pct, load.after_pct))])
    percent = st.column_config.ProgressColumn(format="%d %%", min_value=0, max_value=most, width="small")
    config: Mapping[str, Any] = {
        _("Salesperson"): st.column_config.TextColumn(pinned=True),
        _("Load before"): percent,
        _("Load after"): percent,
    }
    st.dataframe(pd.DataFrame(columns), key="assignments.loads", hide_index=True, column_config=dict(config),
                 placeholder="")  # fmt: skip
    over = [f"{load.name} ({week_label(week_of(week.first)[0])})" for load in loads for week in load.weeks
            if week.after_min > max(week.capacity_min, week.before_min)]  # fmt: skip
    if over:
        listed = ", ".join(over[:8]) + (f" (+{len(over) - 8})" if len(over) > 8 else "")
        told = _("More planned than the hours there are: {people}.", people=listed)
        st.warning(feedback.plain(told), icon=":material/warning:")
    st.caption(_("Each week: planned before → after / hours there; ▲ where it exceeds. This week counts from today."))


def _amounts(before: Amount, after: Amount) -> str:
    """`5 → 12 (6:30)`."""
    counts = f"{before.count} → {after.count}" if before != after else f"{after.count}"
    return f"{counts} ({shown_duration(after.minutes)})" if after.minutes else counts


def _week(week: Week) -> str:
    planned = shown_duration(week.after_min)
    if week.before_min != week.after_min:
        planned = f"{shown_duration(week.before_min)} → {planned}"
    mark = "▲ " if week.after_min > week.capacity_min else ""
    return f"{mark}{planned} / {shown_duration(week.capacity_min)}"
