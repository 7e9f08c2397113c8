"""Ma journée, drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.chain import Status
from lib.domain.context import Context
from lib.domain.drafts import kept_drafts
from lib.domain.gestures import Gesture, refusal
from lib.domain.lists import ActionRow, Day, week_of
from lib.domain.reference import Reference
from lib.domain.rights import Operation, Scope, looks_at_others, scope_of
from lib.ui import formats, gesture_dialogs
from lib.ui.action_rows import list_columns, list_rows, menu_labels
from lib.ui.action_table import action_table
from lib.ui.exchange_modes import draft_address
from lib.ui.feedback import bold, plain
from lib.ui.frame import go, link
from lib.ui.list_bars import shown_count
from lib.ui.reading import record_id
from lib.ui.words import _, translate

DAY_STARTS_H, DAY_ENDS_H = 8, 19


def choose_whose(ctx: Context, reference: Reference) -> tuple[int | None, int | None]:
    """Whose day: one's own; for those who look at others' work too, a unit's or a person's."""
    if not looks_at_others(ctx):
        return ctx.person.id, None
    units = [
        u
        for u in reference.units.values()
        if u.kind == "sales" and (u.id in ctx.unit_ids or scope_of(ctx, Operation.VIEW_ACTIONS) == Scope.ALL)
    ]
    seen = {u.id for u in units}
    people = [p for p in reference.people.values() if p.is_active and reference.unit_ids_of(p.id) & seen]
    options = [
        ("me", ctx.person.id),
        *(("unit", u.id) for u in units),
        *(("person", p.id) for p in people if p.id != ctx.person.id),
    ]
    names = {("unit", u.id): _("Unit {unit}", unit=u.name) for u in units}
    names |= {("person", p.id): p.name for p in people}
    names[("me", ctx.person.id)] = _("My own day")
    chosen = st.selectbox(
        _("Whose day"),
        options,
        index=1 if units else 0,  # who looks at others' work has seldom any of his own
        format_func=lambda each: names.get(each, ""),
        key="day.whose",
        width=320,
    )
    kind, found = chosen if chosen in options else options[0]
    return (None, found) if kind == "unit" else (found, None)


def draw_drafts(ctx: Context) -> None:
    """What was being typed and never saved: offered again."""
    for draft in kept_drafts(ctx)[:3]:
        screens = {
            "report": ("report", _("A report you were typing")),
            "new": ("new_action", _("An action you were creating")),
            "edit": ("action", _("A change you were typing")),
            "deal": ("new_deal", _("A deal you were creating")),
            "new_deal": ("new_deal", _("A deal you were creating")),
            "edit_deal": ("deal", _("A deal you were changing")),
            "of_crit": ("new_action", _("An action you were creating")),
            "of_message": ("new_action", _("An action you were creating")),
            "new_client": ("edit_client", _("A client you were creating")),
            "edit_client": ("edit_client", _("A client you were changing")),
            "new_contact": ("client", _("A contact you were adding")),
            "new_crit": ("new_service_report", _("A service report you were writing")),
            "edit_crit": ("service_report", _("A service report you were changing")),
        }
        message = draft_address(draft)
        if (draft.form not in screens and message is None) or draft.saved_at is None:
            continue
        screen, label = ("exchange", _("A message you were writing")) if message else screens[draft.form]
        local = draft.saved_at.astimezone(ctx.zone)
        record = {"new": "next", "deal": "action", "new_deal": "client", "edit_deal": "deal", "of_crit": "crit",
                  "edit_crit": "crit", "of_message": "message", "edit_client": "client",
                  "new_contact": "client"}.get(draft.form, "sub")  # fmt: skip
        query: dict[str, Any] = message or ({record: draft.record_id} if draft.record_id else {})
        query |= {"edit": 1} if draft.form in ("edit", "edit_deal", "edit_crit") else {}
        text = f"{label} ({formats.when(local.date(), local.time(), today=ctx.today)})"
        link(screen, text, icon=":material/restore_page:", **query)


def draw_tiles(ctx: Context, day: Day, *, person_id: int | None, unit_id: int | None) -> None:
    """The counts; each opens the list that it counts."""
    today, (monday, sunday) = ctx.today, week_of(ctx.today)
    whose = {"l_who": person_id} if person_id else {"l_unit": unit_id}
    units = ctx.reference.unit_ids_of(person_id) if person_id else {unit_id}
    pool = {"l_unit": ",".join(map(str, units))} if units else whose
    counts = day.counts
    tiles = (
        (_("Late"), "schedule", counts.late, {**whose, "l_late": 1}),
        (_("Today"), "today", counts.today, {**whose, "l_from": today, "l_to": today}),
        (_("This week"), "date_range", counts.week, {**whose, "l_from": monday, "l_to": sunday}),
        (_("To plan"), "inbox", counts.to_plan, {**whose, "l_status": Status.TO_PLAN}),
        (_("In my unit"), "groups", counts.waiting_in_units, {**pool, "l_pool": 1}),
        (_("Done this week"), "check_circle", counts.done_this_week,
         {**whose, "l_tab": "done", "l_from": monday, "l_to": sunday}),
    )  # fmt: skip
    with st.grid(6, min_column_width=120):
        for label, icon, count, query in tiles:
            if st.button(
                f"**{shown_count(count)}**  \n{label}",
                icon=f":material/{icon}:",
                key=f"day.tile.{icon}",
                width="stretch",
            ):
                go("actions", **query)


def _next_rows(day: Day) -> list[ActionRow]:
    """Today's open ones, then the late ones: what to do now, in order."""
    return [*day.today, *day.late]


