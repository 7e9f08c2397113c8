"""Affaires: what is hoped for, stage by stage, filtered, sorted and paged by the server."""

from lib.ui import deal_list
from lib.ui.frame import open_page
from lib.ui.reading import reference_of

ctx = open_page("deals", title="")
deal_list.draw(ctx, reference_of(ctx))
