"""CRIT: the reports of technical visits, filtered and paged by the server (`?c_who=&c_client=&c_from=&c_to=`)."""

import streamlit as st

from lib.domain.rights import Operation, allowed
from lib.ui import service_report_list
from lib.ui.frame import go, open_page
from lib.ui.reading import reference_of
from lib.ui.words import _

ctx = open_page("service_reports", title="")
with st.container(horizontal=True, vertical_alignment="center"):
    st.title(_("Service reports"), anchor=False, width="content")
    st.space("stretch")
    if not allowed(ctx, Operation.EDIT_SERVICE_REPORTS) and st.button(
        _("New service report"), type="primary", icon=":material/add:", key="crit.list.new"
    ):
        go("new_service_report", **service_report_list.client_asked())
service_report_list.draw(ctx, reference_of(ctx))
