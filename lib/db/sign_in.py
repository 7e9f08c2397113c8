"""Credentials, sessions and attempts to sign in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, delete, func, insert, or_, select, update

from lib.db.tables import credential, person, sign_in_attempt, sign_in_session
from lib.domain.sign_in import Credential, Failures, SignInSession

_CREDENTIAL = select(
    credential.c.person_id,
    person.c.name,
    person.c.email,
    person.c.is_active,
    credential.c.password_hash,
    credential.c.must_change,
    credential.c.changed_at,
).join_from(credential, person)

_SESSION = (
    select(
        sign_in_session.c.token_hash,
        sign_in_session.c.person_id,
        sign_in_session.c.created_at,
        sign_in_session.c.last_seen_at,
        sign_in_session.c.user_agent,
        person.c.is_active,
        func.coalesce(credential.c.must_change, False).label("must_change"),
        person.c.language,
        person.c.email,
    )
    .join_from(sign_in_session, person)
    .outerjoin(credential, credential.c.person_id == person.c.id)
)


class SqlSignIns:
    """Fulfils `lib.domain.store.SignIns` within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def credential_of(self, account: str) -> Credential | None:
        return self._credential(person.c.email == account)

    def credential(self, person_id: int) -> Credential | None:
        return self._credential(credential.c.person_id == person_id)

    def _credential(self, condition: ColumnElement[bool]) -> Credential | None:
        row = self._connection.execute(_CREDENTIAL.where(condition)).one_or_none()
        return Credential(*row) if row else None

    def set_password(self, person_id: int, password_hash: str, *, must_change: bool, at: datetime) -> None:
        values = {"password_hash": password_hash, "must_change": must_change, "changed_at": at}
        changed = self._connection.execute(
            update(credential).where(credential.c.person_id == person_id).values(**values)
        )
        if changed.rowcount == 0:
            self._connection.execute(insert(credential).values(person_id=person_id, **values))

    def add_session(self, session: SignInSession) -> None:
        self._connection.execute(
            insert(sign_in_session).values(
                token_hash=session.token_hash,
                person_id=session.person_id,
                created_at=session.created_at,
                last_seen_at=session.last_seen_at,
                user_agent=session.user_agent,
            )
        )

    def session(self, token_hash: str) -> SignInSession | None:
        row = self._connection.execute(_SESSION.where(sign_in_session.c.token_hash == token_hash)).one_or_none()
        return SignInSession(*row) if row else None

    def touch(self, token_hash: str, at: datetime) -> None:
        self._connection.execute(
            update(sign_in_session).where(sign_in_session.c.token_hash == token_hash).values(last_seen_at=at)
        )

    def delete_session(self, token_hash: str) -> None:
        self._connection.execute(delete(sign_in_session).where(sign_in_session.c.token_hash == token_hash))

    def delete_sessions_of(self, person_id: int) -> None:
        self._connection.execute(delete(sign_in_session).where(sign_in_session.c.person_id == person_id))

    def lock_attempts(self) -> None:
        """Let one attempt at a time be counted; SQLite's write transactions are alone anyway."""
        if self._connection.dialect.name == "postgresql":
            self._connection.exec_driver_sql("LOCK TABLE sign_in_attempt IN SHARE ROW EXCLUSIVE MODE")

    def add_attempt(self, account: str, address: str, at: datetime) -> None:
        self._connection.execute(insert(sign_in_attempt).values(account=account, address=address, at=at))

    def failures(self, *, account: str, address: str, since: datetime) -> tuple[Failures, Failures]:
        """Those of the account, whatever the address, and those of the address, whatever the account."""
        at = sign_in_attempt.c.at
        is_account, is_address = sign_in_attempt.c.account == account, sign_in_attempt.c.address == address
        columns: list[ColumnElement[Any]] = []
        for condition in (is_account, is_address):
            columns += [func.count(case((condition, 1))), func.max(case((condition, at)))]
        row: Any = self._connection.execute(select(*columns).where(or_(is_account, is_address), at >= since)).one()
        return Failures(row[0], row[1]), Failures(row[2], row[3])

    def forget_attempts(self, account: str) -> None:
        self._connection.execute(delete(sign_in_attempt).where(sign_in_attempt.c.account == account))

    def purge(self, *, attempts_before: datetime, idle_before: datetime, created_before: datetime) -> None:
        """Delete what no rule will ever look at again."""
        self._connection.execute(delete(sign_in_attempt).where(sign_in_attempt.c.at < attempts_before))
        self._connection.execute(
            delete(sign_in_session).where(
                or_(sign_in_session.c.last_seen_at < idle_before, sign_in_session.c.created_at < created_before)
            )
        )
