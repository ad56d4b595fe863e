"""Commands that work on the desk once and end: poll, publish, status, hide, unhide, release."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from aggregator import jobs
from aggregator.app import App, open_store, utc_now
from aggregator.cli.options import (
    DEFAULT_CONFIG,
    DEFAULT_DATABASE,
    DEFAULT_PUBLIC,
    ConfigOption,
    DatabaseOption,
    PublicOption,
    StoryArgument,
    VerboseOption,
    check_source,
    errors_in_words,
    load,
    load_in_force_or_tell,
    with_app,
)
from aggregator.config.file import ConfigFile
from aggregator.config.model import Config
from aggregator.console import (
    counted,
    err,
    out,
    print_publish_report,
    print_round,
    print_sources,
    print_status,
)
from aggregator.logs import configure_logs
from aggregator.model.report import PublishReport, SourceReport
from aggregator.service.inforce import load_in_force, remember_config
from aggregator.status import desk_status
from aggregator.store.public import is_service_missing


def poll(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Ids of sources in feeds.yaml", metavar="[SOURCE]...")
    ] = None,
    every_source: Annotated[bool, typer.Option("--all", help="Poll every enabled source")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
    verbose: VerboseOption = False,
) -> None:
    """Poll sources once, then publish what changed."""
    configure_logs(verbose)
    with errors_in_words():
        loaded = ConfigFile(config, os.environ).load()
        wanted = _wanted_sources(loaded.config, sources or [], every_source)

        async def job(opened: App) -> tuple[tuple[SourceReport, ...], PublishReport]:
            with Progress(
                TextColumn("polling"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.description}"),
                console=err,
                transient=True,
                disable=not err.is_terminal,
            ) as progress:
                task = progress.add_task("", total=len(wanted))
                await opened.write(lambda tx: remember_config(tx, loaded.text))
                reports = await jobs.poll(
                    opened, wanted, lambda r: progress.update(task, advance=1, description=r.source_id)
                )
            return reports, await jobs.publish(opened)

        reports, published = with_app(loaded.config, database, public, job)
        print_round(reports)
        print_publish_report(published, public)


def _wanted_sources(config: Config, named: Sequence[str], every_source: bool) -> list[str]:
    enabled = [source.id for source in config.sources if source.enabled]
    if every_source and named:
        raise typer.BadParameter("name sources or say --all, not both")
    if every_source:
        return enabled
    if not named:
        raise typer.BadParameter("name at least one source, or say --all for every enabled one")
    known = {source.id for source in config.sources}
    for name in named:
        check_source(name, known)
        if name not in enabled:
            raise typer.BadParameter(f'source "{name}" has "enabled: false" in feeds.yaml')
    return list(named)


def publish(
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
    verbose: VerboseOption = False,
) -> None:
    """Make the documents that are due and bring the public folder in line with them."""
    configure_logs(verbose)
    with errors_in_words():
        print_publish_report(with_app(load(config), database, public, jobs.publish), public)


def status(
    sources: Annotated[
        list[str] | None,
        typer.Argument(help="Ids of sources: all that is known of them", metavar="[SOURCE]..."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """Say how every source is, in words, and what is published."""
    with errors_in_words():
        in_force = load_in_force(ConfigFile(config, os.environ), database)
        loaded = in_force.loaded.config
        with open_store(database, loaded, must_exist=True) as store:
            found = desk_status(loaded, store, utc_now())
        for name in sources or ():
            check_source(name, {one.id for one in found.sources})
        if in_force.refused:  # the service may not have seen it, or not run
            found = replace(found, config_problems=in_force.refused.lines())
        if is_service_missing(public):
            missing = (
                f"no service works on {public}: nothing is polled until aggregator run or poll is started"
            )
            found = replace(found, warnings=(missing, *found.warnings))
        if sources:
            found = replace(found, sources=tuple(one for one in found.sources if one.id in sources))
        if as_json:
            typer.echo(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
        elif sources:
            print_sources(found)
        else:
            print_status(found)


def hide(
    story: StoryArgument,
    reason: Annotated[
        str, typer.Option("--reason", help="Why, in words for readers: feeds say it", metavar="TEXT")
    ],
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
    verbose: VerboseOption = False,
) -> None:
    """Take a story out of every document at once; no later poll brings it back."""
    configure_logs(verbose)
    if not reason.strip():
        raise typer.BadParameter("say why in a few words", param_hint="--reason")
    with errors_in_words():
        before, report = with_app(
            load_in_force_or_tell(ConfigFile(config, os.environ), database).loaded.config,
            database,
            public,
            lambda a: jobs.hide(a, story, reason.strip()),
            must_exist=True,
        )
        title = before.entries[0].entry.title
        out.print(
            f"was hidden already ({before.hidden_reason}): {title}"
            if before.hidden_at
            else f"hidden: {title}"
        )
        print_publish_report(report, public)


def unhide(
    story: StoryArgument,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
    verbose: VerboseOption = False,
) -> None:
    """Undo hide: the story stands again where it stood, with the same id and date."""
    configure_logs(verbose)
    with errors_in_words():
        before, report = with_app(
            load_in_force_or_tell(ConfigFile(config, os.environ), database).loaded.config,
            database,
            public,
            lambda a: jobs.unhide(a, story),
            must_exist=True,
        )
        title = before.entries[0].entry.title
        out.print(f"shown again: {title}" if before.hidden_at else f"was not hidden: {title}")
        print_publish_report(report, public)


def release(
    source: Annotated[str, typer.Argument(help="Id of a source whose entries are held", metavar="SOURCE")],
    discard: Annotated[
        bool,
        typer.Option("--discard", help="Never publish them for this source"),
    ] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
    verbose: VerboseOption = False,
) -> None:
    """Let go of what is held since a source brought far more at once than usual."""
    configure_logs(verbose)
    with errors_in_words():
        loaded = load_in_force_or_tell(ConfigFile(config, os.environ), database).loaded.config
        with open_store(database, loaded, must_exist=True) as store, store.read() as tx:
            check_source(source, tx.source_states().keys() | {one.id for one in loaded.sources})
        number, report = with_app(
            loaded, database, public, lambda a: jobs.release(a, source, discard=discard), must_exist=True
        )
        what = counted(number, "entry", "entries")
        out.print(
            f"kept out of the feeds: {what} of {source}" if discard else f"released: {what} of {source}"
        )
        print_publish_report(report, public)
