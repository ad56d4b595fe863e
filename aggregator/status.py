"""How the desk is, in words: what ``aggregator status`` prints and later pages show."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from aggregator.archiving import archive_problems
from aggregator.config.model import Config, Source
from aggregator.editorial.review import REVIEWED, review
from aggregator.intake.rhythm import FEW_PAUSES, rates
from aggregator.intake.watch import flags_of
from aggregator.jobs import PUBLISH_PROBLEMS
from aggregator.model.document import is_private
from aggregator.model.flag import Flag
from aggregator.model.receipt import FollowerStatus
from aggregator.model.rhythm import Rhythm
from aggregator.model.source import SourceState
from aggregator.model.status import DeskStatus, HiddenStory, SourceStatus
from aggregator.model.story import Story
from aggregator.model.subscription import Subscription
from aggregator.outputs.select import outputs_of
from aggregator.overriding import override_warnings
from aggregator.push.subscriber import in_words
from aggregator.receipts import follower_statuses
from aggregator.store.reads import ReadTx
from aggregator.store.store import Store
from aggregator.subscribing import is_over, lost_subscribers, subscriber_statuses

REFUSALS_SHOWN = timedelta(days=2)
REFUSALS_LISTED = 20
DAYS_SHOWN = 14
HELD_SHOWN = 20
DOUBTFUL_SHOWN = 20
CONFIG_REFUSED = "config_refused"
PUBLISH_TROUBLE = "publish_trouble"
ALERT_TROUBLE = "alert_trouble"
_TROUBLES = ((PUBLISH_TROUBLE, "documents are not published"), (ALERT_TROUBLE, "alerts do not arrive"))
FOLLOWERS_SHOWN = 100


def desk_status(config: Config, store: Store, now: datetime) -> DeskStatus:
    """Read the state of every source and of publishing. Raises StoreError."""
    with store.read() as tx:
        states, rhythms, held = tx.source_states(), tx.rhythms(), tx.held_counts()
        held_titles = {source_id: tx.held_titles(source_id, HELD_SHOWN) for source_id in held}
        counts = tx.counts()
        hidden = tx.hidden_stories()
        refused = tx.refusals(now - REFUSALS_SHOWN, REFUSALS_LISTED)
        problems, of_archives = json.loads(tx.meta(PUBLISH_PROBLEMS) or "[]"), archive_problems(tx)
        config_refused = json.loads(tx.meta(CONFIG_REFUSED) or "{}")
        troubles = [f"{what}: {words}" for key, what in _TROUBLES if (words := tx.meta(key))]
        known_outputs = tx.output_states().keys()
        of_file = override_warnings(config, tx) + lost_subscribers(config, tx.subscriber_keys(), now)
        visits, subscriptions = tx.visits(), _by_source(tx.subscriptions())
        per_hour = tx.entries_per_hour(now - timedelta(days=DAYS_SHOWN))
        shown = tx.entries_for_review(now - REVIEWED, now, shown_only=True)
        subscribers = subscriber_statuses(config, tx, now)
        doubtful = review(shown, config, doubts_only=True, limit=DOUBTFUL_SHOWN)
        follower_numbers, followers = _followers(config, tx, now)
    zone = ZoneInfo(config.site.timezone)
    sources = [
        replace(
            source,
            rhythm=rhythm_in_words(rhythms.get(source.id, Rhythm()), zone),
            push=in_words(subscriptions.get(source.id, ()), now, zone),
            held=held.get(source.id, 0),
            held_titles=held_titles.get(source.id, ()),
            visits=visits.get(source.id, ()),
            entries_per_day=_per_day(per_hour.get(source.id, Counter()), now, zone),
        )
        for source in _source_statuses(config, states, now)
    ]
    return DeskStatus(
        at=now,
        timezone=config.site.timezone,
        sources=tuple(sources),
        entries=counts.entries,
        stories=counts.stories,
        published=counts.published,
        refused=refused,
        hidden=tuple(map(_hidden_story, hidden)),
        warnings=(
            *troubles,
            *lost_outputs(config, known_outputs),
            *of_file,
            *contract_warnings(config, now),
            *(f"subscriber {one.id}: revoked, {one.words}" for one in subscribers if one.state == "revoked"),
            *(f"{p['subject']}: {p['message']}" for p in problems),
            *(f"{p.subject}: {p.message}" for p in of_archives),
        ),
        config_refused_at=datetime.fromisoformat(config_refused["at"]) if config_refused else None,
        config_problems=tuple(config_refused.get("problems", ())),
        doubtful=doubtful.found,
        doubtful_stories=doubtful.findings,
        subscribers=subscribers,
        follower_numbers=follower_numbers,
        followers=followers,
    )


def _source_statuses(
    config: Config, states: Mapping[str, SourceState], now: datetime
) -> Iterator[SourceStatus]:
    """Those of the file in its order, then retired ones."""
    yield from (_source_status(source, states.get(source.id), now) for source in config.sources)
    defined = {source.id for source in config.sources}
    retired = (state for state in states.values() if state.source_id not in defined)
    # One that never brought anything was a slip of the pen.
    yield from (_retired_status(state) for state in retired if state.last_new_at is not None)


def _followers(
    config: Config, tx: ReadTx, now: datetime
) -> tuple[tuple[tuple[str, int], ...], tuple[FollowerStatus, ...]]:
    """How many there are in which state, and the first of them, those in trouble before the others."""
    found = follower_statuses(config, tx, now)
    return tuple(sorted(Counter(one.state for one in found).items())), found[:FOLLOWERS_SHOWN]


def _by_source(subscriptions: Iterable[Subscription]) -> dict[str, list[Subscription]]:
    found: dict[str, list[Subscription]] = defaultdict(list)
    for one in subscriptions:
        found[one.source_id].append(one)
    return found


def count_sources(config: Config, store: Store, now: datetime) -> tuple[Counter[str], Counter[str]]:
    """How many sources are in which state, and how many have which flag. Raises StoreError."""
    with store.read() as tx:
        states = tx.source_states()
    found = [_source_status(source, states.get(source.id), now) for source in config.sources]
    counts = Counter(one.state for one in found)
    counts["retired"] = len(states.keys() - {source.id for source in config.sources})
    return counts, Counter(flag.kind for one in found for flag in one.flags)


def _per_day(per_hour: Counter[datetime], now: datetime, zone: ZoneInfo) -> tuple[tuple[date, int], ...]:
    """The last days in the site's time zone, those without an entry too."""
    today = now.astimezone(zone).date()
    days = {today - timedelta(days=back): 0 for back in range(DAYS_SHOWN - 1, -1, -1)}
    for hour, number in per_hour.items():
        day = hour.astimezone(zone).date()
        if day in days:
            days[day] += number
    return tuple(days.items())


