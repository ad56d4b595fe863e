"""Which outputs there are, and which stories stand in each of them now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from aggregator.config.model import Config, OutputWhere
from aggregator.model.document import EVERYTHING, Output, Where
from aggregator.model.gazetteer import codes_named
from aggregator.model.story import Story

# https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap
NEWS_MAX_AGE = timedelta(hours=48)
NEWS_MAX_URLS = 1_000


@dataclass(frozen=True, slots=True)
class Selection:
    """One output's stories, in order; ``next_change_at``: when the first of them leaves by age or expiry."""

    stories: tuple[Story, ...]
    next_change_at: datetime | None


def outputs_of(config: Config) -> tuple[Output, ...]:
    """Every output that the configuration promises: the combined one, one per topic, then those of its own choice."""
    combined = config.outputs.combined
    named: list[tuple[str, str, Where]] = [(combined.id, combined.title, EVERYTHING)]
    for topic in config.topics:
        title = config.outputs.topics.title.replace("{topic}", topic.title)
        named.append((f"topics/{topic.id}", title, Where(topics=(topic.id,))))
    public = [_output(config, *one) for one in named]
    custom = [
        replace(
            _output(config, one.id, one.title, _where(one.where)),
            profile=one.profile,
            content=one.content,
            link=one.link,
        )
        for one in config.outputs.custom
    ]
    return (*public, *map(_as_its_profile_asks, custom))


def _output(config: Config, output_id: str, title: str, where: Where) -> Output:
    defaults = config.outputs.defaults
    max_age_s = defaults.max_age.total_seconds()
    return Output(output_id, title, defaults.limit, max_age_s, where, link=defaults.link)


def _as_its_profile_asks(output: Output) -> Output:
    if output.profile != "google-news":
        return output
    newest_s = min(output.max_age_s, NEWS_MAX_AGE.total_seconds())
    return replace(output, max_age_s=newest_s, limit=NEWS_MAX_URLS)


def _where(asked: OutputWhere) -> Where:
    return Where(
        topics=asked.topic,
        partners=asked.partner,
        places=tuple(code for name in asked.place for code in codes_named(name)),
        genres=asked.genre,
        languages=asked.language,
    )


def select(output: Output, stories: Sequence[Story], now: datetime) -> Selection:
    """The stories that ``output`` shows at ``now``, in the order given (newest first publication first).

    The store asks for the same; here it is decided, so that a query can only be too generous, never wrong.
    """
    shown = tuple(islice((story for story in stories if _is_shown(story, output, now)), output.limit))
    return Selection(shown, min((_leaves_at(story, output) for story in shown), default=None))


def _is_shown(story: Story, output: Output, now: datetime) -> bool:
    if story.published is None or story.hidden_at is not None or story.refusal:
        return False
    if not output.where.takes(story.topics, story.shown_partner_id, story.facets):
        return False
    return now < _leaves_at(story, output)


def _leaves_at(story: Story, output: Output) -> datetime:
    """When a published story leaves the output if nothing else happens."""
    assert story.published is not None
    too_old_at = story.published.first_published_at + timedelta(seconds=output.max_age_s)
    return min(too_old_at, story.visible_until or too_old_at)
