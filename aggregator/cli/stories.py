"""Commands about stories: why one is where it is, what readers get of it, and which there are."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict
from datetime import UTC, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from aggregator.app import App, open_store, utc_now
from aggregator.cli.options import (
    DEFAULT_CONFIG,
    DEFAULT_DATABASE,
    DEFAULT_PUBLIC,
    ConfigOption,
    DatabaseOption,
    PublicOption,
    StoryArgument,
    check_name,
    errors_in_words,
    load_in_force_or_tell,
    with_app,
)
from aggregator.config.file import ConfigFile
from aggregator.config.types import DAY_PATTERN, parse_day, parse_duration
from aggregator.console_stories import print_explanation, print_shown, print_stories
from aggregator.explaining import explain_story
from aggregator.fitting import fit_all
from aggregator.intake.identity import canonical_url
from aggregator.model.listing import StoryQuery
from aggregator.model.story import PrintStory, Story
from aggregator.store.search import search_terms

listing = typer.Typer(help="List what the desk has.", no_args_is_help=True)


def explain(
    story: StoryArgument,
    as_json: Annotated[bool, typer.Option("--json", help="For machines, with all there is")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """Say why a story is where it is: copies, credit, topics, places, what was cut, revisions."""
    del public  # accepted so that a script can give every command the same options
    with errors_in_words():
        loaded = load_in_force_or_tell(ConfigFile(config, os.environ), database).loaded.config
        with open_store(database, loaded, must_exist=True) as store:
            found = explain_story(loaded, store, story, utc_now())
        if as_json:
            typer.echo(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
        else:
            print_explanation(found)


def show(
    story: StoryArgument,
    as_json: Annotated[bool, typer.Option("--json", help="For machines, with its markup")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """Show a story as readers get it."""
    with errors_in_words():
        loaded = load_in_force_or_tell(ConfigFile(config, os.environ), database).loaded.config
        printed, words = with_app(
            loaded, database, public, lambda opened: _fit(opened, story), must_exist=True
        )
        if printed is None:
            typer.echo(f"readers get nothing of it: {words}; aggregator explain says more", err=True)
            raise typer.Exit(1)
        if as_json:
            plain = json.dumps(asdict(printed), indent=2, ensure_ascii=False, default=datetime.isoformat)
            typer.echo(plain)
        else:
            print_shown(printed, ZoneInfo(loaded.site.timezone))


async def _fit(opened: App, ref: str) -> tuple[PrintStory | None, str]:
    """The story as it is printed, else why it is not."""
    story = await opened.read(lambda tx: tx.find_story(ref, canonical_url(ref)))
    if words := _kept_back(story, opened.clock()):
        return None, words
    prints, problems = await fit_all(opened, [story])
    return prints.get(story.story_id), "; ".join(problem.message for problem in problems.values())


def _kept_back(story: Story, now: datetime) -> str:
    if story.hidden_at is not None:
        return f"hidden: {story.hidden_reason}"
    if story.published is None:
        return story.refusal or "it was never published"
    is_expired = story.visible_until is not None and story.visible_until <= now
    return story.refusal or ("older than its terms' expires_after" if is_expired else "")


@listing.command("stories")
def list_stories(  # noqa: PLR0913, PLR0917  options, each given by its name
    topic: Annotated[str, typer.Option("--topic", help="Only of this topic", metavar="TOPIC")] = "",
    partner: Annotated[
        str, typer.Option("--partner", help="Only with an entry of this partner", metavar="PARTNER")
    ] = "",
    since: Annotated[
        str,
        typer.Option("--since", help="Only since this day or so long: 2026-11-20, 12h, 7d", metavar="WHEN"),
    ] = "",
    search: Annotated[
        str,
        typer.Option(
            "--search",
            help='Only with all these words in headline and text; "in quotes" as they stand, end* as a beginning',
            metavar="WORDS",
        ),
    ] = "",
    limit: Annotated[int, typer.Option("--limit", help="List so many", min=1, max=10_000)] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="For machines")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """List stories, newest first: published or not, and why not."""
    del public  # accepted so that a script can give every command the same options
    with errors_in_words():
        loaded = load_in_force_or_tell(ConfigFile(config, os.environ), database).loaded.config
        if topic:
            check_name(f'no topic "{topic}" in feeds.yaml', topic, [one.id for one in loaded.topics])
        if partner:
            check_name(f'no partner "{partner}" in feeds.yaml', partner, [one.id for one in loaded.partners])
        if search and not search_terms(search):
            raise typer.BadParameter("there is no word in it", param_hint="--search")
        now = utc_now()
        zone = ZoneInfo(loaded.site.timezone)
        query = StoryQuery(topic, partner, since=_since(since, now, zone), search=search)
        with open_store(database, loaded, must_exist=True) as store, store.read() as tx:
            found = tx.list_stories(query, limit)
        if as_json:
            rows = [asdict(one) | {"kept_back": one.kept_back(now)} for one in found.stories]
            plain = {"found": found.found, "stories": rows}
            typer.echo(json.dumps(plain, indent=2, ensure_ascii=False, default=datetime.isoformat))
        else:
            print_stories(found, now, zone)


def _since(when: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """A day begins at midnight of the site's time zone; None for what is asked for nothing, or before all time."""
    if not when:
        return None
    try:
        if re.fullmatch(DAY_PATTERN, when):
            return datetime.combine(parse_day(when), time(), zone).astimezone(UTC)
        return now - parse_duration(when)
    except OverflowError:
        return None
    except ValueError:
        expected = "expected a day such as 2026-11-20 or a duration such as 7d"
        raise typer.BadParameter(f'{expected}, got "{when}"', param_hint="--since") from None
