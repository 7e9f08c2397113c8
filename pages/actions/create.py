"""Nouvelle action: one page; also the next step of a chain that is over (`?next=`), or born from a CRIT (`?crit=`)."""

from lib.ui import creation, feedback
from lib.ui.frame import go, open_page
from lib.ui.reading import query_id
from lib.ui.words import _

ctx = open_page("new_action")
created = creation.taken()
if created:
    feedback.flash(_("The action is created."))
    go("action", sub=created)
creation.draw(ctx, client_id=query_id("client"), chain_id=query_id("next"), report_id=query_id("crit"))
