"""Which outputs there are, and which stories stand in each of them now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from types import MappingProxyType

from aggregator.config.model import Config, OutputWhere, Subscriber
from aggregator.model.document import EVERYTHING, PRIVATE, Output, Where
from aggregator.model.gazetteer import codes_named
from aggregator.model.hosts import host_of, is_within
from aggregator.model.story import StoredEntry, Story

# https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap
NEWS_MAX_AGE = timedelta(hours=48)
NEWS_MAX_URLS = 1_000
# "Artikel ini telah tayang di Kabar Muaro dengan judul ...", "Sumber: <a href=...>Kabar Muaro</a>", in small letters.
_FIRST_PUBLISHED = re.compile(
    r"\b(?:artikel|berita|tulisan) ini (?:(?:telah|sudah|pernah|juga|lebih dulu|pertama kali) ){0,2}"
    r"(?:tayang|terbit|dimuat|naik|dipublikasikan|diterbitkan|ditayangkan)\b|\bsumber(?: (?:berita|artikel))? ?:"
    r"|\bbaca (?:artikel|berita) asli"
)
_CREDIT_CHARS = 100
_LINK = re.compile(r"<a\b[^>]*\bhref=[\"']?([^\"'\s>]+)[^>]*>")
_TAG = re.compile(r"<[^>]*>")
NO_KEYS: Mapping[str, Sequence[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Selection:
    """One output's stories, in order; ``next_change_at``: when the first of them leaves by age or expiry."""

    stories: tuple[Story, ...]
    next_change_at: datetime | None


def outputs_of(config: Config, keys: Mapping[str, Sequence[str]] = NO_KEYS) -> tuple[Output, ...]:
    """Every output that the configuration promises: the combined one, one per topic, those of its own choice, and then
    one for each of ``keys`` (by subscriber). Without keys: all that everybody may read.
    """
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
    private = (
        _private(config, subscriber, key)
        for subscriber in config.subscribers
        for key in keys.get(subscriber.id, ())
    )
    return (*public, *map(_as_its_profile_asks, custom), *private)


def _private(config: Config, subscriber: Subscriber, key: str) -> Output:
    own = config.partner(subscriber.partner) if subscriber.partner else None
    where = replace(
        _where(subscriber.where),
        not_partners=(own.id,) if own else (),
        not_hosts=(*(own.domains if own else ()), *subscriber.domains),
        not_names=(own.name,) if own else (subscriber.name,) if subscriber.domains else (),
    )
    output = replace(
        _output(config, f"{PRIVATE}{key}", f"{config.site.name}: {subscriber.name}", where),
        profile=subscriber.profile,
        content=subscriber.content,
        link=subscriber.link,
        subscriber_id=subscriber.id,
    )
    output = _as_its_profile_asks(output)
    return replace(output, limit=subscriber.limit) if subscriber.limit else output


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


def select(output: Output, stories: Iterable[Story], now: datetime) -> Selection:
    """The stories that ``output`` shows at ``now``, in the order given (newest first publication first).

    The store asks for the same; here it is decided, so that a query can only be too generous, never wrong. No more is
    taken of ``stories`` than is needed.
    """
    shown = tuple(islice((story for story in stories if _is_shown(story, output, now)), output.limit))
    return Selection(shown, min((_leaves_at(story, output) for story in shown), default=None))


def _is_shown(story: Story, output: Output, now: datetime) -> bool:
    is_published = story.published is not None
    return is_published and now < _leaves_at(story, output) and belongs(story, output, now)


def belongs(story: Story, output: Output, now: datetime) -> bool:
    """Whether ``output`` shows the story as long as it is young enough and there is room."""
    return story.published is not None and not is_withdrawn(story, now) and is_wanted(story, output)


def is_withdrawn(story: Story, now: datetime) -> bool:
    """Whether it may not be shown: hidden, refused by its terms, or expired."""
    is_over = story.visible_until is not None and story.visible_until <= now
    return story.hidden_at is not None or bool(story.refusal) or is_over


def is_wanted(story: Story, output: Output) -> bool:
    """Whether the story is one for ``output``, and not its reader's own."""
    is_taken = output.where.takes(story.topics, story.shown_partner_id, story.facets)
    return is_taken and not is_of_reader(story, output.where)


def is_of_reader(story: Story, where: Where) -> bool:
    """Whether whom the output is for would be given their own article: by any entry, whoever leads."""
    if not where.not_partners and not where.not_hosts:
        return False
    hosts = {host_of(story.published.url)} if story.published else set()
    hosts.update(host for stored in story.entries for host in _hosts_of(stored))
    return (
        any(stored.partner_id in where.not_partners for stored in story.entries)
        or any(is_within(host, where.not_hosts) for host in hosts)
        or any(_credits(stored.entry.html, (*where.not_names, *where.not_hosts)) for stored in story.entries)
    )


def _hosts_of(stored: StoredEntry) -> tuple[str, ...]:
    """Where the article stands, and where its feed and its own text say that it comes from."""
    credit = stored.provenance
    origin = credit.host.lower() if credit is not None and credit.form != "quoted" else ""
    return host_of(stored.canonical_url), host_of(stored.entry.url), host_of(stored.entry.source_url), origin


def _credits(html: str, marks: Sequence[str]) -> bool:
    """Whether an article says that it was published first by who is known by one of these names or hosts.

    Wider than ``provenance``, which reads credits to repeat them: here a doubt costs a subscriber one article.
    """
    lowered, known = html.casefold(), [mark.casefold() for mark in marks]
    if not any(mark in lowered for mark in known):
        return False
    text = " ".join(_TAG.sub(" ", _LINK.sub(r" \1 ", lowered)).split())
    named = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, known))})(?!\w)")
    return any(
        named.search(text, credit.end(), credit.end() + _CREDIT_CHARS)
        for credit in _FIRST_PUBLISHED.finditer(text)
    )


def _leaves_at(story: Story, output: Output) -> datetime:
    """When a published story leaves the output if nothing else happens."""
    assert story.published is not None
    too_old_at = story.published.first_published_at + timedelta(seconds=output.max_age_s)
    if output.profile == "google-news":  # by the date that stands there, not by when it came to us
        too_old_at = min(too_old_at, story.published.published_at + NEWS_MAX_AGE)
    return min(too_old_at, story.visible_until or too_old_at)
