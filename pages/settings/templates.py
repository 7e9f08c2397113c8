"""Modèles de messages: what messages about an action start from, for administrators."""

from lib.ui import message_templates
from lib.ui.frame import open_page

ctx = open_page("templates")
message_templates.draw(ctx)
