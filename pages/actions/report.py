"""Compte rendu: what happened, and what follows (`?sub=`); one column, nothing else on the way."""

from lib.domain.actions import open_action
from lib.ui import reporting
from lib.ui.frame import go, open_page
from lib.ui.reading import or_stop, query_id, reference_of

ctx = open_page("report")
sub_id = query_id("sub")
file = or_stop(
    lambda: open_action(ctx, sub_action_id=sub_id),
    back=lambda: go("actions"),
    besides=lambda: reporting.show_lost(ctx, sub_id or 0),
)
reporting.leave_if_over(file)
reporting.draw(ctx, reference_of(ctx), file)
