"""The fields of a sub-action: label, help, when required, when locked and why (R7–R15), and how each is checked.

A form is drawn from this table, a locked field says why, and saving enforces the same sentences.

| Field                          | À planifier, Planifiée | Terminée               | Annulée |
|--------------------------------|------------------------|------------------------|---------|
| client                         | shown (set at creation)| shown                  | shown   |
| origin                         | shown (set at creation)| shown                  | shown   |
| what, who, when, detail        | editable               | locked                 | locked  |
| deal                           | editable               | editable               | locked  |
| report, its date and duration  | not there yet          | editable, right report | locked  |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lib.domain import richtext
from lib.domain.catalog import ActionNature, checked_choice
from lib.domain.chain import Action, Status, SubAction, owners_of
from lib.domain.checks import Checks, checked_date, checked_id, checked_ids, checked_time
from lib.domain.clients import ClientFile, checked_place
from lib.domain.context import Context
from lib.domain.durations import parsed_duration
from lib.domain.errors import Invalid
from lib.domain.parameters import DATE_REQUIRED, DETAIL_REQUIRED, value_of
from lib.domain.people import checked_unit
from lib.domain.rights import Operation, allowed
from lib.domain.sentences import Sentence, say

Raw = Mapping[str, object]
"""What a form sends, by field name: ids, dates, times, texts, HTML; nothing in it is trusted."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the forms; `column` is the attribute of SubAction (or of Action) behind it."""

    name: str
    column: str
    label: Sentence
    help: Sentence | None = None
    set_once: Sentence | None = None
    """Why it can't be edited once the action exists."""
    open_after_done: bool = False
    is_report: bool = False


FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field("client", "client_id", say("Client"),
              say("Type 2 letters or digits: name, code, town, contact or phone."),
              set_once=say("The client of an action doesn't change: cancel it and create one for the right client.")),
        Field("site", "site_id", say("Site")),
        Field("contact", "contact_id", say("Contact")),
        Field("domain", "domain_id", say("Business activity"),
              say("The action domains of the unit's business activity.")),
        Field("nature", "nature_id", say("Action")),
        Field("reason", "reason_id", say("Action reason"), say("Shown when the action has reasons.")),
        Field("participants", "participant_ids", say("Other participants")),
        Field("deal", "deal_id", say("Deal"), open_after_done=True),
        Field("status", "status", say("Status")),
        Field("planned_date", "planned_date", say("Planned date"), say("Required once planned; before, it is a wish.")),
        Field("planned_time", "planned_time", say("Time")),
        Field("duration", "duration_min", say("Duration (H.M)"), say("1:30, 1h30, or 90 for minutes.")),
        Field("detail", "detail", say("Detail"), say("What is to be done: text, tables, images.")),
        Field("org_unit", "org_unit_id", say("Org. unit"),
              say("Follows from the salesperson. To give the action to another unit, empty the salesperson first.")),
        Field("assignee", "assignee_id", say("Salesperson"), say("Empty: the action waits in the unit's pool.")),
        Field("origin", "origin_id", say("Origin"), set_once=say("The origin is chosen when the action is created.")),
        Field("done_on", "done_on", say("Date done"), is_report=True),
        Field("done_time", "done_time", say("Time done"), is_report=True),
        Field("done_duration", "done_duration_min", say("Duration (HH:MM)"), is_report=True),
        Field("result", "result_id", say("Result"), is_report=True),
        Field("report", "report", say("Report"), say("Never shown to the client."), is_report=True),
    )
}  # fmt: skip

_LOCKED_CANCELLED = say("A cancelled sub-action can never be changed again.")
_LOCKED_DONE = say("Reported: who, what and when no longer change. The report itself can be edited.")
_LOCKED_NOT_DONE = say("No report has been entered yet.")


def locked_because(ctx: Context, field: Field, action: Action, sub: SubAction) -> Sentence | None:
    """Why a field of an existing sub-action can't be edited by this person now; None when it can (R15)."""
    if sub.status == Status.CANCELLED:
        return _LOCKED_CANCELLED
    if field.set_once:
        return field.set_once
    if sub.status == Status.DONE and not (field.is_report or field.open_after_done):
        return _LOCKED_DONE
    if field.is_report and sub.status != Status.DONE:
        return _LOCKED_NOT_DONE
    operation = Operation.REPORT_ACTIONS if field.is_report else Operation.EDIT_ACTIONS
    return allowed(ctx, operation, owners_of(action, sub))


def is_required(name: str, *, status: object, parameters: Mapping[str, Any]) -> bool:
    """Whether a field must be filled, by the parameters and the status chosen (R12, R13)."""
    match name:
        case "client" | "nature" | "done_on":
            return True
        case "planned_date":
            return status == Status.PLANNED or bool(value_of(parameters, DATE_REQUIRED))
        case "detail":
            return bool(value_of(parameters, DETAIL_REQUIRED))
        case _:
            return False


