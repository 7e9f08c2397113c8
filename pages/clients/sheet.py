"""Synthèse client: everything about one client on one screen (`?client=`, `&tab=`)."""

from lib.ui import client_parts, client_sheet, gesture_dialogs
from lib.ui.frame import open_page
from lib.ui.reading import reference_of

ctx = open_page("client", title="")
client_sheet.draw(ctx, reference_of(ctx))
gesture_dialogs.answer(ctx)
client_parts.answer(ctx)
