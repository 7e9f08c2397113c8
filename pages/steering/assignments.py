"""Affectations d'actions: many actions given to others at once, previewed and undoable (`?a_way=&a_who=…`)."""

from lib.ui import assignment_preview, assignments, operations
from lib.ui.frame import open_page
from lib.ui.reading import reference_of

ctx = open_page("assignments")
reference = reference_of(ctx)
operations.draw_just_done(ctx)
asked = assignments.choose(ctx, reference)
answer = assignments.choose_target(ctx, reference, asked)
assignment_preview.draw(reference, answer)
operations.draw_recent(ctx)
