"""À rattacher: received messages that found no action by themselves."""

from lib.ui import inbox
from lib.ui.frame import open_page

ctx = open_page("inbox")
inbox.draw(ctx)
