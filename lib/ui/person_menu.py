"""The person's own menu: language, password, signing out."""

from __future__ import annotations

import streamlit as st

from lib.domain.accounts import choose_language
from lib.domain.context import Context
from lib.ui import session
from lib.ui.words import LANGUAGES, _, language_name


def person_menu(ctx: Context) -> None:
    """Who is signed in, and what he may change about it."""
    with st.popover(ctx.person.name, icon=":material/account_circle:", width="stretch", key="person.menu"):
        st.caption(f"{ctx.profile.name} · {ctx.person.email}")
        chosen = st.segmented_control(
            _("Language"), LANGUAGES, default=ctx.person.language, required=True, format_func=language_name,
            key=f"person.language.{ctx.person.language}",  # chosen in another tab, it opens anew: two tabs never fight
        )  # fmt: skip
        if chosen and chosen != ctx.person.language:
            choose_language(ctx, language=chosen)
            st.rerun()
        if st.button(_("Change my password"), icon=":material/key:", key="person.password", width="stretch"):
            session.go_to("/change-password")
        if st.button(_("Sign out"), icon=":material/logout:", key="person.sign_out", width="stretch"):
            session.sign_out()
