"""The schema, brought to this version by Alembic without a command line."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from aggregator.errors import SchemaError
from aggregator.store.tables import metadata

VERSION_TABLE = "aggregator_version"
_MIGRATIONS = Path(__file__).parent / "migrations"


def is_current(connection: Connection) -> bool:
    """Whether nothing needs to be migrated. Raises SchemaError when this code must not touch the database."""
    script = ScriptDirectory(str(_MIGRATIONS))
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    revision = context.get_current_revision()
    known = {migration.revision for migration in script.walk_revisions()}
    if revision is None:
        _check_free(connection)
    elif revision not in known:
        raise SchemaError(
            f"the database was written by a newer version of aggregator (schema {revision}, this one knows "
            f"up to {script.get_current_head()}): use that version, or restore a backup made before it"
        )
    return revision == script.get_current_head()


def upgrade(connection: Connection) -> None:
    """Bring the schema to the newest version inside the connection's transaction: all of it or nothing."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _check_free(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        encoding = connection.scalar(text("SHOW server_encoding"))
        if encoding != "UTF8":
            raise SchemaError(f"the database has the encoding {encoding}: make one with ENCODING 'UTF8'")
    if foreign := sorted(set(inspect(connection).get_table_names()) & set(metadata.tables)):
        raise SchemaError(
            f"the database is not ours: it has tables of our names without a version ({foreign[0]})"
        )
