"""Actions: the tabs À réaliser, Actions réalisées and Toutes, filtered, sorted and paged by the server."""

from lib.ui import action_list, bulk_bar, gesture_dialogs
from lib.ui.frame import open_page
from lib.ui.reading import reference_of

ctx = open_page("actions")
reference = reference_of(ctx)
chosen = action_list.draw_filters(ctx, reference)
action_list.draw_table(ctx, reference, chosen)
gesture_dialogs.answer(ctx)
bulk_bar.answer(ctx, action_list.TABLE)
