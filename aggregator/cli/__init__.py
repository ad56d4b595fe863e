"""Commands: argument handling and printing, nothing else."""

from __future__ import annotations

from typing import Annotated

import typer

from aggregator import __version__
from aggregator.cli import alerts, backup, desk, file, opml, push, review, service, stories, subscribers
from aggregator.console import out

app = typer.Typer(
    help="A newsroom's syndication desk: partner feeds in, clean and credited feeds out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop")] = False,
) -> None:
    """A newsroom's syndication desk: partner feeds in, clean and credited feeds out."""
    if version:
        out.print(f"aggregator {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        out.print(context.get_help())


# In the order of --help.
for _command in (
    file.check,
    service.run,
    desk.poll,
    desk.publish,
    desk.status,
    stories.explain,
    stories.show,
    push.receipts,
    push.followers,
    review.review,
    desk.hide,
    desk.unhide,
    desk.release,
    alerts.alert_test,
    backup.backup,
    backup.restore,
    opml.import_opml,
    opml.export_opml,
    file.schema,
    service.demo,
):
    app.command()(_command)
app.add_typer(stories.listing, name="list")
app.add_typer(subscribers.subscribers, name="subscriber")