def checked_html(field: str, raw: object, *, required: bool) -> str:
    """Sanitised HTML, empty when it says nothing; raises Invalid for `field` when too big, or empty though required."""
    if raw is not None and not isinstance(raw, str):
        raise Invalid({field: say("This text can't be read: type it again.")})
    if problem := richtext.problem(raw or ""):
        raise Invalid({field: problem})
    html = richtext.clean(raw or "")
    if richtext.is_blank(html):
        if required:
            raise Invalid({field: say("This field is required.")})
        return ""
    return html


@dataclass(frozen=True, slots=True)
class CheckedFields:
    """The columns of a sub-action after checking; `detail_html` is None when the detail wasn't sent."""

    columns: dict[str, Any]
    detail_html: str | None


def checked_fields(ctx: Context, file: ClientFile, raw: Raw, *, before: SubAction | None = None) -> CheckedFields:
    """The columns of an open sub-action from what was typed, completed from `before` for the fields not sent.

    Raises Invalid with every problem. Disabled choices pass only where `before` has them. A parameter that requires a
    date or a detail holds a new record, and the field that is sent: an old row that lacks one is still moved,
    reassigned or corrected elsewhere. A planned one needs its date in any case (R12).
    """
    checks, reference = Checks(), ctx.reference
    typed = {**(_as_raw(before) if before else _unasked(ctx, raw)), **raw}
    ids = {name: checks.run(lambda name=name: checked_id(name, typed.get(name))) for name in _ID_FIELDS}  # type: ignore[misc]
    status = checks.run(lambda: _checked_status(typed.get("status")))
    nature = reference.natures.get(ids["nature"] or 0)
    unit_id = checks.run(lambda: _checked_owner(ctx, ids, before, is_unit_sent="org_unit" in raw))
    had = (before.site_id, before.contact_id) if before else (None, None)
    checks.run(lambda: checked_place(file, site_id=ids["site"], contact_id=ids["contact"], kept=had))
    kept = before.nature_id if before else None
    checks.run(lambda: _checked_nature(ids["nature"], typed.get("nature"), nature, kept))
    checks.run(lambda: check_domain(ctx, ids["domain"], unit_id, before))
    checks.run(lambda: _checked_reason(ctx, ids["reason"], ids["nature"], before))
    required = status == Status.PLANNED or _is_held(ctx, "planned_date", raw, before)
    planned = checks.run(
        lambda: (
            typed["planned_date"]
            if before
            and typed["planned_date"] == before.planned_date
            and typed["planned_date"]  # an old date stays valid
            else checked_date("planned_date", typed.get("planned_date"), today=ctx.today, required=required)
        )
    )
    duration = checks.run(lambda: parsed_duration(typed.get("duration")))
    participants = checks.run(lambda: _checked_participants(ctx, typed.get("participants"), before))
    detail = None
    if "detail" in raw or before is None:
        held = _is_held(ctx, "detail", raw, before)
        detail = checks.run(lambda: checked_html("detail", raw.get("detail"), required=held))
    planned_time = checks.run(lambda: checked_time("planned_time", typed.get("planned_time")))
    if planned_time and not planned:
        checks.problems.setdefault("planned_date", say("A time needs a date: choose one, or remove the time."))
    checks.done()
    columns = {
        **{f"{name}_id": ids[name] for name in _ID_FIELDS},
        "org_unit_id": unit_id,
        "status": status,
        "planned_date": planned,
        "planned_time": planned_time,
        "duration_min": duration or (nature.duration_min if nature else None),
        "participant_ids": participants if nature and nature.asks_participants else frozenset(),
    }
    return CheckedFields(columns, detail)


def _is_held(ctx: Context, name: str, raw: Raw, before: SubAction | None) -> bool:
    """Whether the parameters hold a field to being filled: of a new record, or when it is sent."""
    is_asked = before is None or name in raw
    return is_asked and is_required(name, status=None, parameters=ctx.reference.parameters)


def fitting_unit(ctx: Context, sub: SubAction, person_id: int) -> int | None:
    """The unit that a sub-action goes to with a person: the one deduced from him (R8).

    Where that one hasn't its business activity, another unit of the same person that has it, its own first.
    """
    deduced = ctx.reference.deduced_unit_of(person_id)
    others = sorted(ctx.reference.sales_units_of(person_id), key=lambda unit: unit.id != sub.org_unit_id)
    for unit in (deduced, *others):
        if unit is None or sub.domain_id is None:
            break
        if sub.domain_id in {domain.id for domain in ctx.reference.domains_of_unit(unit.id)}:
            return unit.id
    return deduced.id if deduced else None


