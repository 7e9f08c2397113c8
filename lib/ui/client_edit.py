"""Nouveau client, and Modifier le client: one page, one form, drafts and doubles included."""

from __future__ import annotations

import streamlit as st

from lib.domain.clients import open_client
from lib.domain.context import Context
from lib.ui import drafting, feedback
from lib.ui.client_form import RecordForm
from lib.ui.frame import go
from lib.ui.reading import or_stop, query_id
from lib.ui.words import _


def draw(ctx: Context) -> None:
    """The form of the client in the address (`?client=`), or of a new one, whose name the address may know."""
    is_new, client_id = "client" not in st.query_params, query_id("client")
    record = None if is_new else or_stop(lambda: open_client(ctx, client_id=client_id), back=lambda: go("clients"))
    client = record.client if record else None
    form = RecordForm(ctx, "client", 0, record=client, values={"name": st.query_params.get("name", "")[:160]})
    if (saved := form.saved_id()) is not None:
        feedback.flash(_("The client is created.") if is_new else _("Saved."))
        go("client", client=saved)
    if drafting.has_given_up(form.name):
        if client:
            go("client", client=client.id)
        go("clients")
    st.title(_("Edit {client}", client=feedback.plain(client.name)) if client else _("New client"), anchor=False)
    form.open()
    form.draw()
    with st.container():  # by the button that was pressed
        form.draw_problem()
    with st.container(horizontal=True, vertical_alignment="center"):
        label = _("Create (F2)") if is_new else _("Save (F2)")
        st.button(label, type="primary", icon=":material/check:", key="save_client", on_click=form.save)
        drafting.draw_give_up(*form.draft, form.name)
        form.keep()
