"""Charge de travail: who has how much when, and what nobody takes care of (`?w_from=&w_weeks=&w_unit=&w_who=`)."""

from lib.domain.orphans import find_orphans
from lib.domain.workload import open_workload
from lib.ui import orphans, workload, workload_table
from lib.ui.frame import open_page
from lib.ui.reading import reference_of

ctx = open_page("workload")
reference = reference_of(ctx)
asked = workload.choose(ctx, reference)
if workload.choose_side() == workload.ORPHANS:
    found = find_orphans(ctx, unit_ids=asked.unit_ids, person_ids=asked.person_ids)
    orphans.draw(ctx, reference, found)
else:
    load = open_workload(
        ctx, first_monday=asked.first, weeks=asked.weeks, unit_ids=asked.unit_ids, person_ids=asked.person_ids
    )
    workload.draw_charts(ctx, reference, load)
    workload_table.draw_table(ctx, load)
    workload_table.draw_exports(load, reference)
