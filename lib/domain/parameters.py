"""The switches that change the rules: one table, read by the screen and by the rules, changed by one use case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from lib.domain.changes import record_change
from lib.domain.context import Context, command, query
from lib.domain.errors import Conflict, FieldConflict, Invalid, NotFound
from lib.domain.public_holidays import HolidayRegion
from lib.domain.rights import Operation, require
from lib.domain.sentences import Sentence, say, say_many


class Prefill(StrEnum):
    """What fills the date and time done of a new report (R22)."""

    TODAY = "today"
    PLANNED = "planned"
    NONE = "none"


Value = bool | StrEnum


@dataclass(frozen=True, slots=True)
class Parameter:
    """One switch: its key is the seed's own, `default` gives its type, `choices` the labels of an enumeration."""

    key: str
    label: Sentence
    help: Sentence
    default: Value
    choices: Mapping[StrEnum, Sentence] | None = None
    touches: Callable[[int], Sentence] | None = None
    """The sentence on the open sub-actions that the change concerns, from their number."""


DATE_REQUIRED = Parameter(
    key="ACTION_DATE_OBLIGATOIRE",
    label=say("Planned date required"),
    help=say("When on, no action is created without a planned date; older ones that lack it stay as they are."),
    default=False,
    touches=lambda count: say_many(
        "{count} action to plan has no date.", "{count} actions to plan have no date.", count=count
    ),
)
DETAIL_REQUIRED = Parameter(
    key="DETAIL_ACTION_COMMERCIAL_OBLIGATOIRE",
    label=say("Detail required"),
    help=say("When on, no action is created without its detail; older ones that lack it stay as they are."),
    default=True,
    touches=lambda count: say_many(
        "{count} open action has no detail.", "{count} open actions have no detail.", count=count
    ),
)
REPORT_PREFILL = Parameter(
    key="PREREMPLIR_HEURE_REALISATION_ACTION_COMMERCIALE",
    label=say("Prefill the date and time done"),
    help=say("What fills the date and time when a report is opened."),
    default=Prefill.TODAY,
    choices={
        Prefill.TODAY: say("With today's date"),
        Prefill.PLANNED: say("With the planned date"),
        Prefill.NONE: say("Don't prefill"),
    },
)
HOLIDAY_REGION = Parameter(
    key="REGION_JOURS_FERIES",
    label=say("Region of the public holidays"),
    help=say("Which days nobody works, in the plannings and in the workload."),
    default=HolidayRegion.MAINLAND,
    choices={
        HolidayRegion.MAINLAND: say("Mainland France"),
        HolidayRegion.ALSACE: say("Alsace"),
        HolidayRegion.MOSELLE: say("Moselle"),
        HolidayRegion.GUADELOUPE: say("Guadeloupe"),
        HolidayRegion.MARTINIQUE: say("Martinique"),
        HolidayRegion.GUYANE: say("French Guiana"),
        HolidayRegion.REUNION: say("Reunion"),
        HolidayRegion.MAYOTTE: say("Mayotte"),
    },
)
PARAMETERS: Mapping[str, Parameter] = {
    p.key: p for p in (DATE_REQUIRED, DETAIL_REQUIRED, REPORT_PREFILL, HOLIDAY_REGION)
}


@dataclass(frozen=True, slots=True)
class ParameterState:
    """A parameter's current value, and who set it when (nobody yet: the default)."""

    parameter: Parameter
    value: Value
    version: int = 0
    changed_by_id: int | None = None
    changed_at: datetime | None = None


def value_of(values: Mapping[str, Any], parameter: Parameter) -> Value:
    """The stored value of a parameter, else its default."""
    return values.get(parameter.key, parameter.default)


def parsed_value(parameter: Parameter, raw: object) -> Value:
    """`raw` in the parameter's type; raises Invalid for the field `value` (a browser can send anything)."""
    if isinstance(parameter.default, bool):
        if isinstance(raw, bool):
            return raw
    elif isinstance(raw, str) and raw in set(type(parameter.default)):
        return type(parameter.default)(raw)
    raise Invalid({"value": say("Unknown value for this parameter: choose one of the list.")})


@query
def parameter_states(ctx: Context) -> list[ParameterState]:
    """Every parameter with its current value, in the table's order."""
    require(ctx, Operation.EDIT_PARAMETERS)
    stored = ctx.store.parameters.states()
    return [
        stored.get(parameter.key, ParameterState(parameter, parameter.default)) for parameter in PARAMETERS.values()
    ]


@query
def touched_by(ctx: Context, *, key: str) -> int:
    """How many open sub-actions switching this parameter on would concern: those without date, or without detail."""
    require(ctx, Operation.EDIT_PARAMETERS)
    if key == DATE_REQUIRED.key:
        return ctx.store.parameters.count_without_date()
    return ctx.store.parameters.count_without_detail() if key == DETAIL_REQUIRED.key else 0


@command
def change_parameter(ctx: Context, *, key: str, value: object, version: int) -> None:
    """Set a parameter for everybody, from the next click on; `version` is the one shown to the person."""
    require(ctx, Operation.EDIT_PARAMETERS)
    parameter = PARAMETERS.get(key)
    if parameter is None:
        raise NotFound
    new = parsed_value(parameter, value)
    state = ctx.store.parameters.states().get(key, ParameterState(parameter, parameter.default))
    if state.value == new:
        return
    if not ctx.store.parameters.save(key, new, version=version, by=ctx.person.id, at=ctx.now):
        raise Conflict(
            by=ctx.reference.people.get(state.changed_by_id or 0),
            at=state.changed_at,
            changes=[FieldConflict("value", None, state.value, new)],
        )
    record_change(ctx, "change_parameter", entity="parameter", key=key, fields={"value": (state.value, new)})
