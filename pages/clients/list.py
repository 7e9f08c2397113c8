"""Clients: one's own first, all of them by what one has: a name, a town, a phone number, an e-mail address."""

from lib.ui import client_list
from lib.ui.frame import open_page
from lib.ui.reading import reference_of

ctx = open_page("clients", title="")
client_list.draw(ctx, reference_of(ctx))
