"""Run by alembic: migrates over the connection that `lib.db.migrate` opened."""

from alembic import context

from lib.db.migrate import include_name
from lib.db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=include_name,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
