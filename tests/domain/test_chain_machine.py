"""Any sequence of gestures by several people keeps a chain true: R1, R5, R23, R27, R28, its journal and its search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from lib.db import tables as t
from lib.domain import actions, reports
from lib.domain.chain import Chain, Status, listed_at
from lib.domain.changes import journal_text
from lib.domain.errors import DomainError
from lib.domain.lists import ActionFilter, Tab, list_actions
from lib.domain.richtext import text_of
from tests.builders import PARIS, TODAY, World, a_context, a_key, a_report_raw, an_action_raw, the_chain

OPEN = (Status.TO_PLAN, Status.PLANNED)
WORDS = count()
PEOPLE = st.sampled_from(["admin", "admin", "admin", "manager", "sales", "reader"])
ASSIGNEES = st.sampled_from(["sales", "colleague", "far", "nowhere", None])


@dataclass
class Step:
    """What the test expects of one sub-action."""

    id: int
    seq: int
    status: Status
    word: str


@dataclass
class Expected:
    """What the test expects of one chain."""

    action_id: int
    responsible: int
    steps: list[Step] = field(default_factory=list)
    used: int = 1

    @property
    def status(self) -> Status:
        alive = [step.status for step in self.steps if step.status != Status.CANCELLED]
        return alive[-1] if alive else Status.CANCELLED


class ChainMachine(RuleBasedStateMachine):
    """Several people at the chains of one database; the administrator is refused just when a chain's state says so."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.chains: list[Expected] = []
        self.deleted: list[int] = []

    # ---- gestures

    def whom(self, assignee: str | None) -> dict[str, Any]:
        unit = None if assignee else self.world.field
        return {"assignee": self.world.ids[assignee] if assignee else None, "org_unit": unit}

    def a_word(self) -> str:
        return f"mot{next(WORDS)}z"

    def done(self, who: str, gesture: Callable[[], Any], *, is_possible: bool) -> Any:
        """The gesture's result; None when it was refused, as it must be when it isn't possible."""
        try:
            result = gesture()
        except DomainError:
            assert who != "admin" or not is_possible
            return None
        assert is_possible
        assert who != "reader"
        return result if result is not None else True

    @precondition(lambda self: len(self.chains) < 2)
    @rule(who=PEOPLE, assignee=ASSIGNEES)
    def create(self, who: str, assignee: str | None) -> None:
        ctx, word = a_context(self.world, who), self.a_word()
        raw = an_action_raw(self.world, **self.whom(assignee), detail=f"<p>{word}</p>")
        gesture = partial(actions.create_action, ctx, raw=raw, request_key=a_key())
        if sub := self.done(who, gesture, is_possible=True):
            chain = the_chain(self.world, sub)
            responsible = self.world.ids[assignee or who]
            self.chains.append(Expected(chain.action.id, responsible, [Step(sub, 1, Status.TO_PLAN, word)]))
            self.check(self.chains[-1])

    @precondition(lambda self: self.chains)
    @rule(data=st.data(), who=PEOPLE, name=st.sampled_from(["plan", "unplan", "cancel", "delete", "edit"]))
    def act(self, data: st.DataObject, who: str, name: str) -> None:
        chain = data.draw(st.sampled_from(self.chains))
        step = data.draw(st.sampled_from([*chain.steps[:1], *chain.steps[-1:] * 4]))
        common = {"sub_action_id": step.id, "version": the_chain(self.world, step.id).get(step.id).version}
        getattr(self, f"do_{name}")(data, who, a_context(self.world, who), chain, step, common)
        if chain.steps:
            self.check(chain)

    def do_plan(self, data: Any, who: str, ctx: Any, chain: Expected, step: Step, common: dict[str, int]) -> None:
        day = TODAY + timedelta(days=data.draw(st.integers(-30, 30)))
        gesture = partial(actions.plan, ctx, **common, planned_date=day)
        if self.done(who, gesture, is_possible=step.status == Status.TO_PLAN):
            step.status = Status.PLANNED

    def do_unplan(self, data: Any, who: str, ctx: Any, chain: Expected, step: Step, common: dict[str, int]) -> None:
        if self.done(who, partial(actions.unplan, ctx, **common), is_possible=step.status == Status.PLANNED):
            step.status = Status.TO_PLAN

    def do_cancel(self, data: Any, who: str, ctx: Any, chain: Expected, step: Step, common: dict[str, int]) -> None:
        gesture = partial(actions.cancel, ctx, **common, reason="Plus d'actualité")
        if self.done(who, gesture, is_possible=step.status in OPEN):
            step.status = Status.CANCELLED

    def do_delete(self, data: Any, who: str, ctx: Any, chain: Expected, step: Step, common: dict[str, int]) -> None:
        is_possible = step is chain.steps[-1] and step.status != Status.PLANNED
        if self.done(who, partial(actions.delete_sub_action, ctx, **common), is_possible=is_possible):
            chain.steps.remove(step)
            self.deleted.append(step.id)
            if not chain.steps:
                self.chains.remove(chain)

    def do_edit(self, data: Any, who: str, ctx: Any, chain: Expected, step: Step, common: dict[str, int]) -> None:
        assignee, word = data.draw(ASSIGNEES), self.a_word()
        edits = {**self.whom(assignee), "detail": f"<p>{word}</p>", "duration": data.draw(st.integers(1, 99))}
        if assignee:
            del edits["org_unit"]
        gesture = partial(actions.edit_sub_action, ctx, **common, edits=edits)
        if self.done(who, gesture, is_possible=step.status in OPEN):
            before, step.word = step.word, word
            assert before != word
            if assignee and step is chain.steps[-1] and assignee != self.assignee_before(step):
                chain.responsible = self.world.ids[assignee]

    def assignee_before(self, step: Step) -> str | None:
        """Who had it before the last edit, by the journal; the edited name itself when that didn't change."""
        chain = the_chain(self.world, step.id)
        last = chain.get(step.id)
        changes = self.world.db.read(lambda store: store.changes.since("sub_action", step.id, last.version - 1))
        changed = [c for c in changes if c.field == "assignee_id"]
        by_id = {
            person: name for name, person in self.world.ids.items() if name in ("sales", "colleague", "far", "nowhere")
        }
        if not changed:
            return by_id.get(last.assignee_id or 0)
        return by_id.get(int(changed[0].old)) if changed[0].old != "null" else None

    @precondition(lambda self: self.chains)
    @rule(data=st.data(), who=PEOPLE, follow_up=st.sampled_from(["none", "sub_action", "deal"]), assignee=ASSIGNEES)
    def report(self, data: st.DataObject, who: str, follow_up: str, assignee: str | None) -> None:
        chain = data.draw(st.sampled_from(self.chains))
        step, word = data.draw(st.sampled_from([*chain.steps[:1], *chain.steps[-1:] * 2])), self.a_word()
        raw = a_report_raw(follow_up=follow_up)
        if follow_up == "sub_action":
            raw["next"] = {"nature": self.world.brochure, "detail": f"<p>{word}</p>", **self.whom(assignee)}
        version = the_chain(self.world, step.id).get(step.id).version
        gesture = partial(
            reports.enter_report, a_context(self.world, who), sub_action_id=step.id, version=version, raw=raw,
            request_key=a_key(),
        )  # fmt: skip
        if result := self.done(who, gesture, is_possible=step.status in OPEN):
            step.status = Status.DONE
            if follow_up == "sub_action":
                self.went_on(chain, result, assignee, word)
        self.check(chain)

    @precondition(lambda self: self.chains)
    @rule(data=st.data(), who=PEOPLE, assignee=ASSIGNEES)
    def add_next(self, data: st.DataObject, who: str, assignee: str | None) -> None:
        chain, word = data.draw(st.sampled_from(self.chains)), self.a_word()
        raw = {"nature": self.world.brochure, "detail": f"<p>{word}</p>", **self.whom(assignee)}
        gesture = partial(
            actions.add_next, a_context(self.world, who), action_id=chain.action_id, raw=raw, request_key=a_key()
        )
        if result := self.done(who, gesture, is_possible=chain.steps[-1].status not in OPEN):
            self.went_on(chain, result, assignee, word)
        self.check(chain)

    def went_on(self, chain: Expected, sub: int, assignee: str | None, word: str) -> None:
        chain.used += 1
        chain.steps.append(Step(sub, chain.used, Status.TO_PLAN, word))
        if assignee:
            chain.responsible = self.world.ids[assignee]

    # ---- what stays true

    def check(self, expected: Expected) -> None:
        chain = the_chain(self.world, expected.steps[0].id)
        assert [(s.id, s.seq, s.status) for s in chain.sub_actions] == [
            (s.id, s.seq, s.status) for s in expected.steps
        ]  # R1, R27, R28
        assert chain.action.status == expected.status  # R5
        assert chain.action.responsible_id == expected.responsible  # R23
        assert all(sub.status not in OPEN for sub in chain.sub_actions[:-1])
        self.check_derived_columns(chain)
        self.check_journal(chain)
        self.check_search(expected)

    def check_derived_columns(self, chain: Chain) -> None:
        c = t.sub_action.c
        columns = select(c.id, c.is_open, c.listed_at, c.client_id, c.detail_html, c.detail_text)
        rows = self.world.db.read(
            lambda store: store.connection.execute(columns.where(c.action_id == chain.action.id)).all()  # type: ignore[attr-defined]
        )
        for row in rows:
            sub = chain.get(row.id)
            assert (row.is_open, row.listed_at) == (sub.status in OPEN, listed_at(sub, PARIS))
            assert (row.client_id, row.detail_text) == (chain.action.client_id, text_of(row.detail_html))

    def check_journal(self, chain: Chain) -> None:
        for sub in chain.sub_actions:
            changes = self.world.db.read(lambda store, sub=sub: store.changes.since("sub_action", sub.id, 0))
            assert [c.field for c in changes if c.version == 1] == [""]
            assert {c.version for c in changes} == set(range(1, sub.version + 1))
            newest = {c.field: c.new for c in changes if c.field in actions.JOURNALLED}
            assert newest == {name: journal_text(getattr(sub, name)) for name in newest}
        for gone in self.deleted:
            last = self.world.db.read(lambda store, gone=gone: store.changes.since("sub_action", gone, 0))
            assert any((c.operation, c.field, c.new) == ("delete", "", "null") for c in last)

    def check_search(self, expected: Expected) -> None:
        ctx = a_context(self.world, "admin")
        for step in expected.steps[-2:]:
            found = list_actions(ctx, chosen=ActionFilter(tab=Tab.ALL, text=step.word)).rows
            assert [row.sub.id for row in found] == [step.id]


def test_any_sequence_of_gestures_keeps_the_chain_true(world: World) -> None:
    run_state_machine_as_test(
        lambda: ChainMachine(world),
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