_ID_FIELDS = ("site", "contact", "domain", "nature", "reason", "assignee", "org_unit")


def _unasked(ctx: Context, raw: Raw) -> dict[str, object]:
    """What a new sub-action gets where nothing was said: it is to plan, and the connected person's (R7, R23)."""
    said_whose = "assignee" in raw or "org_unit" in raw
    return {"status": Status.TO_PLAN} | ({} if said_whose else {"assignee": ctx.person.id})


def _as_raw(sub: SubAction) -> dict[str, object]:
    """A stored sub-action as a form would send it, its detail apart."""
    raw: dict[str, object] = {name: getattr(sub, f"{name}_id") for name in _ID_FIELDS}
    raw |= {"status": sub.status, "planned_date": sub.planned_date, "planned_time": sub.planned_time}
    return raw | {"duration": sub.duration_min, "participants": sub.participant_ids}


def _checked_status(raw: object) -> Status:
    if isinstance(raw, str) and raw in (Status.TO_PLAN, Status.PLANNED):
        return Status(raw)
    raise Invalid(
        {"status": say("Choose between to plan and planned: a report makes it done, a cancellation cancels it.")}
    )


def _checked_owner(
    ctx: Context, ids: Mapping[str, int | None], before: SubAction | None, *, is_unit_sent: bool
) -> int | None:
    """The unit to store; an unchanged assignee and unit stay as they are, whatever became of them since."""
    if before and (ids["assignee"], ids["org_unit"]) == (before.assignee_id, before.org_unit_id):
        return before.org_unit_id
    assignee = ctx.reference.people.get(ids["assignee"] or 0)
    if ids["assignee"] and assignee is None:
        raise Invalid({"assignee": say("Unknown choice: choose one of the list.")})
    # Another assignee without a unit: it is deduced again (R8). With nobody, the action stays in its unit's pool.
    unit_id = ids["org_unit"] if is_unit_sent or assignee is None else None
    reference = ctx.reference
    return checked_unit(
        assignee=assignee,
        org_unit_id=unit_id,
        memberships=reference.memberships,
        units=tuple(reference.units.values()),
    )


def _checked_nature(nature_id: int | None, typed: object, nature: ActionNature | None, kept_id: int | None) -> None:
    if nature is None and (nature_id or typed is not None):
        raise Invalid({"nature": say("Unknown choice: choose one of the list.")})
    checked_choice("nature", nature, kept_id=kept_id)


def check_domain(ctx: Context, domain_id: int | None, unit_id: int | None, before: SubAction | None) -> None:
    """Raises Invalid for `domain` unless it is one of the unit's business activity, enabled or kept (R9)."""
    if domain_id is None or (before and (domain_id, unit_id) == (before.domain_id, before.org_unit_id)):
        return
    domain = next((d for d in ctx.reference.domains_of_unit(unit_id) if d.id == domain_id), None)
    if domain is None:
        raise Invalid({"domain": say("This business activity isn't one of the unit's: choose another one.")})
    checked_choice("domain", domain, kept_id=before.domain_id if before else None)


def _checked_reason(ctx: Context, reason_id: int | None, nature_id: int | None, before: SubAction | None) -> None:
    if reason_id is None or (before and (reason_id, nature_id) == (before.reason_id, before.nature_id)):
        return
    reason = next((r for r in ctx.reference.reasons_of(nature_id) if r.id == reason_id), None)
    if reason is None:
        raise Invalid({"reason": say("This reason isn't one of the action chosen: choose another one.")})
    checked_choice("reason", reason, kept_id=before.reason_id if before else None)


def _checked_participants(ctx: Context, raw: object, before: SubAction | None) -> frozenset[int]:
    found = checked_ids("participants", raw)
    known = before.participant_ids if before else frozenset()
    for person_id in sorted(found - known):
        person = ctx.reference.people.get(person_id)
        if person is None or not person.is_active:
            raise Invalid({"participants": say("A participant is unknown or no longer active: choose from the list.")})
    return found


def default_raw(ctx: Context, *, nature_id: int | None = None) -> dict[str, object]:
    """What a new sub-action starts with: the connected person, his deduced unit, the nature's duration (R7–R10)."""
    unit = ctx.reference.deduced_unit_of(ctx.person.id)
    nature = ctx.reference.natures.get(nature_id or 0)
    return {
        "assignee": ctx.person.id,
        "org_unit": unit.id if unit else None,
        "status": Status.TO_PLAN,
        "nature": nature_id,
        "duration": nature.duration_min if nature else None,
    }
