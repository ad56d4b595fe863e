"""What commands print: results on standard output, errors and progress on standard error."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from aggregator.errors import ConfigError
from aggregator.jobs import PublishReport, SourceReport
from aggregator.status import DeskStatus

out = Console(soft_wrap=True, highlight=False, markup=False)
err = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)

STATE_STYLES = {"well": "green", "trouble": "red", "waiting": "yellow", "disabled": "dim", "retired": "dim"}


def print_config_error(error: ConfigError) -> None:
    """Every mistake with its line and a caret under the place."""
    for problem in error.problems:
        err.print(problem.line(), style="red")
        if problem.caret():
            err.print(problem.caret())
    count = len(error.problems)
    err.print(f"{count} mistake{'s' if count > 1 else ''}; nothing was done")


def print_source_report(report: SourceReport) -> None:
    """One line for a visit, and one for each remark."""
    if report.problem:
        out.print(f"{report.source_id}: {report.problem}", style="red")
    elif report.outcome == "unchanged":
        out.print(f"{report.source_id}: unchanged")
    else:
        out.print(
            f"{report.source_id}: {report.entries} entries, {report.new} new, "
            f"{report.copies} copies of stories we have, {report.revised} revised"
        )
    if report.outcome == "read":
        for note in report.notes:
            out.print(f"  remark: {note}", style="yellow")


def print_publish_report(report: PublishReport, public: Path) -> None:
    """What changed on disk, and what was kept back."""
    if report.files:
        out.print(f"published to {public}/: {len(report.files)} documents changed")
    else:
        out.print(f"published to {public}/: nothing changed")
    if report.removed:
        out.print(f"taken away: {', '.join(report.removed)}")
    for problem in report.problems:
        out.print(f"kept back: {problem.subject}: {problem.message}", style="red")


def print_status(status: DeskStatus) -> None:
    """A table of sources, the counts, and every warning."""
    zone = ZoneInfo(status.timezone)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("source", "state", "last poll", "last new", "in words"):
        table.add_column(heading, overflow="fold", no_wrap=heading != "in words")
    for source in status.sources:
        times = (_local(source.last_polled_at, zone), _local(source.last_new_at, zone))
        table.add_row(source.id, source.state, *times, source.words, style=STATE_STYLES[source.state])
    out.print(table)
    for source in status.sources:
        for note in source.notes:
            out.print(f"remark on {source.id}: {note}", style="yellow")
    out.print(f"{status.published} stories published of {status.stories} ({status.entries} entries)")
    for story, reason in status.hidden:
        out.print(f"hidden: {story}: {reason}")
    for warning in status.warnings:
        out.print(f"warning: {warning}", style="red")


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else "-"
