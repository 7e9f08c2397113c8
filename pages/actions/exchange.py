"""A message about an action (`sub=` or `action=`): record one received (`mode=received`) or sent (`mode=sent`), send an
e-mail (`mode=email`), answer one (`reply=`), or change a recorded one (`exchange=`)."""

import streamlit as st

from lib.ui import exchange_form, exchange_modes
from lib.ui.frame import go, open_page
from lib.ui.reading import or_stop
from lib.ui.words import translate

ctx = open_page("exchange", title="")
subject = or_stop(lambda: exchange_modes.opened(ctx), back=lambda: go("actions"))
st.title(translate(exchange_modes.MODES[subject.mode].label), anchor=False)
exchange_form.leave_if_over(subject)
exchange_form.draw(ctx, subject)
