"""What the mailbox brings: how far it was read, what couldn't be kept, where a message belongs, what waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    String,
    Text,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from lib.db import tables as t
from lib.db.exchanges import EXCHANGE_ROWS, exchange_row_of
from lib.domain.exchanges import ExchangeRow
from lib.domain.holders import Entity
from lib.domain.inbox import InboxScope
from lib.domain.incoming import Known, MailboxState
from lib.domain.sentences import Sentence, kept_sentence, told_sentence

_E, _M, _N = t.exchange.c, t.mailbox.c, t.message_not_kept.c
RETRY_AFTER = timedelta(hours=1)
MAX_RETRIED = 100
"""Messages that went wrong and are tried again in one round."""

_IS_KNOWN = select(_E.id).where(_E.message_id == bindparam("message_id", type_=String))
_ACTION = [t.action.c.id, t.action.c.client_id, t.action.c.responsible_id]
_THREAD = (
    select(_E.message_id, _E.person_id, *_ACTION)
    .join(t.action, t.action.c.id == _E.action_id)
    .where(_E.message_id.in_(bindparam("message_ids", expanding=True, type_=String)))
)
_NUMBERED = (
    select(*_ACTION)
    .where(t.action.c.number.in_(bindparam("numbers", expanding=True, type_=Integer)))
    .order_by(t.action.c.number)
)
_CONTACTS_AT = (
    select(t.contact.c.id, t.contact.c.client_id)
    .where(t.contact.c.email == bindparam("email", type_=String))
    .order_by(t.contact.c.is_active.desc(), t.contact.c.id)
    .limit(50)
)
_EMAIL: Any = bindparam("email", type_=String)
_IN_CC: Any = bindparam("in_cc", type_=Text)
# Whoever wrote, was written to, or stood in copy, in a message whose sender was known.
_TAKES_PART = select(_E.id).where(
    _E.action_id == bindparam("action_id", type_=Integer),
    ~_E.is_sender_unknown,
    or_(
        and_(_E.correspondent_email == _EMAIL, ~_E.is_automatic),
        (", " + _E.cc + ", ").like(_IN_CC, escape="/"),
    ),
).limit(1)  # fmt: skip
_IS_OURS = select(t.person.c.id).where(func.lower(t.person.c.email) == _EMAIL, t.person.c.is_active).limit(1)

# ---- what waits to be attached
_PEOPLE: Any = bindparam("person_ids", expanding=True, type_=Integer)
_UNITS: Any = bindparam("unit_ids", expanding=True, type_=Integer)
_C, _S = t.client.c, t.sub_action.c
_TO_ATTACH = t.TO_ATTACH & (_E.is_set_aside == bindparam("is_set_aside"))
_ITS = t.client.alias("its_client").c
_MANAGED = select(_ITS.id).where(
    _ITS.id == _E.client_id, or_(_ITS.account_manager_id.is_(None), _ITS.account_manager_id.in_(_PEOPLE))
)
_WORKED_ON = select(_S.id).where(
    _S.client_id == _E.client_id, _S.is_open, or_(_S.assignee_id.in_(_PEOPLE), _S.org_unit_id.in_(_UNITS))
)
_THEIRS = or_(
    _E.client_id.is_(None), _MANAGED.correlate(t.exchange).exists(), _WORKED_ON.correlate(t.exchange).exists()
)
_ROWS = (
    EXCHANGE_ROWS.add_columns(func.coalesce(_C.name, "").label("client_name"))
    .outerjoin(t.client, _C.id == _E.client_id)
    .where(_TO_ATTACH)
)
_COUNT = select(_E.id).where(_TO_ATTACH)
_THIS = bindparam("exchange_id", type_=Integer)


class SqlIncoming:
    """Fulfils `lib.domain.store.Incoming`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    # ---- the mailbox

    def begun(self, name: str, uid_validity: int) -> int:
        """The last number that was read; 0 the first time, and when the server numbered its messages anew."""
        self._insert(name)
        row = self.connection.execute(select(t.mailbox).where(_M.name == name).with_for_update()).one()
        if row.uid_validity == uid_validity:
            return int(row.last_uid)
        values = {"uid_validity": uid_validity, "last_uid": 0}
        self.connection.execute(update(t.mailbox).where(_M.name == name).values(**values))
        self.connection.execute(delete(t.message_not_kept).where(_N.mailbox_name == name))
        return 0

    def _insert(self, name: str) -> None:
        """A row for a mailbox that was never read; two who begin at once both find it."""
        dialect_insert = sqlite.insert if self.connection.dialect.name == "sqlite" else postgresql.insert
        new = dialect_insert(t.mailbox).values(name=name, uid_validity=0, last_uid=0)
        self.connection.execute(new.on_conflict_do_nothing())

    def read_up_to(self, name: str, uid: int) -> None:
        """Note that a message was dealt with; whoever reads the same mailbox at the same moment waits here."""
        last = case((_M.last_uid < uid, uid), else_=_M.last_uid)
        self.connection.execute(update(t.mailbox).where(_M.name == name).values(last_uid=last))
        self.connection.execute(delete(t.message_not_kept).where(_N.mailbox_name == name, _N.uid == uid))

    def stopped(self, name: str, *, at: datetime, problem: Sentence | None) -> None:
        """Note the end of a round: when the mailbox was read, or why it couldn't be."""
        values: dict[str, Any] = {"last_error": kept_sentence(problem)} | ({} if problem else {"read_at": at})
        self._insert(name)
        self.connection.execute(update(t.mailbox).where(_M.name == name).values(**values))

    def state(self, name: str) -> MailboxState:
        """When the mailbox was read last, what goes wrong with it, and how many of its messages couldn't be kept."""
        row = self.connection.execute(select(_M.read_at, _M.last_error).where(_M.name == name)).one_or_none()
        left = select(func.count()).select_from(t.message_not_kept).where(_N.mailbox_name == name)
        count = self.connection.scalar(left) or 0
        return MailboxState(row.read_at, told_sentence(row.last_error), count) if row else MailboxState()

    def not_kept(self, name: str, *, due_at: datetime | None) -> list[int]:
        """The numbers of the messages that went wrong, those only whose turn has come again when `due_at` is given."""
        query = select(_N.uid).where(_N.mailbox_name == name).order_by(_N.uid)
        if due_at is not None:
            query = query.where(_N.tried_at <= due_at - RETRY_AFTER).limit(MAX_RETRIED)
        return list(self.connection.scalars(query))

    def set_not_kept(self, name: str, uid: int, *, at: datetime, error: str) -> None:
        """Note that a message went wrong, and go on behind it."""
        mine = (_N.mailbox_name == name) & (_N.uid == uid)
        values = {"tried_at": at, "last_error": error}
        tried = self.connection.scalar(select(_N.tries).where(mine)) or 0
        self.read_up_to(name, uid)
        self.connection.execute(
            insert(t.message_not_kept).values(mailbox_name=name, uid=uid, tries=tried + 1, **values)
        )

    # ---- where a message belongs

    def is_known(self, message_id: str) -> bool:
        return self.connection.execute(_IS_KNOWN, {"message_id": message_id}).first() is not None

    def thread_of(self, message_ids: Sequence[str]) -> Known | None:
        """The action of the first of these messages that is on one."""
        wanted = [each for each in message_ids if each]
        if not wanted:
            return None
        found = {row.message_id: row for row in self.connection.execute(_THREAD, {"message_ids": wanted})}
        row = next((found[each] for each in wanted if each in found), None)
        return Known(row.id, row.client_id, row.person_id or row.responsible_id) if row else None

    def numbered(self, numbers: Sequence[int]) -> list[Known]:
        """The actions that have these numbers."""
        if not numbers:
            return []
        return [Known(*row) for row in self.connection.execute(_NUMBERED, {"numbers": sorted(set(numbers))})]

    def contacts_at(self, email: str) -> list[tuple[int, int]]:
        """Contacts that have this address, with their clients; those who are still there first."""
        return [(row.id, row.client_id) for row in self.connection.execute(_CONTACTS_AT, {"email": email})]

    def takes_part(self, action_id: int, email: str) -> bool:
        """Whether this address wrote, was written to or stood in copy, in a message of the action; or is one of us."""
        literal = email.replace("/", "//").replace("%", "/%").replace("_", "/_")
        values = {"action_id": action_id, "email": email, "in_cc": f"%, {literal}, %"}
        found = self.connection.execute(_TAKES_PART, values).first() if email else None
        return found is not None or self.connection.execute(_IS_OURS, {"email": email}).first() is not None

    # ---- keeping it

    def add(self, values: Mapping[str, Any]) -> int:
        """A new row; its remarks one a line."""
        remarks = "\n".join(kept_sentence(each) for each in values["remarks"])
        added = insert(t.exchange).values(**{**values, "remarks": remarks}).returning(_E.id)
        return self.connection.execute(added).scalar_one()

    def set_texts(self, exchange_id: int, *, body_html: str, quoted_html: str) -> None:
        values = {"body_html": body_html, "quoted_html": quoted_html}
        self.connection.execute(update(t.exchange).where(_E.id == exchange_id).values(**values))

    def set_undelivered(self, exchange_id: int, reason: Sentence) -> None:
        """Why a message that had left came back, where sending it again looks for it."""
        self.connection.execute(delete(t.outbox).where(t.outbox.c.exchange_id == exchange_id))
        values = {"exchange_id": exchange_id, "tries": 1, "last_error": kept_sentence(reason)}
        self.connection.execute(insert(t.outbox).values(**values))

    # ---- what waits to be attached

    def to_attach(
        self, within: InboxScope | None, *, is_set_aside: bool, limit: int, skip: int
    ) -> list[tuple[ExchangeRow, str]]:
        """Received messages without an action, newest first, each with its client's name."""
        query, values = _within(_ROWS, within, is_set_aside)
        query = query.order_by(_E.at.desc(), _E.id.desc()).limit(limit).offset(skip)
        return [(exchange_row_of(row), row.client_name) for row in self.connection.execute(query, values)]

    def count_to_attach(self, within: InboxScope | None, *, is_set_aside: bool, counted: int) -> int:
        """How many there are, counted up to `counted`."""
        query, values = _within(_COUNT, within, is_set_aside)
        return self.connection.scalar(select(func.count()).select_from(query.limit(counted).subquery()), values) or 0

    def is_to_attach(self, exchange_id: int, within: InboxScope | None) -> bool:
        """Whether a message waits to be attached, set aside or not, by one of these people."""
        query = select(_E.id).where(t.TO_ATTACH, _E.id == _THIS)
        values: dict[str, Any] = {"exchange_id": exchange_id}
        if within is not None:
            query, values = query.where(_THEIRS), values | _in_charge(within)
        return self.connection.execute(query, values).first() is not None

    def set_client_of_documents(self, exchange_id: int, client_id: int | None) -> None:
        """What came with a message is its client's."""
        link = t.document_link.c
        its = select(link.document_id).where(link.entity == Entity.EXCHANGE.value, link.entity_id == exchange_id)
        self.connection.execute(update(t.document).where(t.document.c.id.in_(its)).values(client_id=client_id))


def _in_charge(within: InboxScope) -> dict[str, Any]:
    return {"person_ids": sorted(within.person_ids), "unit_ids": sorted(within.unit_ids)}


def _within(query: Any, within: InboxScope | None, is_set_aside: bool) -> tuple[Any, dict[str, Any]]:
    """The query within what some people are in charge of; None keeps all."""
    values: dict[str, Any] = {"is_set_aside": is_set_aside}
    return (query, values) if within is None else (query.where(_THEIRS), values | _in_charge(within))
