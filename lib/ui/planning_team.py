"""Planning multi-critères: people as lanes over a day, a week or a month, filtered (R19)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import streamlit as st

from lib.domain.boards import MAX_LANES, open_board, people_to_plan
from lib.domain.chain import Status
from lib.domain.context import Context
from lib.domain.lists import ActionFilter
from lib.domain.people import Person
from lib.domain.reference import Reference
from lib.domain.rights import Operation, allowed
from lib.ui import frame, planning_address, planning_panel, session
from lib.ui.action_rows import menu_labels
from lib.ui.planning import planning
from lib.ui.planning_items import bands_of, bounds_of, items_of, lanes_of, say_if_cut, tray_of, with_question
from lib.ui.planning_moves import answer_move, question_of, show_question
from lib.ui.planning_person import HEIGHT_PX, POLL_S, answer_gestures
from lib.ui.statuses import STATUSES, disabled_mark
from lib.ui.words import _, translate

KEY = "planning.team"
PREFIX = "t_"


@dataclass(frozen=True, slots=True)
class Team:
    """Who is shown, what of them, and whose pools are in the tray."""

    person_ids: tuple[int, ...]
    chosen: ActionFilter
    pool_unit_ids: tuple[int, ...]
    colour: str


def choose(ctx: Context, reference: Reference) -> Team | None:
    """The filters above the lanes, all in the address; None when they leave nobody."""
    people = people_to_plan(ctx)
    labels = _choices(reference, people)
    held = planning_address.follow(PREFIX, {name: list(choices) for name, choices in labels.items()})
    unit, activity, who, more = st.columns([2, 2, 2.4, 1.4], vertical_alignment="bottom")
    with unit:
        _draw_filter("unit", _("Org. unit"), labels)
    with activity:
        _draw_filter("activity", _("Unit's activity"), labels)
    with who:
        _draw_filter("who", _("Salesperson"), labels)
    with more.popover(_("More filters"), icon=":material/tune:", key="team.more", width="stretch"):
        for name, label in (("domain", _("Business activity")), ("nature", _("Action")), ("status", _("Status"))):
            _draw_filter(name, label, labels)
        colours = {"nature": _("By nature"), "status": _("By status")}
        st.segmented_control(_("Colour"), list(colours), key="team.colour", default="nature", required=True,
                             format_func=lambda each: colours[each])  # fmt: skip
    team = _team(reference, people, held)
    if not team.person_ids:
        st.info(_("Nobody matches these filters: empty one of them."), icon=":material/person_off:")
        return None
    if len(team.person_ids) > MAX_LANES:
        st.caption(_("The first {count} people are shown: choose a unit, or people.", count=MAX_LANES))
    return team


def _choices(reference: Reference, people: list[Person]) -> dict[str, Mapping[str, str]]:
    """The choices of each filter with their labels, by the text that the address holds."""
    ids = {person.id for person in people}
    units = {m.org_unit_id for m in reference.memberships if m.person_id in ids}
    sales = {u.id: u for u in reference.units.values() if u.kind == "sales" and u.id in units}
    activities = {u.business_activity_id for u in sales.values()}
    return {
        "unit": {str(u.id): u.name for u in sales.values()},
        "activity": {str(a.id): a.label for a in reference.activities.values() if a.id in activities},
        "who": {str(person.id): person.name for person in people},
        "domain": {str(d.id): disabled_mark(d, d.label) for d in reference.domains.values()},
        "nature": {str(n.id): disabled_mark(n, n.label) for n in reference.natures.values()},
        "status": {str(s): translate(STATUSES[s].label) for s in (Status.TO_PLAN, Status.PLANNED, Status.DONE)},
    }


def _draw_filter(name: str, label: str, labels: Mapping[str, Mapping[str, str]]) -> None:
    choices = labels[name]
    st.multiselect(label, list(choices), key=PREFIX + name, format_func=lambda each: choices.get(each, ""),
                   placeholder=_("Any"))  # fmt: skip


def _team(reference: Reference, people: list[Person], held: Mapping[str, list[str]]) -> Team:
    def ids(name: str) -> frozenset[int]:
        return frozenset(int(each) for each in held[name])

    units = ids("unit")
    if activities := ids("activity"):
        of_activity = {u.id for u in reference.units.values() if u.business_activity_id in activities}
        units = frozenset(units & of_activity if units else of_activity)
    is_narrowed = bool(held["unit"] or held["activity"])
    members = {m.person_id for m in reference.memberships if not is_narrowed or m.org_unit_id in units}
    shown = [p.id for p in people if p.id in members and (not held["who"] or p.id in ids("who"))]
    mine = {m.org_unit_id for m in reference.memberships if m.person_id in set(shown)}
    pools = [u.id for u in reference.units.values() if u.kind == "sales" and u.id in (units if is_narrowed else mine)]
    chosen = ActionFilter(
        org_unit_ids=units, domain_ids=ids("domain"), nature_ids=ids("nature"),
        statuses=frozenset(Status(each) for each in held["status"]),
    )  # fmt: skip
    return Team(tuple(shown), chosen, tuple(pools), str(st.session_state.get("team.colour") or "nature"))


@st.fragment(run_every=POLL_S)
def draw_lanes(team: Team) -> None:
    """The lanes: drawn again after each drop, and every few seconds for what others moved."""
    ctx = session.current_context() or frame.signed_out()
    shown = planning_address.shown(PREFIX, KEY, "lanes", today=ctx.today)
    reference = ctx.reference
    board = open_board(
        ctx, person_ids=team.person_ids, first=shown.first, last=shown.after - timedelta(days=1), chosen=team.chosen,
        pool_unit_ids=team.pool_unit_ids,
    )  # fmt: skip
    items, tray = with_question(
        items_of(ctx, reference, board, colour=team.colour),
        tray_of(ctx, reference, board, colour=team.colour, with_owners=True),
        question_of(KEY),
    )  # fmt: skip
    opens, closes = bounds_of(items)
    gestures = planning(
        key=KEY, items=items, tray=tray, lanes=lanes_of(reference, board), mode="lanes",
        bands=bands_of(ctx, board, by_hour=shown.view in ("day", "week_hours")), menu=menu_labels(), view=shown.view,
        day=shown.day, window=(board.first, shown.after), on_move=answer_move, rev=shown.rev, slot_min=opens,
        slot_max=closes, read_only=bool(allowed(ctx, Operation.EDIT_ACTIONS)),
        height=HEIGHT_PX,
    )  # fmt: skip
    answer_gestures(gestures, person_id=None)
    say_if_cut(board)
    show_question(KEY)
    planning_panel.refresh(board)
