"""Nouveau client (`?name=`), or a client edited (`?client=`)."""

from lib.ui import client_edit
from lib.ui.frame import open_page

client_edit.draw(open_page("edit_client", title=""))
