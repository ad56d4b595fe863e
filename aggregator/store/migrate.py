"""The schema, brought to this version by Alembic without a command line."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, column, inspect, select, table, text

from aggregator.errors import SchemaError
from aggregator.store.tables import SCHEMA_VERSION, metadata

VERSION_TABLE = "aggregator_version"
_MIGRATIONS = Path(__file__).parent / "migrations"


def is_current(connection: Connection) -> bool:
    """Whether nothing needs to be migrated. Raises SchemaError when this code must not touch the database."""
    if not inspect(connection).has_table(VERSION_TABLE):
        _check_free(connection)
        return False
    revision = connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE)))
    if revision is not None and revision > SCHEMA_VERSION:
        raise SchemaError(
            f"the database was written by a newer version of aggregator (schema {revision}, this one knows "
            f"up to {SCHEMA_VERSION}): use that version, or restore a backup made before it"
        )
    return bool(revision == SCHEMA_VERSION)


def upgrade(connection: Connection) -> None:
    """Bring the schema to the newest version inside the connection's transaction: all of it or nothing."""
    # Alembic takes a quarter of a second to import, and nearly every start finds nothing to migrate.
    config: Any = import_module("alembic.config").Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    import_module("alembic.command").upgrade(config, "head")


def _check_free(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        encoding = connection.scalar(text("SHOW server_encoding"))
        if encoding != "UTF8":
            raise SchemaError(f"the database has the encoding {encoding}: make one with ENCODING 'UTF8'")
    if foreign := sorted(set(inspect(connection).get_table_names()) & set(metadata.tables)):
        raise SchemaError(
            f"the database is not ours: it has tables of our names without a version ({foreign[0]})"
        )
