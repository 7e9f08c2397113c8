"""Working hours, absences, named operations on many records, chains without a next step, sums of the workload."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

RIGHTS = {  # what the standard profiles gain: operation -> profile -> scope (1 own, 2 unit, 3 all)
    "edit_absences": {"sales": 1, "manager": 2, "admin": 3},
    "edit_hours": {"manager": 2, "admin": 3},
    "view_workload": {"manager": 2, "admin": 3},
    "assign_actions": {"manager": 2, "admin": 3},
}


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "working_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=False),
        sa.Column("end_time", sa.Time(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_working_hours_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_hours")),
    )
    op.create_index("ix_working_hours_person_id", "working_hours", ["person_id"])
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("end_time", sa.Time(), nullable=True),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_absence_in_order")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absence_person_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_absence_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_absence_person_id_ends_on", "absence", ["person_id", "ends_on", "starts_on"])
    op.create_table(
        "bulk_operation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("record_count", sa.Integer(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("undone_at", instant, nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_bulk_operation_person_id")),
        sa.ForeignKeyConstraint(["undone_by"], ["person.id"], name=op.f("fk_bulk_operation_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_operation")),
        sa.UniqueConstraint("operation_id", name=op.f("uq_bulk_operation_operation_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bulk_operation_at", "bulk_operation", ["at"])
    op.add_column("action", sa.Column("is_stalled", sa.Boolean(), server_default=sa.false(), nullable=False))
    _find_stalled()
    _create_partial_indexes()
    _give_rights()


def _find_stalled() -> None:
    """As lib.domain.chain.is_stalled says: nothing open, though the last report announced a step or a deal."""
    op.execute(
        sa.text(
            """
            UPDATE action SET is_stalled = true
            WHERE NOT EXISTS (SELECT 1 FROM sub_action o WHERE o.action_id = action.id AND o.is_open)
            AND EXISTS (
                SELECT 1 FROM sub_action s
                WHERE s.action_id = action.id AND s.status = 'done'
                AND (s.follow_up = 'sub_action' OR (s.follow_up = 'deal' AND action.deal_id IS NULL))
                AND s.seq = (
                    SELECT max(a.seq) FROM sub_action a WHERE a.action_id = action.id AND a.status <> 'cancelled'
                )
            )
            """
        )
    )


def _create_partial_indexes() -> None:
    for name, table, columns, where in (
        ("ix_action_stalled", "action", ["org_unit_id", "id"], "is_stalled"),
        ("ix_sub_action_planned_load", "sub_action",
         ["assignee_id", "planned_date", "nature_id", "duration_min", "org_unit_id"], "status = 'planned'"),
        ("ix_sub_action_done_load", "sub_action",
         ["assignee_id", "done_on", "nature_id", "done_duration_min", "org_unit_id"], "status = 'done'"),
        ("ix_sub_action_client_id_open", "sub_action", ["client_id"], "is_open"),
    ):
        kept = sa.text(where)
        op.create_index(name, table, columns, sqlite_where=sa.text(f"{where} = 1") if where.startswith("is_") else kept, postgresql_where=kept)


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