def _hidden_story(story: Story) -> HiddenStory:
    published_id = story.published.id if story.published else str(story.story_id)
    return HiddenStory(published_id, story.entries[0].entry.title, story.hidden_reason)


def _source_status(source: Source, state: SourceState | None, now: datetime) -> SourceStatus:
    if not source.enabled:
        return SourceStatus(source.id, "disabled", "by feeds.yaml; what was published stays")
    if state is None or state.last_polled_at is None:
        return SourceStatus(source.id, "waiting", "never polled yet")
    flags = flags_of(state, now)
    word = "trouble" if state.problem or flags else "well"
    return replace(_with_state(state, word, _words(source, state, flags)), flags=flags)


def _words(source: Source, state: SourceState, flags: Sequence[Flag]) -> str:
    if state.problem and state.gone_at is None:
        times = f" ({state.failures_in_a_row} times in a row)" if state.failures_in_a_row > 1 else ""
        words = [f"{state.problem}{times}{_by_way(source, state, 'last read by')}"]
        flags = [flag for flag in flags if flag.kind != "failing"]
    elif flags:
        words = []
    else:
        count = f"{state.entries_in_feed} {'entry' if state.entries_in_feed == 1 else 'entries'} in the feed"
        remarks = ", read with remarks" if state.notes else ""
        words = [f"{count}{remarks}{_by_way(source, state, 'read by')}"]
    return "; ".join((*words, *(flag.words for flag in flags)))


