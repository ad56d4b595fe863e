"""What commands print: results on standard output, errors and progress on standard error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from aggregator.errors import ConfigError
from aggregator.model.report import PublishReport, SourceReport
from aggregator.model.review import Finding, Review
from aggregator.model.span import span
from aggregator.model.status import DeskStatus, SourceStatus, SubscriberStatus
from aggregator.model.subscriber import Address

out = Console(soft_wrap=True, highlight=False, markup=False)
err = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)

STATE_STYLES = {"well": "green", "trouble": "red", "waiting": "yellow", "disabled": "dim", "retired": "dim"}

# What a person should look at, by kind of doubt.
DOUBTS = {
    "pasted-in": "a word within a word, or the lead's words twice",
    "correction": "it speaks of a correction or a withdrawal",
    "rule": "a partner's own rule was given up",
    "origin": "its origin is no partner of ours",
    "host": "its address is not its partner's",
}


def print_config_error(error: ConfigError) -> None:
    """Every mistake with its line and a caret under the place."""
    for problem in error.problems:
        err.print(problem.line(), style="red")
        if problem.caret():
            err.print(problem.caret())
    count = len(error.problems)
    err.print(f"{count} mistake{'s' if count > 1 else ''}; nothing was done")


def print_refused_config(error: ConfigError) -> None:
    """The same mistakes, where the last good configuration stands in."""
    for line in error.lines():
        err.print(line, style="red")
    err.print("feeds.yaml is refused: working with the last good one", style="yellow")


def print_source_report(report: SourceReport) -> None:
    """One line for a visit, and one for each remark."""
    if report.problem:
        out.print(f"{report.source_id}: {report.problem}", style="red")
    elif report.outcome == "unchanged":
        out.print(f"{report.source_id}: unchanged")
    else:
        brought = f"{report.new} new, {report.copies} of stories we have, {report.revised} revised"
        out.print(f"{report.source_id}: {counted(report.entries, 'entry', 'entries')}: {brought}")
    if report.outcome == "read":
        for note in report.notes:
            out.print(f"  remark: {note}", style="yellow")


def print_round(reports: Sequence[SourceReport]) -> None:
    """Every visit, and in the end whether all went well."""
    for report in reports:
        print_source_report(report)
    failed = sum(bool(report.problem) for report in reports)
    if failed:
        whole = counted(len(reports), "source", "sources")
        out.print(f"{failed} of {whole} could not be read; what was published before stays", style="red")


def print_publish_report(report: PublishReport, public: Path) -> None:
    """What changed on disk, and what was kept back."""
    if report.files:
        out.print(f"published to {public}/: {counted(len(report.files), 'document', 'documents')} changed")
    else:
        out.print(f"published to {public}/: nothing changed")
    if report.removed:
        out.print(f"taken away: {', '.join(report.removed)}")
    for problem in report.problems:
        out.print(f"kept back: {problem.subject}: {problem.message}", style="red")


def print_status(status: DeskStatus) -> None:
    """Two lines for a source, so that words are whole on any terminal and in any pipe; then counts and warnings."""
    zone = ZoneInfo(status.timezone)
    if status.config_problems:
        since = f" since {local(status.config_refused_at, zone)}" if status.config_refused_at else ""
        out.print(f"feeds.yaml is refused{since}; the last good one is in force:", style="red")
        for line in status.config_problems:
            out.print(f"    {line}", style="red")
    for source in status.sources:
        _print_source(source, zone)
    published = counted(status.published, "story was", "stories were")
    out.print(f"{published} published at some time, of {status.stories} known")
    if status.doubtful:
        doubtful = counted(status.doubtful, "published story", "published stories")
        out.print(
            f"for a person to look at: {doubtful} of the last week: aggregator review --doubts",
            style="yellow",
        )
    if status.subscribers:
        asked = sum(one.usage.fetched + one.usage.unchanged for one in status.subscribers)
        subscribers = counted(len(status.subscribers), "subscriber")
        out.print(f"{subscribers}, {counted(asked, 'request')} in 7 days: aggregator subscriber list")
    if status.follower_numbers:
        numbers = ", ".join(f"{number} {state}" for state, number in status.follower_numbers)
        out.print(f"followers by WebSub: {numbers}: aggregator followers")
    for words, number in status.refused:
        out.print(f"in no feed now: {counted(number, 'story', 'stories')}: {words}")
    for story in status.hidden:
        out.print(f"hidden: {story.title} ({story.id}): {story.reason}")
    for warning in status.warnings:
        out.print(f"warning: {warning}", style="red")


def print_sources(status: DeskStatus) -> None:
    """All that is known of the sources alone: as in print_status(), then what is held and the last visits."""
    zone = ZoneInfo(status.timezone)
    for source in status.sources:
        _print_source(source, zone)
        for title in source.held_titles:
            out.print(f"    held: {title}", style="yellow")
        if source.held > len(source.held_titles):
            out.print(f"    held: and {source.held - len(source.held_titles)} more", style="yellow")
        for visit in source.visits:
            brought = f"{visit.new} new, {visit.copies} copies, {visit.revised} revised"
            told = {"read": brought, "pushed": f"pushed: {brought}"}
            words = visit.problem or told.get(visit.outcome, visit.outcome)
            out.print(
                f"    visit {local(visit.visited_at, zone)}, {visit.took_s:.1f} s: {words}", style="dim"
            )


def _print_source(source: SourceStatus, zone: ZoneInfo) -> None:
    out.print(f"{source.id}: {source.state}: {source.words}", style=STATE_STYLES[source.state])
    if source.last_polled_at:
        times = (
            f"polled {local(source.last_polled_at, zone)}, last new article {local(source.last_new_at, zone)}"
        )
        planned = f", next poll {local(source.next_poll_at, zone)}" if source.next_poll_at else ""
        out.print(f"    {times}{planned}", style="dim")
        if source.planned_why:
            every = f"polled about every {span(source.every_s)}"
            rhythm = f"; {source.rhythm}" if source.rhythm else ""
            out.print(f"    {every} ({source.planned_why}){rhythm}", style="dim")
        if source.push:
            out.print(f"    {source.push}", style="dim")
        if source.held:
            held = counted(source.held, "entry is", "entries are")
            out.print(f"    {held} held: aggregator release {source.id}", style="yellow")
    for note in source.notes:
        out.print(f"    remark: {note}", style="yellow")


def print_subscribers(
    subscribers: Sequence[SubscriberStatus], addresses: Mapping[str, Sequence[Address]], zone: ZoneInfo
) -> None:
    """Each with its addresses, the one to give away first, and how often these were asked for."""
    for one in subscribers:
        style = {"answered": "green", "waiting": "yellow"}.get(one.state, "red")
        out.print(f"{one.id} ({one.name}): {one.state}: {one.words}", style=style)
        for address in addresses.get(one.id, ()):
            until = (
                f", old, until {address.ends_at.astimezone(zone):%Y-%m-%d %H:%M %Z}"
                if address.ends_at
                else ""
            )
            out.print(f"    {address.url} ({counted(address.stories, 'story', 'stories')}{until})")
        usage = f"{counted(one.usage.fetched, 'document')} sent, {one.usage.unchanged} times unchanged"
        out.print(f"    in 7 days: {usage}", style="dim")
    if not subscribers:
        out.print("no subscribers in feeds.yaml; aggregator subscriber add makes one")


def print_review(review: Review, days: int, zone: ZoneInfo) -> None:
    """What was found, then how often each rule cut and each kind of doubt came up."""
    for finding in review.findings:
        _print_finding(finding, zone)
    if review.found > len(review.findings):
        out.print(
            f"and {review.found - len(review.findings)} more: see --limit, --source, --rule", style="dim"
        )
    entries = counted(review.entries, "entry", "entries")
    looked_at = f"{entries} of the last {counted(days, 'day')}"
    if not review.found:
        out.print(f"nothing to review in {looked_at}")
        return
    out.print(f"{looked_at}, {review.found} of them with something to review")
    for rule, number in review.cuts:
        out.print(f"    cut by {rule}: {counted(number, 'time')}")
    for kind, number in review.doubts:
        out.print(f"    to look at, {kind} ({DOUBTS[kind]}): {number}", style="yellow")


def _print_finding(finding: Finding, zone: ZoneInfo) -> None:
    out.print(finding.title or "(no headline)", style="bold")
    came = f"{finding.source_id}, {local(finding.first_seen_at, zone)}, story {finding.story_id}"
    out.print(f"    {came}, {finding.standing}", style="dim")
    if finding.address:
        out.print(f"    {finding.address}", style="dim")
    for doubt in finding.doubts:
        out.print(f"    look at {doubt.kind}: {doubt.text}", style="yellow")
    for cut in finding.cuts:
        out.print(f"    cut by {cut.rule}: {cut.text}")


def local(at: datetime | None, zone: ZoneInfo) -> str:
    """A time on the site's clock."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z") if at else "never"


def counted(number: int, one: str, many: str = "") -> str:
    """``1 story``, ``2 stories``; the plural with s need not be given."""
    return f"{number} {one if number == 1 else many or one + 's'}"
