"""The pages about stories for ops: a list to search, and why one story is where it is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote
from zoneinfo import ZoneInfo

from aggregator.model.explanation import Explanation
from aggregator.model.listing import StoryPage, StoryQuery
from aggregator.web.ops import ENVIRONMENT, moment

# Of what was typed, as much as anybody types.
_TYPED_CHARS = 300
_FIELDS = 10
_ID = re.compile(r"(urn:uuid:)?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def fields_of(target: bytes) -> Mapping[str, str]:
    """The query of a request target by name, each value as far as anybody types; of a name that stands twice the last.

    Broken UTF-8 is read around. More than a form of ours has fields is no query of ours.
    """
    query = target.partition(b"?")[2].partition(b"#")[0].decode("ascii", "replace")
    try:
        pairs = parse_qsl(query, errors="replace", max_num_fields=_FIELDS)
    except ValueError:
        return {}
    return {name: value.strip()[:_TYPED_CHARS] for name, value in pairs}


def query_of(target: bytes) -> StoryQuery:
    """What the form asks for."""
    fields = fields_of(target)
    return StoryQuery(
        topic=fields.get("topic", ""), partner=fields.get("partner", ""), search=fields.get("search", "")
    )


def story_address(search: str) -> str:
    """Where a search leads that names one story by address or id, relative to the list; '' for words."""
    is_named = "://" in search or _ID.fullmatch(search)
    return f"story?story={quote(search, safe='')}" if is_named else ""


async def render_stories(page: StoryPage) -> str:
    """The list. Rendered in a thread, as all pages are."""
    return await asyncio.to_thread(_stories, page)


def _stories(page: StoryPage) -> str:
    zone = ZoneInfo(page.timezone)
    return ENVIRONMENT.get_template("stories.html").render(
        page=page,
        found=page.found,
        query=page.query,
        moment=lambda at: moment(at, page.at, zone),
        zone=f"{zone.key} ({page.at.astimezone(zone):%Z})",
    )


async def render_story(story: Explanation) -> str:
    """Everything about one story."""
    return await asyncio.to_thread(_story, story)


def _story(story: Explanation) -> str:
    zone = ZoneInfo(story.timezone)
    return ENVIRONMENT.get_template("story.html").render(
        story=story, moment=lambda at: moment(at, story.at, zone)
    )
