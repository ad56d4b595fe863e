"""Commands against the loss of a disk: backup and restore."""

from __future__ import annotations

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
from aggregator.console import out
from aggregator.store.backup import make_backup
from aggregator.store.restore import restore_backup


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
        made = make_backup(database, config, folder, keep, utc_now())
        out.print(f"backed up and verified: {made.path} ({made.rows} rows, {made.size_bytes / 1e6:.1f} MB)")
        out.print(f"with its configuration: {made.config_path}")
        if made.removed:
            out.print(f"older than the newest {keep}, removed: {', '.join(made.removed)}")


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
        if restored.config_path:
            out.print(f"compare the configuration of that time, {restored.config_path}, with {config}")
        out.print("next: aggregator publish (makes the documents again), then start the service")
