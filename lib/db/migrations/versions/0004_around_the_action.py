"""Documents, exchanges, service reports, stages of deals; what finds a client's doubles and its place on a map."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

RIGHTS = {  # what the standard profiles gain: operation -> profile -> scope (1 own, 2 unit, 3 all)
    "edit_clients": {"sales": 3, "manager": 3, "admin": 3},
    "edit_deals": {"sales": 1, "manager": 2, "admin": 3},
    "add_documents": {"sales": 2, "manager": 2, "admin": 3},
    "delete_documents": {"sales": 1, "manager": 2, "admin": 3},
    "add_exchanges": {"sales": 2, "manager": 2, "admin": 3},
    "attach_exchanges": {"sales": 1, "manager": 3, "admin": 3},
    "edit_service_reports": {"sales": 1, "manager": 2, "admin": 3},
}
STAGES = (  # label, outcome, probability in percent
    ("À qualifier", "open", 10),
    ("Étude en cours", "open", 30),
    ("Devis envoyé", "open", 50),
    ("Négociation", "open", 75),
    ("Gagnée", "won", 100),
    ("Perdue", "lost", 0),
)
KINDS = (  # label, whether it is a reminder
    ("Message", False),
    ("Relance", True),
    ("Prise de contact", False),
    ("Prise de rendez-vous", False),
    ("Complément d’information", False),
)
instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_tables()
    _create_exchanges()
    for table, name, to in (
        ("action", "service_report_id", "service_report"),
        ("deal", "stage_id", "deal_stage"),
        ("deal", "org_unit_id", "org_unit"),
        ("deal", "contact_id", "contact"),
    ):
        # In SQL, which both engines read alike: SQLite adds a foreign key with its column only.
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} INTEGER CONSTRAINT fk_{table}_{name} REFERENCES {to} (id)")
    op.create_index("ix_action_service_report_id", "action", ["service_report_id"])
    _add_columns()
    _index_deals()
    _fill_labels()
    _fill_what_follows()
    _give_rights()


def _create_tables() -> None:
    op.create_table(
        "deal_stage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("outcome", sa.String(length=4), server_default="open", nullable=False),
        sa.Column("probability_pct", sa.SmallInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("outcome in ('open', 'won', 'lost')", name=op.f("ck_deal_stage_outcome")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_stage"))
    )
    op.create_table(
        "exchange_kind",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("is_reminder", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_kind"))
    )
    op.create_table(
        "mailbox",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("read_at", instant, nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mailbox"))
    )
    op.create_table(
        "message_not_kept",
        sa.Column("mailbox_name", sa.String(length=200), nullable=False),
        sa.Column("uid", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tries", sa.Integer(), server_default="1", nullable=False),
        sa.Column("tried_at", instant, nullable=False),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("mailbox_name", "uid", name=op.f("pk_message_not_kept"))
    )
    op.create_table(
        "message_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=300), server_default="", nullable=False),
        sa.Column("body_html", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["kind_id"], ["exchange_kind.id"], name=op.f("fk_message_template_kind_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_template"))
    )
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("folded_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("is_inline", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", instant, nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_document_client_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_document_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sqlite_autoincrement=True
    )
    op.create_index("ix_document_client_id", "document", ["client_id", "is_inline", "id"])
    op.create_index("ix_document_sha256", "document", ["sha256"])
    op.create_table(
        "document_link",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("entity", sa.String(length=20), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", instant, nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_document_link_created_by")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_link_document_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("document_id", "entity", "entity_id", name=op.f("pk_document_link"))
    )
    op.create_index("ix_document_link_entity", "document_link", ["entity", "entity_id", "document_id"])
    op.create_table(
        "service_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("technician_id", sa.Integer(), nullable=False),
        sa.Column("org_unit_id", sa.Integer(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=True),
        sa.Column("duration_min", sa.Integer(), nullable=False),
        sa.Column("equipment", sa.String(length=300), server_default="", nullable=False),
        sa.Column("body_html", sa.Text(), server_default="", nullable=False),
        sa.Column("body_text", sa.Text(), server_default="", nullable=False),
        sa.Column("signed_by", sa.String(length=120), server_default="", nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_service_report_client_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_service_report_contact_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_service_report_created_by")),
        sa.ForeignKeyConstraint(["org_unit_id"], ["org_unit.id"], name=op.f("fk_service_report_org_unit_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_service_report_site_id")),
        sa.ForeignKeyConstraint(["technician_id"], ["person.id"], name=op.f("fk_service_report_technician_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_report")),
        sa.UniqueConstraint("number", name=op.f("uq_service_report_number")),
        sqlite_autoincrement=True
    )
    op.create_index("ix_service_report_client_id", "service_report", ["client_id", "done_on", "number", "technician_id"])
    op.create_index("ix_service_report_done_on", "service_report", ["done_on", "number"])
    op.create_index("ix_service_report_technician_id", "service_report", ["technician_id", "done_on", "number"])


def _create_exchanges() -> None:
    op.create_table(
        "exchange",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("action_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("kind_id", sa.Integer(), nullable=True),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("at", instant, nullable=False),
        sa.Column("subject", sa.String(length=300), server_default="", nullable=False),
        sa.Column("body_html", sa.Text(), server_default="", nullable=False),
        sa.Column("body_text", sa.Text(), server_default="", nullable=False),
        sa.Column("quoted_html", sa.Text(), server_default="", nullable=False),
        sa.Column("correspondent_name", sa.String(length=160), server_default="", nullable=False),
        sa.Column("correspondent_email", sa.String(length=254), server_default="", nullable=False),
        sa.Column("cc", sa.Text(), server_default="", nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=True),
        sa.Column("in_reply_to", sa.String(length=255), server_default="", nullable=False),
        sa.Column("is_automatic", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("is_set_aside", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("is_sender_unknown", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("remarks", sa.Text(), server_default="", nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("direction in ('received', 'sent')", name=op.f("ck_exchange_direction")),
        sa.CheckConstraint("state in ('recorded', 'received', 'queued', 'sent', 'failed')", name=op.f("ck_exchange_state")),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_exchange_action_id")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_exchange_client_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_exchange_contact_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_exchange_created_by")),
        sa.ForeignKeyConstraint(["kind_id"], ["exchange_kind.id"], name=op.f("fk_exchange_kind_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_exchange_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange")),
        sa.UniqueConstraint("message_id", name=op.f("uq_exchange_message_id")),
        sqlite_autoincrement=True
    )
    op.create_index("ix_exchange_action_id", "exchange", ["action_id", "at"])
    op.create_index("ix_exchange_client_id", "exchange", ["client_id", "at"])
    op.create_index("ix_exchange_to_attach", "exchange", ["is_set_aside", "at"], sqlite_where=sa.text("direction = 'received' AND action_id IS NULL"), postgresql_where=sa.text("direction = 'received' AND action_id IS NULL"))
    op.create_table(
        "outbox",
        sa.Column("exchange_id", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", instant, nullable=True),
        sa.Column("taken_until", instant, nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchange.id"], name=op.f("fk_outbox_exchange_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("exchange_id", name=op.f("pk_outbox"))
    )
    op.create_index("ix_outbox_next_try_at", "outbox", ["next_try_at"])


def _add_columns() -> None:
    op.add_column("client", sa.Column("siret", sa.String(length=14), server_default="", nullable=False))
    op.add_column("client", sa.Column("website", sa.String(length=200), server_default="", nullable=False))
    bytewise = sa.String(length=160).with_variant(sa.String(length=160, collation="C"), "postgresql")
    op.add_column("client", sa.Column("folded_name", bytewise, server_default="", nullable=False))
    op.create_index("ix_client_folded_name_id", "client", ["folded_name", "id"])
    op.create_index("ix_client_account_manager_id", "client", ["account_manager_id", "folded_name", "id"])
    op.create_index("ix_client_relation", "client", ["relation", "folded_name", "id"])
    op.create_index("ix_client_siret", "client", ["siret"])
    op.add_column("contact", sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("contact", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_index("ix_contact_email", "contact", ["email"])
    op.drop_index("ix_client_word_client_id", "client_word")
    op.create_index("ix_client_word_client_id", "client_word", ["client_id", "word"])
    op.add_column("action_nature", sa.Column("is_meeting", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("deal", sa.Column("closed_on", sa.Date(), nullable=True))
    op.add_column("deal", sa.Column("lost_reason", sa.String(length=300), server_default="", nullable=False))
    op.add_column("deal", sa.Column("note", sa.Text(), server_default="", nullable=False))
    op.add_column("site", sa.Column("latitude", sa.Float(), nullable=True))
    op.add_column("site", sa.Column("longitude", sa.Float(), nullable=True))
    op.add_column("site", sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("site", sa.Column("version", sa.Integer(), server_default="1", nullable=False))


def _index_deals() -> None:
    expected, amount = sa.text("coalesce(expected_on, '9999-12-31')"), sa.text("coalesce(amount_eur, -1)")
    op.create_index("ix_deal_expected_on", "deal", [expected, "id"])
    op.create_index("ix_deal_amount_eur", "deal", [amount, "id"])
    op.create_index("ix_deal_stage_id", "deal", ["stage_id", expected, "id", "amount_eur"])
    op.create_index("ix_deal_owner_id", "deal", ["owner_id", expected, "id", "stage_id", "amount_eur"])
    op.create_index("ix_deal_org_unit_id", "deal", ["org_unit_id", expected, "id", "stage_id", "amount_eur"])


def _fill_labels() -> None:
    stage = sa.table("deal_stage", *map(sa.column, ("label", "position", "outcome", "probability_pct")))
    op.bulk_insert(stage, [
        {"label": label, "position": position, "outcome": outcome, "probability_pct": probability}
        for position, (label, outcome, probability) in enumerate(STAGES, 1)
    ])
    kind = sa.table("exchange_kind", *map(sa.column, ("label", "position")), sa.column("is_reminder", sa.Boolean()))
    op.bulk_insert(kind, [
        {"label": label, "position": position, "is_reminder": is_reminder}
        for position, (label, is_reminder) in enumerate(KINDS, 1)
    ])
    counter = sa.table("counter", sa.column("name"), sa.column("value"))
    op.bulk_insert(counter, [{"name": "service_report", "value": 0}, {"name": "client", "value": 0}])


def _fill_what_follows() -> None:
    """What the use cases write from other columns: a deal's first stage, a client's folded name and words, and so on."""
    from lib.domain.text import folded

    connection = op.get_bind()
    op.execute("UPDATE deal SET stage_id = (SELECT min(id) FROM deal_stage)")
    op.execute("UPDATE contact SET email = lower(email)")
    client = sa.table("client", sa.column("id"), sa.column("name"), sa.column("folded_name"))
    names = connection.execute(sa.select(client.c.id, client.c.name)).all()
    rows = [{"this": row.id, "folded": folded(row.name)[:160]} for row in names]
    if rows:
        one = sa.update(client).where(client.c.id == sa.bindparam("this")).values(folded_name=sa.bindparam("folded"))
        connection.execute(one, rows)
    op.execute("UPDATE counter SET value = (SELECT count(*) FROM client) WHERE name = 'client'")
    op.execute("UPDATE action_nature SET is_meeting = true WHERE label LIKE 'Rendez-vous%'")
    _add_words_of_emails(connection)


def _add_words_of_emails(connection: sa.Connection) -> None:
    """Clients are found by their contacts' e-mail addresses too, whole or by their words."""
    from lib.domain.text import folded

    contact = sa.table("contact", sa.column("client_id"), sa.column("email"))
    addresses = connection.execute(sa.select(contact.c.client_id, contact.c.email).where(contact.c.email != "")).all()
    words = {(word[:60], row.client_id) for row in addresses for word in (row.email, *folded(row.email).split())}
    if words:
        add = sa.text("INSERT INTO client_word (word, client_id) VALUES (:word, :client_id) ON CONFLICT DO NOTHING")
        connection.execute(add, [{"word": word, "client_id": client_id} for word, client_id in sorted(words)])


def _give_rights() -> None:
    connection = op.get_bind()
    profile = sa.table("profile", sa.column("id"), sa.column("code"))
    right = sa.table("profile_right", sa.column("profile_id"), sa.column("operation"), sa.column("scope"))
    ids = {row.code: row.id for row in connection.execute(sa.select(profile.c.id, profile.c.code))}
    rows = [
        {"profile_id": ids[code], "operation": operation, "scope": scope}
        for operation, by_profile in RIGHTS.items()
        for code, scope in by_profile.items()
        if code in ids
    ]
    if rows:
        op.bulk_insert(right, rows)
        counter = sa.table("counter", sa.column("name"), sa.column("value"))
        connection.execute(
            sa.update(counter).where(counter.c.name == "reference").values(value=counter.c.value + 1)
        )
