"""A client on which much hangs: what the Synthèse must show as fast as any other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, insert, select

from lib.db import tables as t

SUB_ACTIONS, EXCHANGES, DOCUMENTS = 500, 200, 300
FIRST = datetime(2024, 1, 8, 9, tzinfo=UTC)


def fill_client(connection: Connection, client_id: int, *, person_id: int, unit_id: int, nature_id: int) -> None:
    """Give a client a chain of 500 sub-actions, of which the last fifth is open, 200 messages and 300 documents."""
    number = 900_000 + client_id
    made = {"created_by": person_id, "created_at": FIRST}
    action_id = connection.execute(
        insert(t.action).values(
            number=number, client_id=client_id, responsible_id=person_id, org_unit_id=unit_id, status="planned",
            next_seq=SUB_ACTIONS + 1, **made,
        ).returning(t.action.c.id)
    ).scalar_one()  # fmt: skip
    of_it = {"action_id": action_id, "client_id": client_id, "nature_id": nature_id, "assignee_id": person_id,
             "org_unit_id": unit_id, "detail_text": "Proposer le contrat", "duration_min": 30, **made}  # fmt: skip
    rows = []
    for seq in range(1, SUB_ACTIONS + 1):
        on, is_open = (FIRST + timedelta(days=2 * seq)).date(), seq > SUB_ACTIONS * 4 // 5
        state = {"is_open": is_open, "status": "planned" if is_open else "done", "planned_date": on}
        done = {"done_on": None if is_open else on, "follow_up": None if is_open else "sub_action",
                "report_text": "" if is_open else "Fait"}  # fmt: skip
        rows.append(of_it | state | done | {"seq": seq, "listed_at": datetime.combine(on, datetime.min.time())})
    connection.execute(insert(t.sub_action), rows)
    messages = [
        {"client_id": client_id, "action_id": action_id, "direction": "received", "state": "received",
         "at": FIRST + timedelta(hours=7 * each), "subject": f"Message {each}", "body_text": "Bonjour",
         "created_at": FIRST}
        for each in range(EXCHANGES)
    ]  # fmt: skip
    connection.execute(insert(t.exchange), messages)
    files = [
        {"client_id": client_id, "sha256": f"{each:064x}", "name": f"devis {each}.pdf", "media_type": "application/pdf",
         "size_bytes": 1000, **made}
        for each in range(DOCUMENTS)
    ]  # fmt: skip
    connection.execute(insert(t.document), files)
    ids = connection.scalars(select(t.document.c.id).where(t.document.c.client_id == client_id))
    linked = [{"document_id": each, "entity": "action", "entity_id": action_id, **made} for each in ids]
    connection.execute(insert(t.document_link), linked)
