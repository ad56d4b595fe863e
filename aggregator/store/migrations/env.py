"""Alembic's entry: runs on the connection that aggregator.store.migrate hands over, in its transaction."""

from __future__ import annotations

from alembic import context

from aggregator.store.migrate import VERSION_TABLE
from aggregator.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,  # true of SQLite too, because engine.py begins transactions itself
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
