"""One client at a glance, in one statement: what was last done, what comes next, and how much hangs on it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, String, bindparam, func, literal_column, select

from lib.db import tables as t
from lib.db.actions import ACTION_COLUMNS, SUB_ACTION_COLUMNS, action_of, sub_action_of
from lib.domain.chain import Action, Status, SubAction
from lib.domain.client_sheet import Overview
from lib.domain.clients import Client

_C, _SUB, _X = t.client.c, t.sub_action.c, t.exchange.c
_THIS = bindparam("client_id", type_=Integer)
_TEXTS = ("detail_text", "report_text")
_WAS_CONTACT = ("recorded", "received", "sent")
"""The states of a message that reached somebody."""
_NEXT, _LAST = t.sub_action.alias("next"), t.sub_action.alias("last")
_NEXT_ACTION, _LAST_ACTION = t.action.alias("next_action"), t.action.alias("last_action")
_MESSAGE = t.exchange.alias("message")
_CLIENT_END = len(fields(Client))
_SUB_CHARS, _ACTION_CHARS = len(SUB_ACTION_COLUMNS), len(ACTION_COLUMNS)


def _sub_columns(alias: Any, action: Any) -> list[ColumnElement[Any]]:
    """The columns of a sub-action, its texts left out, then those of its action."""
    empty: ColumnElement[Any] = literal_column("''", String)
    names = [f.name for f in fields(SubAction) if f.name != "participant_ids"]
    mine = [empty.label(name) if name in _TEXTS else alias.c[name] for name in names]
    return [*mine, *(action.c[f.name] for f in fields(Action))]


def _count(table: Any) -> Any:
    return select(func.count()).select_from(table).where(table.c.client_id == _THIS).scalar_subquery()


_first_open = select(_SUB.id).where(_SUB.client_id == _THIS, _SUB.is_open).order_by(_SUB.listed_at, _SUB.id).limit(1)
_last_done = (
    select(_SUB.id)
    .where(_SUB.client_id == _THIS, ~_SUB.is_open, _SUB.status == Status.DONE)
    .order_by(_SUB.listed_at.desc(), _SUB.id.desc())
    .limit(1)
)
_last_message = (
    select(_X.id).where(_X.client_id == _THIS, _X.state.in_(_WAS_CONTACT)).order_by(_X.at.desc(), _X.id.desc()).limit(1)
)
_OVERVIEW: Any = (
    select(
        *(_C[f.name] for f in fields(Client)),
        _count(t.deal),
        _count(t.service_report),
        _MESSAGE.c.at,
        _MESSAGE.c.direction,
        *_sub_columns(_NEXT, _NEXT_ACTION),
        *_sub_columns(_LAST, _LAST_ACTION),
    )
    .select_from(t.client)
    .outerjoin(_NEXT, _NEXT.c.id == _first_open.scalar_subquery())
    .outerjoin(_NEXT_ACTION, _NEXT_ACTION.c.id == _NEXT.c.action_id)
    .outerjoin(_LAST, _LAST.c.id == _last_done.scalar_subquery())
    .outerjoin(_LAST_ACTION, _LAST_ACTION.c.id == _LAST.c.action_id)
    .outerjoin(_MESSAGE, _MESSAGE.c.id == _last_message.scalar_subquery())
    .where(_C.id == _THIS)
)


def overview_of(connection: Connection, client_id: int) -> Overview | None:
    """A client at a glance, whoever may see its actions; None when there is none."""
    row = connection.execute(_OVERVIEW, {"client_id": client_id}).one_or_none()
    if row is None:
        return None
    deals, reports, message_at, direction = row[_CLIENT_END : _CLIENT_END + 4]
    start, width = _CLIENT_END + 4, _SUB_CHARS + _ACTION_CHARS
    following, last = _pair(row[start : start + width]), _pair(row[start + width :])
    message = (message_at, direction) if message_at else None
    return Overview(Client(*row[:_CLIENT_END]), deals, reports, message, last, following)


def _pair(row: Any) -> tuple[Action, SubAction] | None:
    return (action_of(row[_SUB_CHARS:]), sub_action_of(row[:_SUB_CHARS])) if row[0] is not None else None
