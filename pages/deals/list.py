"""Affaires: what is hoped for, stage by stage, filtered, sorted and paged by the server."""

import streamlit as st

from lib.domain.rights import Operation, allowed
from lib.ui import deal_list
from lib.ui.frame import go, open_page
from lib.ui.reading import reference_of
from lib.ui.words import _

ctx = open_page("deals", title="")
with st.container(horizontal=True, vertical_alignment="center"):
    st.title(_("Deals"), anchor=False, width="content")
    st.space("stretch")
    if not allowed(ctx, Operation.ADD_DEALS) and st.button(
        _("New deal"), type="primary", icon=":material/add:", key="deals.new"
    ):
        go("new_deal", **deal_list.client_asked())
deal_list.draw(ctx, reference_of(ctx))
