"""Actions and sub-actions: whole chains read, single rows written by version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, delete, func, insert, select, update

from lib.db import tables as t
from lib.db.counters import next_value
from lib.db.documents import COUNT_OF_ACTION
from lib.db.search import forget_sub_actions, index_sub_actions
from lib.domain.chain import EXCERPT, Action, Chain, FollowUp, Status, SubAction

_EXCERPTS = ("detail_text", "report_text")
SUB_ACTION_COLUMNS = [
    func.substr(t.sub_action.c[f.name], 1, EXCERPT).label(f.name) if f.name in _EXCERPTS else t.sub_action.c[f.name]
    for f in fields(SubAction)
    if f.name != "participant_ids"
]
ACTION_COLUMNS = [t.action.c[f.name] for f in fields(Action)]


_SUB_NAMES = [column.name for column in SUB_ACTION_COLUMNS]
_ACTION_NAMES = [column.name for column in ACTION_COLUMNS]


def sub_action_of(row: Sequence[Any]) -> SubAction:
    """A sub-action from the values of SUB_ACTION_COLUMNS; texts are cut to their beginnings."""
    values = dict(zip(_SUB_NAMES, row, strict=True))
    values["status"] = Status(values["status"])
    values["follow_up"] = FollowUp(values["follow_up"]) if values["follow_up"] else None
    return SubAction(**values)


def action_of(row: Sequence[Any]) -> Action:
    """An action from the values of ACTION_COLUMNS."""
    values = dict(zip(_ACTION_NAMES, row, strict=True))
    values["status"] = Status(values["status"])
    return Action(**values)


# Built once: building a statement costs more than running it.
_THIS, _THIS_SUB = bindparam("action_id", type_=Integer), bindparam("sub_action_id", type_=Integer)
_ACTION = select(*ACTION_COLUMNS).where(t.action.c.id == _THIS)
_LOCKED_ACTION = _ACTION.with_for_update()
_SUB_ACTIONS = select(*SUB_ACTION_COLUMNS).where(t.sub_action.c.action_id == _THIS).order_by(t.sub_action.c.seq)
_PARTICIPANTS = (
    select(t.sub_action_participant.c.sub_action_id, t.sub_action_participant.c.person_id)
    .join(t.sub_action, t.sub_action.c.id == t.sub_action_participant.c.sub_action_id)
    .where(t.sub_action.c.action_id == _THIS)
)
_SEVERAL: Any = bindparam("ids", expanding=True, type_=Integer)
_ACTIONS = select(*ACTION_COLUMNS).where(t.action.c.id.in_(_SEVERAL)).order_by(t.action.c.id).with_for_update()
_THEIR_SUB_ACTIONS = (
    select(*SUB_ACTION_COLUMNS)
    .where(t.sub_action.c.action_id.in_(_SEVERAL))
    .order_by(t.sub_action.c.action_id, t.sub_action.c.seq)
)
_THEIR_PARTICIPANTS = (
    select(t.sub_action_participant.c.sub_action_id, t.sub_action_participant.c.person_id)
    .join(t.sub_action, t.sub_action.c.id == t.sub_action_participant.c.sub_action_id)
    .where(t.sub_action.c.action_id.in_(_SEVERAL))
)
_ACTION_IDS = select(t.sub_action.c.id, t.sub_action.c.action_id).where(t.sub_action.c.id.in_(_SEVERAL))
_ACTION_ID = select(t.sub_action.c.action_id).where(t.sub_action.c.id == _THIS_SUB)
_TEXTS = select(t.sub_action.c.detail_html, t.sub_action.c.report_html).where(t.sub_action.c.id == _THIS_SUB)
_TEXTS_AND_DOCUMENTS = _TEXTS.add_columns(COUNT_OF_ACTION.scalar_subquery())

# Their columns are those of the values they are run with.
_MINE, _THIS_VERSION = bindparam("this_id", type_=Integer), bindparam("this_version", type_=Integer)
_ADD_ACTION = insert(t.action).returning(t.action.c.id)
_ADD_SUB_ACTION = insert(t.sub_action).returning(t.sub_action.c.id)
_CHANGE_ACTION = update(t.action).where(t.action.c.id == _MINE)
_CHANGE_SUB_ACTION = update(t.sub_action).where(t.sub_action.c.id == _MINE, t.sub_action.c.version == _THIS_VERSION)
_NEXT_SEQ = _CHANGE_ACTION.values(next_seq=t.action.c.next_seq + 1).returning(t.action.c.next_seq)


def _by_columns(rows: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Rows with the same columns together, in their order: what one statement can write."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(tuple(row), []).append(row)
    return list(found.values())


class SqlActions:
    """Fulfils `lib.domain.store.Actions`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def chain(self, action_id: int, *, for_update: bool = False) -> Chain | None:
        """A chain; `for_update` makes other writers of it wait (on SQLite the whole write transaction already does)."""
        mine = {"action_id": action_id}
        row = self.connection.execute(_LOCKED_ACTION if for_update else _ACTION, mine).one_or_none()
        if row is None:
            return None
        return Chain(action_of(row), tuple(self._sub_actions(_SUB_ACTIONS, _PARTICIPANTS, mine)))

    def locked_chains(self, action_ids: Collection[int]) -> dict[int, Chain]:
        """Several chains, other writers of them waiting: locked in the order of their ids, or two could wait for ever.

        Three statements, whatever their number; at most some thousands.
        """
        mine = {"ids": sorted(action_ids)}
        actions = [action_of(row) for row in self.connection.execute(_ACTIONS, mine)]
        subs: defaultdict[int, list[SubAction]] = defaultdict(list)
        for sub in self._sub_actions(_THEIR_SUB_ACTIONS, _THEIR_PARTICIPANTS, mine):
            subs[sub.action_id].append(sub)
        return {action.id: Chain(action, tuple(subs[action.id])) for action in actions}

    def _sub_actions(self, of: Any, participants_of: Any, values: Mapping[str, Any]) -> list[SubAction]:
        found = [sub_action_of(sub) for sub in self.connection.execute(of, values)]
        people: defaultdict[int, frozenset[int]] = defaultdict(frozenset)
        for sub_action_id, person_id in self.connection.execute(participants_of, values):
            people[sub_action_id] |= {person_id}
        return [replace(sub, participant_ids=people[sub.id]) if sub.id in people else sub for sub in found]

    def action_ids_of(self, sub_action_ids: Collection[int]) -> dict[int, int]:
        found = self.connection.execute(_ACTION_IDS, {"ids": list(sub_action_ids)})
        return {row.id: row.action_id for row in found}

    def action_id_of(self, sub_action_id: int) -> int | None:
        return self.connection.scalar(_ACTION_ID, {"sub_action_id": sub_action_id})

    def texts(self, sub_action_id: int) -> tuple[str, str]:
        """The detail and the report, whole, as stored."""
        detail, report = self.connection.execute(_TEXTS, {"sub_action_id": sub_action_id}).one()
        return detail, report

    def texts_and_documents(self, sub_action_id: int, action_id: int) -> tuple[str, str, int]:
        """The same texts, and how many documents their action has, its messages' included: in one statement."""
        mine = {"sub_action_id": sub_action_id, "entity_id": action_id}
        detail, report, documents = self.connection.execute(_TEXTS_AND_DOCUMENTS, mine).one()
        return detail, report, documents

    def next_number(self) -> int:
        return next_value(self.connection, "action")

    def next_seq(self, action_id: int) -> int:
        """The next number of a chain, counted on its action's row: never given twice, nor again after a deletion."""
        return self.connection.execute(_NEXT_SEQ, {"this_id": action_id}).scalar_one() - 1

    def add(self, values: Mapping[str, Any]) -> int:
        return self.connection.execute(_ADD_ACTION, dict(values)).scalar_one()

    def add_sub_action(self, values: Mapping[str, Any]) -> int:
        columns = {name: value for name, value in values.items() if name != "participant_ids"}
        sub_id = self.connection.execute(_ADD_SUB_ACTION, columns).scalar_one()
        self._set_participants(sub_id, values["participant_ids"])
        index_sub_actions(self.connection, [sub_id])
        return sub_id

    def update(self, action_id: int, values: Mapping[str, Any]) -> None:
        self.update_several([(action_id, values)])

    def update_several(self, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
        for same in _by_columns([{**values, "this_id": action_id} for action_id, values in rows]):
            self.connection.execute(_CHANGE_ACTION, same)

    def update_sub_action(self, sub_action_id: int, *, version: int, values: Mapping[str, Any]) -> bool:
        """Whether the row still had `version`, and so was written."""
        return self.update_sub_actions([(sub_action_id, version, values)])

    def update_sub_actions(self, rows: Sequence[tuple[int, int, Mapping[str, Any]]]) -> bool:
        """Whether every row still had its version, and so was written; rows of the same columns take one statement."""
        each = [
            {**{name: value for name, value in values.items() if name != "participant_ids"},
             "version": version + 1, "this_id": sub_action_id, "this_version": version}
            for sub_action_id, version, values in rows
        ]  # fmt: skip
        for same in _by_columns(each):
            if self.connection.execute(_CHANGE_SUB_ACTION, same).rowcount != len(same):
                return False
        for sub_action_id, _version, values in rows:
            if "participant_ids" in values:
                self._set_participants(sub_action_id, values["participant_ids"])
        index_sub_actions(self.connection, [row[0] for row in rows])
        return True

    def _set_participants(self, sub_action_id: int, person_ids: frozenset[int]) -> None:
        link = t.sub_action_participant
        self.connection.execute(delete(link).where(link.c.sub_action_id == sub_action_id))
        if person_ids:
            rows = [{"sub_action_id": sub_action_id, "person_id": person_id} for person_id in sorted(person_ids)]
            self.connection.execute(insert(link), rows)

    def delete_sub_action(self, sub_action_id: int, *, version: int) -> bool:
        """Whether the row still had `version`, and so was deleted."""
        mine = (t.sub_action.c.id == sub_action_id) & (t.sub_action.c.version == version)
        if self.connection.execute(delete(t.sub_action).where(mine)).rowcount != 1:
            return False
        forget_sub_actions(self.connection, [sub_action_id])
        return True

    def delete(self, action_id: int) -> None:
        self.connection.execute(delete(t.action).where(t.action.c.id == action_id))
