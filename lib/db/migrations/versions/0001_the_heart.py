"""The heart: people, catalogue, clients, actions, journal"""

import sqlalchemy as sa
from alembic import op

from lib.db.columns import Instant

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "action_nature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("icon", sa.String(length=40), server_default="task", nullable=False),
        sa.Column("duration_min", sa.Integer(), nullable=False),
        sa.Column("asks_participants", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("next_nature_id", sa.Integer(), nullable=True),
        sa.Column("next_delay_days", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["next_nature_id"], ["action_nature.id"], name=op.f("fk_action_nature_next_nature_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_nature")),
    )
    op.create_table(
        "business_activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_activity")),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "origin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_origin")),
    )
    op.create_table(
        "profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile")),
        sa.UniqueConstraint("code", name=op.f("uq_profile_code")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_attempt_account_at", ["account", "at"], unique=False)
        batch_op.create_index("ix_sign_in_attempt_address_at", ["address", "at"], unique=False)

    op.create_table(
        "action_domain",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("business_activity_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_activity_id"], ["business_activity.id"], name=op.f("fk_action_domain_business_activity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_domain")),
    )
    op.create_table(
        "action_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nature_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(["nature_id"], ["action_nature.id"], name=op.f("fk_action_reason_nature_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_reason")),
    )
    op.create_table(
        "action_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nature_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(["nature_id"], ["action_nature.id"], name=op.f("fk_action_result_nature_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_result")),
    )
    op.create_table(
        "org_unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("business_activity_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_activity_id"], ["business_activity.id"], name=op.f("fk_org_unit_business_activity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_unit")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("language", sa.String(length=5), server_default="fr", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["profile_id"], ["profile.id"], name=op.f("fk_person_profile_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "profile_right",
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("operation", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["profile.id"], name=op.f("fk_profile_right_profile_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("profile_id", "operation", name=op.f("pk_profile_right")),
    )
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.String(length=32), nullable=False),
        sa.Column("operation", sa.String(length=40), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("entity", sa.String(length=40), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.Column("entity_key", sa.String(length=80), server_default="", nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_change_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.create_index("ix_change_action_id", ["action_id", "id"], unique=False)
        batch_op.create_index("ix_change_entity", ["entity", "entity_id", "version"], unique=False)
        batch_op.create_index("ix_change_operation_id", ["operation_id"], unique=False)

    op.create_table(
        "client",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("town", sa.String(length=80), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=30), server_default="", nullable=False),
        sa.Column("relation", sa.String(length=20), server_default="prospect", nullable=False),
        sa.Column("account_manager_id", sa.Integer(), nullable=True),
        sa.Column("business_activity_id", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["account_manager_id"], ["person.id"], name=op.f("fk_client_account_manager_id")),
        sa.ForeignKeyConstraint(
            ["business_activity_id"], ["business_activity.id"], name=op.f("fk_client_business_activity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("code", name=op.f("uq_client_code")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("client", schema=None) as batch_op:
        batch_op.create_index("ix_client_name_id", ["name", "id"], unique=False)

    op.create_table(
        "credential",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("must_change", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_credential_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_credential")),
    )
    op.create_table(
        "draft",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draft_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "form", "record_id", name=op.f("pk_draft")),
    )
    op.create_table(
        "membership",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("org_unit_id", sa.Integer(), nullable=False),
        sa.Column("is_preferred", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_unit_id"], ["org_unit.id"], name=op.f("fk_membership_org_unit_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "org_unit_id", name=op.f("pk_membership")),
    )
    op.create_table(
        "parameter",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"], name=op.f("fk_parameter_changed_by")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_parameter")),
    )
    op.create_table(
        "request",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("operation", sa.String(length=40), nullable=False),
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_request_person_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_request")),
    )
    op.create_table(
        "sign_in_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.Column("user_agent", sa.String(length=200), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_session_person_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in_session")),
    )
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_session_person_id", ["person_id"], unique=False)

    op.create_table(
        "client_word",
        sa.Column(
            "word", sa.String(length=60).with_variant(sa.String(length=60, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_client_word_client_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("word", "client_id", name=op.f("pk_client_word")),
    )
    with op.batch_alter_table("client_word", schema=None) as batch_op:
        batch_op.create_index("ix_client_word_client_id", ["client_id"], unique=False)

    op.create_table(
        "deal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("amount_eur", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_deal_client_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_deal_created_by")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_deal_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal")),
        sa.UniqueConstraint("number", name=op.f("uq_deal_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("deal", schema=None) as batch_op:
        batch_op.create_index("ix_deal_client_id", ["client_id"], unique=False)

    op.create_table(
        "site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=200), server_default="", nullable=False),
        sa.Column("postcode", sa.String(length=10), server_default="", nullable=False),
        sa.Column("town", sa.String(length=80), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=30), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_site_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.create_index("ix_site_client_id", ["client_id"], unique=False)

    op.create_table(
        "action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("origin_id", sa.Integer(), nullable=True),
        sa.Column("responsible_id", sa.Integer(), nullable=True),
        sa.Column("org_unit_id", sa.Integer(), nullable=True),
        sa.Column("deal_id", sa.Integer(), nullable=True),
        sa.Column("next_seq", sa.Integer(), server_default="1", nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_action_client_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_action_created_by")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_action_deal_id")),
        sa.ForeignKeyConstraint(["org_unit_id"], ["org_unit.id"], name=op.f("fk_action_org_unit_id")),
        sa.ForeignKeyConstraint(["origin_id"], ["origin.id"], name=op.f("fk_action_origin_id")),
        sa.ForeignKeyConstraint(["responsible_id"], ["person.id"], name=op.f("fk_action_responsible_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action")),
        sa.UniqueConstraint("number", name=op.f("uq_action_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("action", schema=None) as batch_op:
        batch_op.create_index("ix_action_client_id", ["client_id"], unique=False)
        batch_op.create_index("ix_action_deal_id", ["deal_id"], unique=False)
        batch_op.create_index("ix_action_responsible_id_status", ["responsible_id", "status", "id"], unique=False)

    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=80), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=30), server_default="", nullable=False),
        sa.Column("email", sa.String(length=254), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_contact_client_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_contact_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index("ix_contact_client_id", ["client_id"], unique=False)

    op.create_table(
        "sub_action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("domain_id", sa.Integer(), nullable=True),
        sa.Column("nature_id", sa.Integer(), nullable=False),
        sa.Column("reason_id", sa.Integer(), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("org_unit_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("listed_at", sa.DateTime(), nullable=False),
        sa.Column("planned_date", sa.Date(), nullable=True),
        sa.Column("planned_time", sa.Time(), nullable=True),
        sa.Column("duration_min", sa.Integer(), nullable=True),
        sa.Column("detail_html", sa.Text(), server_default="", nullable=False),
        sa.Column("detail_text", sa.Text(), server_default="", nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_time", sa.Time(), nullable=True),
        sa.Column("done_duration_min", sa.Integer(), nullable=True),
        sa.Column("result_id", sa.Integer(), nullable=True),
        sa.Column("report_html", sa.Text(), server_default="", nullable=False),
        sa.Column("report_text", sa.Text(), server_default="", nullable=False),
        sa.Column("reported_by", sa.Integer(), nullable=True),
        sa.Column("reported_at", Instant(), nullable=True),
        sa.Column("follow_up", sa.String(length=12), nullable=True),
        sa.Column("cancelled_at", Instant(), nullable=True),
        sa.Column("cancelled_by", sa.Integer(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "status <> 'done' or (done_on is not null and follow_up is not null)",
            name=op.f("ck_sub_action_done_has_report"),
        ),
        sa.CheckConstraint(
            "status <> 'planned' or planned_date is not null", name=op.f("ck_sub_action_planned_has_date")
        ),
        sa.CheckConstraint("status in ('to_plan', 'planned', 'done', 'cancelled')", name=op.f("ck_sub_action_status")),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_sub_action_action_id")),
        sa.ForeignKeyConstraint(["assignee_id"], ["person.id"], name=op.f("fk_sub_action_assignee_id")),
        sa.ForeignKeyConstraint(["cancelled_by"], ["person.id"], name=op.f("fk_sub_action_cancelled_by")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_sub_action_client_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_sub_action_contact_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_sub_action_created_by")),
        sa.ForeignKeyConstraint(["domain_id"], ["action_domain.id"], name=op.f("fk_sub_action_domain_id")),
        sa.ForeignKeyConstraint(["nature_id"], ["action_nature.id"], name=op.f("fk_sub_action_nature_id")),
        sa.ForeignKeyConstraint(["org_unit_id"], ["org_unit.id"], name=op.f("fk_sub_action_org_unit_id")),
        sa.ForeignKeyConstraint(["reason_id"], ["action_reason.id"], name=op.f("fk_sub_action_reason_id")),
        sa.ForeignKeyConstraint(["reported_by"], ["person.id"], name=op.f("fk_sub_action_reported_by")),
        sa.ForeignKeyConstraint(["result_id"], ["action_result.id"], name=op.f("fk_sub_action_result_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_sub_action_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sub_action")),
        sa.UniqueConstraint("action_id", "seq", name=op.f("uq_sub_action_action_id_seq")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("sub_action", schema=None) as batch_op:
        for name, columns in (
            ("ix_sub_action_open", ["is_open", "listed_at", "id", "status", "assignee_id", "org_unit_id", "nature_id", "domain_id", "reason_id", "reported_by"]),
            ("ix_sub_action_all", ["listed_at", "id", "status", "assignee_id", "org_unit_id", "nature_id", "domain_id", "reason_id", "reported_by"]),
            ("ix_sub_action_status", ["status", "listed_at", "id", "assignee_id", "org_unit_id"]),
            ("ix_sub_action_client_id_all", ["client_id", "listed_at", "id", "is_open", "status", "assignee_id", "org_unit_id", "nature_id", "domain_id", "reason_id", "reported_by"]),
            ("ix_sub_action_assignee_id_open", ["assignee_id", "is_open", "listed_at", "id", "status", "org_unit_id", "nature_id", "domain_id", "reason_id", "reported_by"]),
            ("ix_sub_action_org_unit_id_open", ["org_unit_id", "is_open", "listed_at", "id", "status", "assignee_id", "nature_id", "domain_id", "reason_id", "reported_by"]),
            ("ix_sub_action_nature_id_open", ["nature_id", "is_open", "listed_at", "id", "status", "assignee_id", "org_unit_id", "domain_id", "reason_id", "reported_by"]),
            ("ix_sub_action_domain_id_open", ["domain_id", "is_open", "listed_at", "id", "status", "assignee_id", "org_unit_id", "nature_id", "reason_id", "reported_by"]),
            ("ix_sub_action_reason_id_open", ["reason_id", "is_open", "listed_at", "id", "status", "assignee_id", "org_unit_id", "nature_id", "domain_id", "reported_by"]),
            ("ix_sub_action_assignee_id_all", ["assignee_id", "listed_at", "id", "status", "org_unit_id", "nature_id", "domain_id", "reason_id", "reported_by"]),
            ("ix_sub_action_org_unit_id_all", ["org_unit_id", "listed_at", "id", "status", "assignee_id", "nature_id", "domain_id", "reason_id", "reported_by"]),
        ):
            batch_op.create_index(name, columns, unique=False)
        by_colleague = sa.text("reported_by <> coalesce(assignee_id, 0)")
        batch_op.create_index(
            "ix_sub_action_colleague",
            ["listed_at", "id", "status", "assignee_id", "org_unit_id", "nature_id", "domain_id", "reason_id", "reported_by"],
            unique=False,
            sqlite_where=by_colleague,
            postgresql_where=by_colleague,
        )

    op.create_table(
        "sub_action_participant",
        sa.Column("sub_action_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_sub_action_participant_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["sub_action_id"],
            ["sub_action.id"],
            name=op.f("fk_sub_action_participant_sub_action_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sub_action_id", "person_id", name=op.f("pk_sub_action_participant")),
    )

    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE sub_action_search USING fts5(doc, tokenize = 'ascii', prefix = '3 4')")
    else:
        op.execute(
            "CREATE TABLE sub_action_search ("
            "id integer PRIMARY KEY REFERENCES sub_action (id) ON DELETE CASCADE, doc tsvector NOT NULL)"
        )
        op.execute("CREATE INDEX ix_sub_action_search_doc ON sub_action_search USING gin (doc)")
    counter = sa.table("counter", sa.column("name"), sa.column("value"))
    op.bulk_insert(counter, [{"name": name, "value": 0} for name in ("reference", "action", "deal")])
