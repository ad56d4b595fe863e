"""Commands against the loss of a disk: backup and restore."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from aggregator.app import utc_now
from aggregator.cli.options import (
    DEFAULT_CONFIG,
    DEFAULT_DATABASE,
    DEFAULT_PUBLIC,
    ConfigOption,
    DatabaseOption,
    PublicOption,
    errors_in_words,
)
from aggregator.config.file import ConfigFile
from aggregator.console import err, out
from aggregator.errors import ConfigError
from aggregator.service.inforce import last_good_text
from aggregator.store.backup import make_backup
from aggregator.store.restore import restore_backup

_KB_BYTES = 1_000
_MB_BYTES = 1_000_000


def backup(
    folder: Annotated[Path, typer.Argument(help="Where backups are kept, for one desk", metavar="FOLDER")],
    keep: Annotated[
        int, typer.Option("--keep", min=1, help="How many to keep; older ones go", metavar="N")
    ] = 14,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """Back up the database and feeds.yaml while the desk runs, and verify what was written."""
    del public  # accepted so that a script can give every command the same options
    with errors_in_words():
        content, warning = _config_to_keep(config, database)
        made = make_backup(database, content, folder, keep, utc_now())
        size = _size_in_words(made.size_bytes)
        out.print(f"backed up and verified: {made.path} ({made.rows} rows, {size})")
        if made.config_path:
            out.print(f"with its configuration: {made.config_path}")
        if warning:
            err.print(warning, style="yellow")
        if made.removed:
            out.print(f"older than the newest {keep}, removed: {', '.join(made.removed)}")


def _config_to_keep(path: Path, database: str) -> tuple[bytes | None, str]:
    """What is backed up as feeds.yaml, and a warning unless that is the file as it stands and good.

    Nothing that is wrong with the file keeps the database from being backed up. Raises StoreError.
    """
    try:
        return ConfigFile(path, os.environ).load().text.encode(), ""
    except ConfigError as error:
        refused = f"{error}\nwarning: {path} is refused"
    # Not migrated: a backup made before an upgrade is the way back.
    if good := last_good_text(database, migrate=False):
        return good.encode(), f"{refused}: the last good one is backed up instead"
    try:
        return path.read_bytes(), f"{refused}, and no good one is known: it is backed up as it is"
    except OSError:
        return None, f"{refused}, and no good one is known: the database is backed up alone"


def _size_in_words(size_bytes: int) -> str:
    if size_bytes < _MB_BYTES:
        return f"{size_bytes / _KB_BYTES:.0f} kB"
    return f"{size_bytes / _MB_BYTES:.1f} MB"


def restore(
    backup: Annotated[Path, typer.Argument(help="A file that backup made", metavar="BACKUP")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace the present database, which is kept aside")
    ] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """Put a backup where the database was; the service must be stopped."""
    with errors_in_words():
        restored = restore_backup(database, backup, public, utc_now(), force=force)
        out.print(f"restored and verified: {restored.path} ({restored.rows} rows)")
        if restored.aside:
            out.print(f"the database that was there: {restored.aside}")
            out.print(
                f"hide what it has hidden since: aggregator status --database sqlite:///{restored.aside}"
            )
        if restored.config_path:
            out.print(f"compare the configuration of that time, {restored.config_path}, with {config}")
        out.print("next: aggregator publish (makes the documents again), then start the service")
