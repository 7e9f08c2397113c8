"""Nouvelle action: one page; also the next step of a chain that is over (`?next=`), born from a CRIT (`?crit=`), or for
a received message (`?message=`), which is attached to it."""

from lib.ui import creation, feedback, inbox
from lib.ui.frame import go, open_page
from lib.ui.reading import query_id
from lib.ui.words import _

ctx = open_page("new_action")
message_id = query_id("message")
created = creation.taken()
if created:
    feedback.flash(_("The action is created."))
    if message_id:
        inbox.attach_to_created(ctx, message_id, created)
    go("action", sub=created)
creation.draw(
    ctx,
    client_id=query_id("client"),
    chain_id=query_id("next"),
    report_id=query_id("crit"),
    message_id=message_id,
)
