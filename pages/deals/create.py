"""Nouvelle affaire: from an action (`?action=`, linked when saved), for a client (`?client=`), or from nowhere."""

from lib.ui import deal_creation
from lib.ui.frame import open_page

ctx = open_page("new_deal")
deal_creation.draw(ctx)
