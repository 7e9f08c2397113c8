"""The report: what happened, and what follows (R21–R25)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from lib.domain.actions import client_file_of, opened_chain
from lib.domain.agenda import proposed_day
from lib.domain.catalog import checked_choice
from lib.domain.chain import Chain, FollowUp, Status, SubAction
from lib.domain.checks import Checks, checked_date, checked_id, checked_time
from lib.domain.client_editing import has_been_met
from lib.domain.conflicts import refuse_conflict
from lib.domain.context import Context, command, once
from lib.domain.durations import parsed_duration
from lib.domain.errors import Invalid
from lib.domain.fields import CheckedFields, Raw, checked_fields, checked_html
from lib.domain.gestures import Gesture, require_gesture
from lib.domain.inline_images import drawn_first
from lib.domain.parameters import REPORT_PREFILL, Prefill, value_of
from lib.domain.reference import Reference
from lib.domain.rights import Operation, allowed
from lib.domain.saving import inserted_sub_action, saved_sub_action
from lib.domain.sentences import say


@dataclass(frozen=True, slots=True)
class ReportPrefill:
    """What a new report starts with."""

    done_on: date | None
    done_time: time | None
    duration_min: int | None


def prefilled(sub: SubAction, reference: Reference, local_now: datetime) -> ReportPrefill:
    """Date and time by the parameter (R22); duration of the sub-action, else of its nature (R21)."""
    nature = reference.natures.get(sub.nature_id)
    duration = sub.duration_min or (nature.duration_min if nature else None)
    match value_of(reference.parameters, REPORT_PREFILL):
        case Prefill.TODAY:
            return ReportPrefill(local_now.date(), local_now.time(), duration)
        case Prefill.PLANNED:
            return ReportPrefill(sub.planned_date, sub.planned_time, duration)
        case _:
            return ReportPrefill(None, None, duration)


def proposed_next(sub: SubAction, reference: Reference, *, person_id: int, today: date) -> dict[str, object] | None:
    """The next step that the nature proposes, as a form's fields; None when it proposes none.

    The connected person, the nature's delay in days that the organisation works, the same place, contact and business
    activity (R23).
    """
    nature = reference.natures.get(sub.nature_id)
    following = reference.natures.get(nature.next_nature_id or 0) if nature else None
    if nature is None or following is None or not following.is_active:
        return None
    return next_defaults(
        sub, reference, nature_id=following.id, person_id=person_id, today=today, days=nature.next_delay_days
    )


def next_defaults(
    sub: SubAction, reference: Reference, *, nature_id: int, person_id: int, today: date, days: int = 1
) -> dict[str, object]:
    """The fields of a next sub-action of some nature, before the person changes them."""
    unit = reference.deduced_unit_of(person_id)
    allowed_domains = {d.id for d in reference.domains_of_unit(unit.id if unit else None) if d.is_active}
    nature = reference.natures.get(nature_id)
    return {
        "nature": nature_id,
        "site": sub.site_id,
        "contact": sub.contact_id,
        "domain": sub.domain_id if sub.domain_id in allowed_domains else None,
        "assignee": person_id,
        "org_unit": unit.id if unit else None,
        "status": Status.TO_PLAN,
        "planned_date": proposed_day(reference, today, days),
        "duration": nature.duration_min if nature else None,
    }


def checked_report(
    ctx: Context, raw: Raw, *, before: SubAction, has_report: bool = False
) -> tuple[dict[str, Any], str | None]:
    """The report's columns, and its HTML when it was sent; raises Invalid with every problem.

    What isn't sent stays as `before` has it. A report says something: a result, or a text, which passes without being
    sent when `has_report`.
    """
    checks = Checks()
    typed = {"done_on": before.done_on, "done_time": before.done_time, "result": before.result_id, **raw}
    typed.setdefault("done_duration", before.done_duration_min)
    is_kept = before.done_on is not None and typed["done_on"] == before.done_on  # an old date stays valid
    done_on = before.done_on if is_kept else checks.run(
        lambda: checked_date("done_on", typed["done_on"], today=ctx.today, required=True)
    )  # fmt: skip
    done_time = checks.run(lambda: checked_time("done_time", typed["done_time"]))
    duration = checks.run(lambda: parsed_duration(typed["done_duration"], field="done_duration"))
    result_id = checks.run(lambda: _checked_result(ctx, typed["result"], before))
    is_silent = not typed["result"] and not (has_report and "report" not in raw)
    html = checks.run(lambda: checked_html("report", raw.get("report"), required=False)) if "report" in raw else None
    if is_silent and not html and "report" not in checks.problems:
        checks.problems["report"] = say("Say what happened: choose a result, or write a line.")
    if done_on and datetime.combine(done_on, done_time or time.min) > ctx.local_now:
        checks.problems["done_on"] = say("A report tells what is done: this moment hasn't come yet.")
    checks.done()
    nature = ctx.reference.natures.get(before.nature_id)
    default = before.duration_min or (nature.duration_min if nature else None)
    columns = {
        "done_on": done_on,
        "done_time": done_time,
        "done_duration_min": duration or default,
        "result_id": result_id,
    }
    return columns, html


def _checked_result(ctx: Context, raw: object, before: SubAction) -> int | None:
    result_id = checked_id("result", raw)
    result = next((r for r in ctx.reference.results_of(before.nature_id) if r.id == result_id), None)
    if result_id and result is None:
        raise Invalid({"result": say("Unknown choice: choose one of the list.")})
    return checked_choice("result", result, kept_id=before.result_id, required=False)


@drawn_first
@command
@once
def enter_report(ctx: Context, *, sub_action_id: int, version: int, raw: Raw, request_key: str) -> int:
    """Report on an open sub-action and decide what follows, in one transaction (R21, R23).

    `raw` holds done_on, done_time, done_duration, result, report, follow_up (`none`, `sub_action`, `deal`) and, for a
    sub-action, `next`: its fields. Return the id of the next sub-action, or of the reported one when nothing is
    created. Raises Invalid; the fields of the next one bear the prefix `next.`.
    """
    chain = opened_chain(ctx, sub_action_id=sub_action_id)
    sub = chain.get(sub_action_id)
    refuse_conflict(ctx, sub, version=version, edits={"status": Status.DONE, "report": raw.get("report")})
    require_gesture(ctx, Gesture.REPORT, chain.action, sub)
    checks = Checks()
    report = checks.run(lambda: checked_report(ctx, raw, before=sub))
    follow_up = checks.run(lambda: _checked_follow_up(ctx, raw.get("follow_up")))
    next_fields = None
    if follow_up == FollowUp.SUB_ACTION:
        next_fields = checks.run(lambda: _checked_next(ctx, chain, raw.get("next")))
    checks.done()
    assert report is not None
    columns, html = report
    after = replace(
        sub, status=Status.DONE, follow_up=follow_up, reported_by=ctx.person.id, reported_at=ctx.now, **columns
    )
    chain = saved_sub_action(ctx, "enter_report", chain, after, texts={"report": html or ""})
    if (nature := ctx.reference.natures.get(sub.nature_id)) and nature.is_meeting:
        has_been_met(ctx, chain.action.client_id)
    if next_fields is None:
        return sub.id
    new = SubAction(**next_fields.columns)
    return inserted_sub_action(ctx, chain, new, detail_html=next_fields.detail_html or "").last.id


def _checked_follow_up(ctx: Context, raw: object) -> FollowUp:
    if isinstance(raw, str) and raw in set(FollowUp):
        if raw == FollowUp.DEAL and (why := allowed(ctx, Operation.ADD_DEALS)):
            raise Invalid({"follow_up": why})
        return FollowUp(raw)
    raise Invalid({"follow_up": say("Choose what follows: nothing, a next action, or a deal.")})


def _checked_next(ctx: Context, chain: Chain, raw: object) -> CheckedFields:
    try:
        fields = raw if isinstance(raw, dict) else {}
        return checked_fields(ctx, client_file_of(ctx, chain), fields)
    except Invalid as invalid:
        raise Invalid({f"next.{name}": sentence for name, sentence in invalid.fields.items()}) from None
