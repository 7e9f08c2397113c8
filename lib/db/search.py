"""Free text: one document of folded words for each sub-action, in FTS5 on SQLite and a tsvector on PostgreSQL.

A document also holds facets (`zp42`: assignee 42, `zu3`: unit 3, `zo1`: open), so that the index itself keeps to a
person's rows: a common word then costs what that person's matches cost, not everybody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    String,
    Subquery,
    bindparam,
    column,
    delete,
    func,
    insert,
    literal_column,
    select,
    table,
)

from lib.db import tables as t
from lib.domain.chain import shown_number
from lib.domain.text import folded

INDEXED_CHARS = 20_000
"""Of each of the two texts; what stands behind isn't found."""

search = table("sub_action_search", column("id"), column("rowid"), column("doc"))


def document(
    *,
    number: int,
    seq: int,
    names: Iterable[str | None],
    texts: Iterable[str],
    assignee_id: int | None,
    unit_id: int | None,
    is_open: bool,
) -> str:
    """The words of a sub-action: its number, the names around it, its texts, and its facets."""
    words = folded(
        " ".join([shown_number(number, seq), *(n or "" for n in names), *(each[:INDEXED_CHARS] for each in texts)])
    )
    return f"{words} {facet('p', assignee_id or 0)} {facet('u', unit_id or 0)} {facet('o', int(is_open))}"


def facet(kind: str, value: int) -> str:
    """The word that stands for a person, a unit or openness in a document."""
    return f"z{kind}{value}"


def matching(dialect: str, words: Sequence[str], facets: Sequence[Sequence[str]]) -> str:
    """In the engine's language: every word begins a word of the document, each group of facets has one in it."""
    if not words:
        return facet("o", 9)  # only signs were typed: nothing is written so
    if dialect == "sqlite":
        return " AND ".join([f'"{word}"*' for word in words] + [f"({' OR '.join(group)})" for group in facets])
    return " & ".join([f"{word}:*" for word in words] + [f"({' | '.join(group)})" for group in facets])


@cache
def matches(dialect: str, newest: int | None) -> Subquery:
    """Ids of what matches the words bound as `match`; only the `newest` ones when that is a number."""
    wanted = bindparam("match", type_=String)
    key: ColumnElement[int]
    if dialect == "sqlite":
        key, kept = search.c.rowid, literal_column("sub_action_search").op("MATCH")(wanted)
    else:
        key, kept = search.c.id, search.c.doc.op("@@")(func.to_tsquery(literal_column("'simple'"), wanted))
    found = select(key.label("id")).where(kept)
    if newest is not None:
        found = found.order_by(key.desc()).limit(literal_column(str(newest)))
    return found.subquery("found")


_SUB = t.sub_action.c
_SEVERAL: Any = bindparam("ids", expanding=True, type_=Integer)
_TO_INDEX = (
    select(
        _SUB.id,
        t.action.c.number,
        _SUB.seq,
        t.client.c.name.label("client"),
        t.client.c.town,
        t.contact.c.name.label("contact"),
        func.substr(_SUB.detail_text, 1, INDEXED_CHARS).label("detail"),
        func.substr(_SUB.report_text, 1, INDEXED_CHARS).label("report"),
        _SUB.assignee_id,
        _SUB.org_unit_id,
        _SUB.is_open,
    )
    .select_from(t.sub_action)
    .join(t.action, _SUB.action_id == t.action.c.id)
    .join(t.client, _SUB.client_id == t.client.c.id)
    .outerjoin(t.contact, _SUB.contact_id == t.contact.c.id)
    .where(_SUB.id.in_(_SEVERAL))
)


def index_sub_actions(connection: Connection, sub_action_ids: Sequence[int]) -> None:
    """Write again the documents of sub-actions, in the transaction that changed them."""
    rows = connection.execute(_TO_INDEX, {"ids": list(sub_action_ids)})
    documents = {
        row.id: document(
            number=row.number, seq=row.seq, names=[row.client, row.town, row.contact], texts=[row.detail, row.report],
            assignee_id=row.assignee_id, unit_id=row.org_unit_id, is_open=row.is_open,
        )
        for row in rows
    }  # fmt: skip
    forget_sub_actions(connection, sub_action_ids)
    add_documents(connection, documents)


def add_documents(connection: Connection, documents: Mapping[int, str]) -> None:
    """Write the documents of sub-actions that have none yet, by their ids."""
    is_sqlite = connection.dialect.name == "sqlite"
    doc: Any = bindparam("words") if is_sqlite else func.to_tsvector(literal_column("'simple'"), bindparam("words"))
    key = "rowid" if is_sqlite else "id"
    rows = [{"key": sub_action_id, "words": words} for sub_action_id, words in documents.items()]
    if rows:
        connection.execute(insert(search).values({key: bindparam("key"), "doc": doc}), rows)


def forget_sub_actions(connection: Connection, sub_action_ids: Sequence[int]) -> None:
    """Remove the documents of sub-actions."""
    key = search.c.rowid if connection.dialect.name == "sqlite" else search.c.id
    connection.execute(delete(search).where(key.in_(_SEVERAL)), {"ids": list(sub_action_ids)})
