"""The index that adds up what is to plan."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NAME, COLUMNS = "ix_sub_action_to_plan_load", ["assignee_id", "org_unit_id", "duration_min"]


def upgrade() -> None:
    kept = sa.text("status = 'to_plan'")
    op.create_index(NAME, "sub_action", COLUMNS, sqlite_where=kept, postgresql_where=kept)


def downgrade() -> None:
    op.drop_index(NAME, table_name="sub_action")
