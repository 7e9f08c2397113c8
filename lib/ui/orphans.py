"""What nobody takes care of, drawn: four tables, each row with the gesture that mends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.chain import Chain, shown_number
from lib.domain.context import Context
from lib.domain.lists import ActionFilter, ActionRow
from lib.domain.orphans import COUNTED, Orphans, move_after_absence, put_into_pool
from lib.domain.reference import Reference
from lib.ui import formats, list_address, session
from lib.ui.exports import guarded
from lib.ui.feedback import attempt, flash, forget, show_problem
from lib.ui.frame import go
from lib.ui.list_bars import shown_count
from lib.ui.statuses import person_name
from lib.ui.words import _
from lib.ui.workload import list_query

FORM = "orphans"
_LEAVE = "orphans.leave"
Target = tuple[str, Mapping[str, object]]
"""A page and its address, where a click leads."""


def draw(ctx: Context, reference: Reference, found: Orphans) -> None:
    """The four kinds with their counts; those that nobody has any more say so."""
    if target := st.session_state.pop(_LEAVE, None):
        screen, query = target
        go(screen, **query)
    show_problem(FORM)
    _draw_clients(reference, found)
    _draw_stalled(reference, found)
    _draw_in_absence(ctx, reference, found)
    _draw_ownerless(ctx, reference, found)


def _draw_clients(reference: Reference, found: Orphans) -> None:
    rows = [
        {_("Client"): client.name, _("Town"): client.town,
         _("Account manager"): _name(reference, client.account_manager_id)}
        for client in found.clients
    ]  # fmt: skip
    targets: list[Target] = [("new_action", {"client": client.id}) for client in found.clients]
    opened: list[Target] = [("client", {"client": client.id}) for client in found.clients]
    _draw(_("Clients without any open action"), "clients", found.client_count, rows,
          fix=(_("New action"), "add"), on_fix=_leave, fixed=targets, opened=opened)  # fmt: skip


def _draw_stalled(reference: Reference, found: Orphans) -> None:
    rows = [
        {_("No."): shown_number(chain.number), _("Client"): chain.client_name,
         _("Responsible"): _name(reference, chain.responsible_id)}
        for chain in found.stalled
    ]  # fmt: skip
    targets: list[Target] = [("new_action", {"next": chain.action_id}) for chain in found.stalled]
    opened: list[Target] = [("action", {"sub": chain.sub_action_id}) for chain in found.stalled]
    _draw(_("Actions whose next step never came"), "stalled", found.stalled_count, rows,
          fix=(_("Add a next step"), "add_task"), on_fix=_leave, fixed=targets, opened=opened)  # fmt: skip


def _draw_in_absence(ctx: Context, reference: Reference, found: Orphans) -> None:
    rows = [
        {**_told(ctx, reference, each.row), _("Away until"): formats.day(each.absence.ends_on, today=ctx.today)}
        for each in found.in_absence
    ]
    subs = [(each.row.sub.id, each.row.sub.version) for each in found.in_absence]
    opened: list[Target] = [("action", {"sub": sub_id}) for sub_id, _version in subs]
    _draw(_("Planned while the salesperson is away"), "away", found.in_absence_count, rows,
          fix=(_("Move after the absence"), "event_upcoming"), on_fix=_move, fixed=subs, opened=opened)  # fmt: skip


def _draw_ownerless(ctx: Context, reference: Reference, found: Orphans) -> None:
    rows = [_told(ctx, reference, row) for row in found.ownerless]
    subs = [(row.sub.id, row.sub.version) for row in found.ownerless]
    opened: list[Target] = [("action", {"sub": sub_id}) for sub_id, _version in subs]
    _draw(_("With somebody who left, or is in no sales unit"), "gone", found.ownerless_count, rows,
          fix=(_("Put into the unit's pool"), "inbox"), on_fix=_put, fixed=subs, opened=opened,
          every=found.ownerless_filter)  # fmt: skip


def _name(reference: Reference, person_id: int | None) -> str:
    return person_name(reference, person_id) if person_id else ""


def _told(ctx: Context, reference: Reference, row: ActionRow) -> dict[str, str]:
    nature = reference.natures.get(row.sub.nature_id)
    return {
        _("No."): shown_number(row.action.number, row.sub.seq),
        _("Client"): row.client_name,
        _("Action"): nature.label if nature else "",
        _("Salesperson"): _name(reference, row.sub.assignee_id),
        _("Date"): formats.when(row.sub.planned_date, row.sub.planned_time, today=ctx.today),
    }


def _draw(
    title: str, name: str, count: int, rows: Sequence[Mapping[str, str]], *, fix: tuple[str, str],
    on_fix: Callable[..., None], fixed: Sequence[Any], opened: Sequence[Target], every: ActionFilter | None = None,
) -> None:  # fmt: skip
    """One kind: its count, its first rows, and two buttons a row: what mends it, and what shows it.

    `every` is the list of them all, offered as long as an address can say it.
    """
    query = list_query(every) if every else {}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"{title} ({shown_count(count, COUNTED)})", anchor=False, width="content")
        is_offered = rows and query and list_address.fits(query)
        if is_offered and st.button(_("Open the list"), key=f"orphans.{name}.list", type="tertiary",
                                    icon=":material/checklist:"):  # fmt: skip
            go("actions", **query)
    if not rows:
        st.caption(_("None: everything here has a next step and somebody to do it."))
        return
    label, icon = fix
    # The table's own toolbar offers its cells as a file too.
    table = pd.DataFrame([{label: guarded(text) for label, text in row.items()} for row in rows])
    table["fix"] = f":material/{icon}: {label}"
    open_label = _("Open")
    table["open"] = f":material/open_in_new: {open_label}"
    keys = {each: f"orphans.{name}.{each}" for each in ("fix", "open")}
    buttons = {
        "fix": st.column_config.ButtonColumn("", key=keys["fix"], on_click=_clicked, args=(keys["fix"], on_fix, fixed),
                                             type="primary"),
        "open": st.column_config.ButtonColumn("", key=keys["open"], on_click=_clicked,
                                              args=(keys["open"], _leave, opened), type="tertiary"),
    }  # fmt: skip
    st.dataframe(table, key=f"orphans.{name}", hide_index=True, column_config=buttons,
                 height="content" if len(rows) < 11 else 360)  # fmt: skip
    if count > len(rows):
        st.caption(_("The first {shown} are listed: mend them, and the next ones appear.", shown=len(rows)))


# ---- what a click does; what it acts on is what the table showed, whatever changed since


def _clicked(key: str, act: Callable[..., None], things: Sequence[Any]) -> None:
    click = st.session_state.get(key)
    row = click.get("row") if click else None
    if isinstance(row, int) and 0 <= row < len(things):
        act(*things[row])


def _leave(screen: str, query: Mapping[str, object]) -> None:
    st.session_state[_LEAVE] = (screen, query)


def _move(sub_action_id: int, version: int) -> None:
    ctx = session.current_context()
    if ctx is None:
        return
    done = attempt(FORM, lambda: move_after_absence(ctx, sub_action_id=sub_action_id, version=version))
    if isinstance(done.value, Chain):
        sub = done.value.get(sub_action_id)
        _say_done(_("{number} is now planned on {date}.", number=shown_number(done.value.action.number, sub.seq),
                    date=formats.full(sub.planned_date, sub.planned_time)))  # fmt: skip


def _put(sub_action_id: int, version: int) -> None:
    ctx = session.current_context()
    if ctx is None:
        return
    done = attempt(FORM, lambda: put_into_pool(ctx, sub_action_id=sub_action_id, version=version))
    if isinstance(done.value, Chain):
        sub = done.value.get(sub_action_id)
        unit = ctx.reference.units.get(sub.org_unit_id or 0)
        _say_done(_("{number} now waits in the pool of {unit}.", unit=unit.name if unit else "",
                    number=shown_number(done.value.action.number, sub.seq)))  # fmt: skip


def _say_done(message: str) -> None:
    forget(FORM)
    flash(message)
