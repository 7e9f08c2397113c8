"""Nouveau CRIT, drawn: the client first, then what depends on him; also from the client's own screen (`?client=`)."""

from __future__ import annotations

from uuid import uuid4

import streamlit as st

from lib.domain.clients import ClientFile, open_client
from lib.domain.context import Context
from lib.domain.people import UnitKind
from lib.domain.service_reports import write_service_report
from lib.ui import drafting, feedback, session
from lib.ui.client_picker import client_label, client_picker
from lib.ui.creation import single_place
from lib.ui.frame import go
from lib.ui.reading import or_stop, reference_of
from lib.ui.service_report_form import ReportForm, labels
from lib.ui.words import _

FORM = "new_crit"
_NAME = "crit.new"
_CLIENT, _REQUEST, _TURN = f"{_NAME}.client", f"{_NAME}.request", "crit_turn"


def leave_if_saved() -> None:
    """After the report was saved: to the report itself."""
    last = feedback.outcome(_NAME)
    if last and last.worked:
        drafting.clear_form(_NAME)
        feedback.flash(_("The service report is saved."))
        go("service_report", crit=last.value)


def draw(ctx: Context, *, client_id: int | None) -> None:
    """The whole form; its state is in the session, its draft on the server."""
    state = st.session_state
    if drafting.has_given_up(_NAME):
        state[_TURN] = _turn() + 1
    draft = drafting.opened_draft(ctx, FORM, 0)
    kept = dict(draft.content) if draft else {}
    if _REQUEST not in state:
        state[_REQUEST], state[_CLIENT] = uuid4().hex, client_id or kept.get("client")
        if draft:
            drafting.say_it_is_back()
    file = or_stop(lambda: open_client(ctx, client_id=state[_CLIENT])) if state[_CLIENT] else None
    values = {**_opening(ctx), **(single_place(file) if file else {}), **{k: v for k, v in kept.items() if v}}
    form = ReportForm(ctx, reference_of(ctx), _NAME, values, file=file, turn=_turn())
    _draw_client(ctx, file)
    form.draw()
    _draw_text(form)


def _opening(ctx: Context) -> dict[str, object]:
    """A technician writes his own, of today; whoever else types one says whose it is."""
    units = ctx.reference.units
    is_technician = any(units[each].kind == UnitKind.SERVICE for each in ctx.unit_ids)
    return {"technician": ctx.person.id if is_technician else None, "done_on": ctx.today}


def _draw_client(ctx: Context, file: ClientFile | None) -> None:
    label = labels()["client"] + " *"
    if file is None:
        client_picker(ctx, key=f"{_NAME}.search", label=label, on_pick=_picked)
    else:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(label, client_label(file.client), disabled=True, key=f"{_NAME}.shown.{file.client.id}")
            st.button(_("Change"), icon=":material/swap_horiz:", key=f"{_NAME}.other", on_click=_picked, args=(None,))
    feedback.show_field_problem(_NAME, "client")


def _picked(client_id: int | None) -> None:
    """Another client: its place and contact are chosen again, the rest stays."""
    st.session_state[_CLIENT] = client_id
    for name in ("site", "contact", "search.text"):
        st.session_state.pop(f"{_NAME}.{name}", None)


@st.fragment
def _draw_text(form: ReportForm) -> None:
    """The text and the buttons, apart: a pause in the typing keeps the draft without drawing the fields again."""
    drafting.rerun_if_given_up(_NAME)
    form.draw_body()

    def typed() -> dict[str, object]:
        return form.raw() | {"client": st.session_state.get(_CLIENT)}

    def save() -> None:
        now = session.current_context()
        if now is None:
            feedback.forget(_NAME)
            return
        key, raw = st.session_state[_REQUEST], typed()
        if feedback.attempt(_NAME, lambda: write_service_report(now, raw=raw, request_key=key)).worked:
            drafting.drop(now, FORM, 0)  # at once: found again, the draft would be saved twice

    form.draw_buttons(
        FORM, 0, _("Save (F2)"), save=save, typed=typed(), version=0,
        problem=lambda: feedback.show_problem(_NAME, labels=labels()),
    )  # fmt: skip


def _turn() -> int:
    """How often the form was given up: the editor, which stays on the page, then opens afresh too."""
    return int(st.session_state.get(_TURN, 0))
