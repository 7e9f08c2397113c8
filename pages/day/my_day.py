"""Ma journée: what is late, due and waiting, the day's timeline, and the next thing to do."""

from lib.domain.lists import open_day
from lib.ui import day_board, gesture_dialogs
from lib.ui.frame import open_page
from lib.ui.reading import reference_of

ctx = open_page("my_day")
reference = reference_of(ctx)
person_id, unit_id = day_board.choose_whose(ctx, reference)
day = open_day(ctx, person_id=person_id, org_unit_id=unit_id)

day_board.draw_drafts(ctx)
day_board.draw_tiles(ctx, day, person_id=person_id, unit_id=unit_id)
day_board.draw_now(ctx, reference, day)
day_board.draw_timeline(ctx, reference, day)
day_board.draw_lists(ctx, reference, day)
gesture_dialogs.answer(ctx)
