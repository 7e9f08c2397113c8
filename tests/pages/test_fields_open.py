"""A quick hand: what is saved or sent before the browser has drawn what its last click unfolds."""

from __future__ import annotations

from tests.builders import TODAY, an_action, the_chain
from tests.pages.screens import choose, click


def test_what_a_report_opens_with_is_also_each_fields_default(screen, world):
    """A browser that is sent two runs at once gets the second only, where no value is set any more."""
    sub_id = an_action(world)
    at = screen("sales", "report", sub=sub_id)
    assert at.date_input(f"report.{sub_id}.done_on").proto.default == [f"{TODAY}"]
    assert at.text_input(f"report.{sub_id}.done_duration").proto.default == "0:15"
    assert at.time_input(f"report.{sub_id}.done_time").proto.default


def test_a_report_saved_before_the_next_steps_fields_are_drawn_creates_it_with_its_defaults(screen, world):
    sub_id = an_action(world)
    at = screen("sales", "report", sub=sub_id)
    choose(at, f"report.{sub_id}.result", world.reached)
    choose(at, f"report.{sub_id}.follow_up", "proposed")
    click(at, "save_report")
    following = the_chain(world, sub_id).last
    assert (following.seq, following.nature_id, following.assignee_id) == (2, world.brochure, world.sales)
    assert following.detail_text.startswith("Follows the report of")