def rhythm_in_words(rhythm: Rhythm, zone: ZoneInfo) -> str:
    """How much a source publishes, and at which hours of the day most of it, on the site's clock; '' if unknown."""
    if rhythm.pauses < FEW_PAUSES:
        return ""
    hourly = rates(rhythm)
    offset = round(datetime(2026, 1, 1, tzinfo=zone).utcoffset().total_seconds() / 3600)  # type: ignore[union-attr]
    of_day = [sum(hourly[(hour - offset) % 24 :: 24]) for hour in range(24)]
    a_week = sum(hourly)
    often = f"{a_week / 7:.0f} entries a day" if a_week >= 14 else f"{a_week:.1f} entries a week"
    best = max(range(24), key=lambda hour: sum(of_day[(hour + n) % 24] for n in range(4)))
    share = sum(of_day[(best + n) % 24] for n in range(4)) / a_week
    return f"{often}, {share:.0%} of them from {best:02}:00 to {(best + 4) % 24:02}:00"


def _by_way(source: Source, state: SourceState, read_by: str) -> str:
    way = state.way
    if way is None or source.kind == "feed":
        return ""
    what = {"index": "list of sitemaps"}.get(way.kind, way.kind)
    return f"; {read_by} the {what} {way.url}, found {way.found_at:%d %b}"


def _retired_status(state: SourceState) -> SourceStatus:
    return _with_state(state, "retired", "no longer in feeds.yaml; what was published keeps its identity")


def _with_state(state: SourceState, word: str, words: str) -> SourceStatus:
    return SourceStatus(
        state.source_id,
        word,
        words,
        last_polled_at=state.last_polled_at,
        last_success_at=state.last_success_at,
        last_new_at=state.last_new_at,
        failures_in_a_row=state.failures_in_a_row,
        entries_in_feed=state.entries_in_feed,
        notes=state.notes,
        every_s=state.planned_s or state.every_s,
        planned_why=state.planned_why,
        next_poll_at=state.next_poll_at,
    )


def lost_outputs(config: Config, known: Collection[str]) -> list[str]:
    """Addresses once promised to everybody that the configuration no longer knows. ``known``: all outputs ever."""
    live = {output.id for output in outputs_of(config)} | set(filter(is_private, known))
    named = {retired.id for retired in config.outputs.retired}
    return [
        f"feeds/{output_id}.* was published here and answers 410 now, which makes readers unsubscribe: "
        "bring the id back, or list it in outputs.retired, with moved_to if it moved"
        for output_id in sorted(set(known) - live - named)
    ]


def contract_warnings(config: Config, now: datetime) -> list[str]:
    """What the dates of contracts and subscribers keep from being published, today in the site's own time zone."""
    today = now.astimezone(ZoneInfo(config.site.timezone)).date()
    warnings = []
    for partner in config.partners:
        if partner.terms is None:
            warnings.append(f"{partner.id}: no terms in feeds.yaml, so headline and link only")
        elif today < partner.terms.valid_from:
            begins = partner.terms.valid_from
            warnings.append(
                f"{partner.id}: licence {partner.terms.licence} begins on {begins}; nothing is published yet"
            )
        elif partner.terms.valid_until is not None and today > partner.terms.valid_until:
            ended = partner.terms.valid_until
            warnings.append(
                f"{partner.id}: licence {partner.terms.licence} ended on {ended}; nothing new is published"
            )
    return [*warnings, *subscriber_warnings(config, now), *_sitemap_warnings(config)]


def subscriber_warnings(config: Config, now: datetime) -> list[str]:
    """Who gets nothing, today in the site's own time zone."""
    over = [
        f"subscriber {one.id}: its last day was {one.valid_until}, so its address answers 410 Gone"
        for one in config.subscribers
        if is_over(one, config, now)
    ]
    empty = [
        f"subscriber {one.id}: it takes {one.partner}'s articles only, which are its own, so its feed stays empty"
        for one in config.subscribers
        if one.partner and set(one.where.partner) == {one.partner}
    ]
    return [*over, *empty, *_sitemap_warnings(config, of_subscribers=True)]


def _sitemap_warnings(config: Config, *, of_subscribers: bool = False) -> list[str]:
    """Google News takes only addresses of the site that offers the sitemap."""
    asked = config.subscribers if of_subscribers else config.outputs.custom
    kind = "subscriber" if of_subscribers else "output"
    return [
        f"{kind} {one.id}: a sitemap for Google News with link: origin lists partners' addresses, which Google "
        "does not take from us: set link: site (and site.story_url)"
        for one in asked
        if one.profile == "google-news" and one.link == "origin"
    ]