def draw_now(ctx: Context, reference: Reference, day: Day) -> None:
    """The next thing to do, its report one click away."""
    rows = _next_rows(day)
    st.markdown(bold(_("To do now")))
    if not rows:
        st.caption(_("Nothing is due today. Plan what waits, or create an action."))
        return
    row = rows[0]
    sub, nature = row.sub, reference.natures.get(row.sub.nature_id)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        when = formats.when(sub.planned_date, sub.planned_time, today=ctx.today)
        parts = [when, nature.label if nature else "", row.client_name, row.contact_name]
        link("action", " — ".join(plain(part) for part in parts if part), icon=":material/arrow_forward:", sub=sub.id)
        for gesture, label, icon in (
            (Gesture.REPORT, _("Enter the report"), "edit_note"),
            (Gesture.POSTPONE, _("Postpone"), "event_upcoming"),
        ):
            why = refusal(ctx, gesture, row.action, sub)
            st.button(
                label, icon=f":material/{icon}:", key=f"day.now.{gesture}", disabled=why is not None,
                type="primary" if gesture == Gesture.REPORT else "secondary", help=translate(why) if why else None,
                on_click=gesture_dialogs.ask, args=(sub.id, gesture),
            )  # fmt: skip


def draw_timeline(ctx: Context, reference: Reference, day: Day) -> None:
    """The day from 8 to 19 h: what is planned at an hour, overlaps and free time visible."""
    timed = [row for row in day.today if row.sub.planned_time and row.sub.planned_date]
    if not timed:
        return
    data = pd.DataFrame([_bar(reference, row) for row in timed])
    start = datetime.combine(ctx.today, datetime.min.time())
    first, last = (f"{start + timedelta(hours=hours):%Y-%m-%dT%H:%M:%S}" for hours in (DAY_STARTS_H, DAY_ENDS_H))
    axis = {"format": "%H:%M", "title": None, "grid": True}
    spec = {
        "height": 34 * data["person"].nunique() + 10,
        "mark": {"type": "bar", "cornerRadius": 3, "height": 16, "opacity": 0.7},
        "encoding": {
            "x": {"field": "start", "type": "temporal", "axis": axis, "scale": {"domain": [first, last]}},
            "x2": {"field": "end"},
            "y": {"field": "person", "type": "nominal", "title": None},
            "tooltip": [
                {"field": "label", "type": "nominal", "title": _("Action")},
                {"field": "hours", "type": "nominal", "title": _("Time")},
            ],
        },
    }
    st.vega_lite_chart(data, spec, key="day.timeline")


def _bar(reference: Reference, row: ActionRow) -> dict[str, object]:
    sub = row.sub
    start = datetime.combine(sub.planned_date, sub.planned_time)  # type: ignore[arg-type]
    end = start + timedelta(minutes=sub.duration_min or 30)
    nature, person = reference.natures.get(sub.nature_id), reference.people.get(sub.assignee_id or 0)
    return {
        "start": f"{start:%Y-%m-%dT%H:%M:%S}",
        "end": f"{end:%Y-%m-%dT%H:%M:%S}",
        "label": f"{nature.label if nature else ''} — {row.client_name}",
        "hours": f"{start:%H:%M}–{end:%H:%M}",
        "person": person.name if person else "",
    }


def draw_lists(ctx: Context, reference: Reference, day: Day) -> None:
    """What comes next, and the chains where nothing is planned."""
    rest = _next_rows(day)[1:]
    _draw_rows(
        ctx, reference, _("Then"), [*rest, *day.upcoming][:10], "day.then", _("Nothing else in the two weeks to come.")
    )
    if day.unplanned:
        _draw_rows(ctx, reference, _("Waiting for me: nothing is planned"), day.unplanned, "day.waiting", "")


def _draw_rows(ctx: Context, reference: Reference, title: str, rows: Sequence[ActionRow], key: str, empty: str) -> None:
    st.markdown(bold(title))

    def chose(row: str, choice: str) -> None:
        if sub_action_id := record_id(row):
            gesture_dialogs.ask(sub_action_id, choice)

    gestures = action_table(
        list_columns(sortable=False), list_rows(ctx, reference, rows), key=key, menu=menu_labels(), selection="none",
        on_menu=chose, empty=empty, max_height="50vh",
    )  # fmt: skip
    if gestures["open"]:
        go("action", sub=record_id(gestures["open"]["row"]))
