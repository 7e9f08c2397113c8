"""What the fields of a form tell the browser besides their value."""

from __future__ import annotations

from tests.builders import TODAY, an_action


def test_what_a_report_opens_with_is_also_each_fields_default(screen, world):
    """A browser that is sent two runs at once gets the second only, where no value is set any more."""
    sub_id = an_action(world)
    at = screen("sales", "report", sub=sub_id)
    assert at.date_input(f"report.{sub_id}.done_on").proto.default == [f"{TODAY}"]
    assert at.text_input(f"report.{sub_id}.done_duration").proto.default == "0:15"
    assert at.time_input(f"report.{sub_id}.done_time").proto.default
