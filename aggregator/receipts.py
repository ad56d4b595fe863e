"""Which version of our documents followers and subscribers have, and so what they have of a story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from aggregator.config.model import Config
from aggregator.model.document import Output, Shown, private_key
from aggregator.model.follower import Follower, fingerprint_of
from aggregator.model.hosts import domain_of
from aggregator.model.receipt import FollowerState, FollowerStatus, Has, Receipt
from aggregator.model.span import span
from aggregator.model.story import Story
from aggregator.outputs.render import paths_of
from aggregator.outputs.select import is_wanted, is_withdrawn
from aggregator.store.reads import ReadTx
from aggregator.subscribing import outputs_in_force

# Outputs that a story concerns, each with the version that stands there, None where none does.
Concerned = Mapping[Output, Shown | None]

# Who asked longer ago than this has gone away.
ASKED_WITHIN = timedelta(days=365)
# A change is published within seconds after it was settled; who asked in between may have been too early.
PUBLISHED_WITHIN = timedelta(seconds=60)
# A follower that restarts or is mended takes less than this; five tries fail in it (push.hub.RETRY_AFTER_S).
UNDELIVERED_AFTER = timedelta(hours=1)


def follower_statuses(config: Config, tx: ReadTx, now: datetime) -> tuple[FollowerStatus, ...]:
    """Everybody who follows a document, those in trouble first, then by document."""
    names = _names(outputs_in_force(config, tx, now))
    found = [_status(one, names, now) for one in tx.followers()]
    return tuple(sorted(found, key=lambda one: (one.state not in ("failing", "given-up"), one.document)))


def delivery_trouble(config: Config, tx: ReadTx, now: datetime) -> dict[tuple[str, str], str]:
    """Who has taken nothing for long though there is something to take, or was given up: words by subject and kind.

    Who follows a public feed may be anybody, and is one subject with all others of its domain: so nobody can fill what
    ops are told. Who knows a subscriber's address is a subject of its own.
    """
    names = _names(outputs_in_force(config, tx, now))
    found: defaultdict[tuple[str, str], list[Follower]] = defaultdict(list)
    for one in tx.failing_followers():
        subject = _subject(one, names)
        if one.failing_since_at is not None and now - one.failing_since_at >= UNDELIVERED_AFTER:
            found[subject, "undelivered"].append(one)
        if one.given_up_at is not None:
            found[subject, "given-up"].append(one)
    return {key: _lacking(key[1], followers, names) for key, followers in found.items()}


def _subject(one: Follower, names: Mapping[str, str]) -> str:
    if one.is_hub:
        return f"hub {one.host}"
    if private_key(one.path):
        return f"follower {one.host} of {_document(one, names)}"
    return f"follower {domain_of(one.host)}"


def _lacking(kind: str, followers: Sequence[Follower], names: Mapping[str, str]) -> str:
    first = followers[0]
    more = f" and {len(followers) - 1} more" if len(followers) > 1 else ""
    what = (
        f"{_document(first, names)} to {first.host} ({fingerprint_of(first.callback)}){more}: {first.problem}"
    )
    if kind == "given-up":
        return f"given up until there is more news, so tell them of corrections by other means: {what}"
    return f"nothing new is taken, corrections and withdrawals neither: {what}"


def _document(one: Follower, names: Mapping[str, str]) -> str:
    return names.get(one.path, "a feed that is no longer published")


def receipts(config: Config, tx: ReadTx, story: Story, now: datetime) -> tuple[Receipt, ...]:
    """What everybody has of a story who follows, or has an address for, a document that it stands in, stood in, or
    would if it were younger.

    Followers of our own hub are told whole documents, so that what they hold is known by which one it was; of
    subscribers it is known when they last asked. What others read is not known.
    """
    if story.published is None:
        return ()
    stood_in = tx.archived_in(story.story_id)
    concerned: dict[Output, Shown | None] = {}
    for one in outputs_in_force(config, tx, now):
        shown = tx.shown(one.id).get(story.story_id)
        if shown is not None or one.id in stood_in or is_wanted(story, one):
            concerned[one] = shown
    return (*_of_followers(tx, story, concerned, now), *_of_subscribers(tx, story, concerned, now))


def _names(outputs: Iterable[Output]) -> dict[str, str]:
    """By path, what documents are called where a subscriber's address must not stand."""
    return {
        path: f"{one.name} ({path.rpartition('.')[2]})" if one.subscriber_id else path
        for one in outputs
        for path in paths_of(one)
    }


def _status(one: Follower, names: Mapping[str, str], now: datetime) -> FollowerStatus:
    state = _state(one)
    return FollowerStatus(
        document=_document(one, names),
        host=one.host,
        fingerprint=fingerprint_of(one.callback),
        is_hub=one.is_hub,
        state=state,
        words=_in_words(one, state, now),
        since_at=one.since_at,
        lease_until_at=one.lease_until_at,
        held_at=one.held_at,
        delivered_at=one.delivered_at,
        tries=one.tries,
        due_at=one.due_at,
        problem=one.problem,
    )


def _in_words(one: Follower, state: FollowerState, now: datetime) -> str:
    """What a follower holds, or why it holds nothing newer."""
    holds = f"holds the version of {_ago(one.held_at, now)}" if one.held_at else "holds nothing"
    if one.is_hub and one.delivered_at:
        holds = f"was told {_ago(one.delivered_at, now)}"
    match state:
        case "current":
            return holds if one.is_hub else "holds the newest version"
        case "new":
            return "was told nothing yet: there has been no news since"
        case "owed":
            return f"is told now; {holds}"
        case "given-up":
            return f"given up until there is more news, after {one.tries} tries; {holds}: {one.problem}"
    wait_s = max(0.0, (one.due_at - now).total_seconds()) if one.due_at else 0.0
    return f"tried in vain so far: {one.tries}, again in {span(wait_s)}; {holds}: {one.problem}"


def _ago(at: datetime, now: datetime) -> str:
    return f"{span(max(0.0, (now - at).total_seconds()))} ago"


def _state(one: Follower) -> FollowerState:
    """News are what counts: that a document was only made anew is told nobody."""
    if one.wanted > one.sent:
        if not one.tries:
            return "owed"
        return "failing" if one.due_at is not None else "given-up"
    return "new" if one.delivered_at is None else "current"


def _of_followers(tx: ReadTx, story: Story, concerned: Concerned, now: datetime) -> Iterator[Receipt]:
    names, versions = _names(concerned), tx.document_versions()
    shown = {path: version for one, version in concerned.items() for path in paths_of(one)}
    for one in tx.followers():
        if one.path not in names or one.is_hub:
            continue
        etag, _ = versions.get(one.path, ("", now))
        has = _has(story, shown[one.path], one.held_at, is_current=one.held_etag == etag, now=now)
        who = f"follower {one.host} ({fingerprint_of(one.callback)})"
        yield Receipt(who, names[one.path], has, one.delivered_at)


def _of_subscribers(tx: ReadTx, story: Story, concerned: Concerned, now: datetime) -> Iterator[Receipt]:
    usage, versions = tx.subscriber_usage((now - ASKED_WITHIN).date()), tx.document_versions()
    named: set[str] = set()
    for output, shown in concerned.items():
        if not output.subscriber_id or output.subscriber_id in named:
            continue
        named.add(output.subscriber_id)
        used = usage.get(output.subscriber_id)
        asked_at = used.last_asked_at if used else None
        made_at = max((versions[path][1] for path in paths_of(output) if path in versions), default=now)
        is_current = asked_at is not None and asked_at >= made_at
        held_at = asked_at - PUBLISHED_WITHIN if asked_at else None
        yield Receipt(
            output.name, "its feed", _has(story, shown, held_at, is_current=is_current, now=now), asked_at
        )


def _has(
    story: Story, shown: Shown | None, held_at: datetime | None, *, is_current: bool, now: datetime
) -> Has:
    """What somebody has of a story who holds a document that was made at ``held_at``, or the present one.

    ``shown`` is the version in the present one. A story that left it by age, by limit or for another topic may have
    been changed since, or before they came: of that nothing is known.
    """
    assert story.published is not None
    if not is_current and (held_at is None or held_at < story.published.first_published_at):
        return "nothing"
    if shown is None:
        if not is_withdrawn(story, now):
            return "unknown"
        return "newest" if is_current else "earlier"
    is_newest = shown.updated_at == story.updated_at and (is_current or shown.since_at <= (held_at or now))
    return "newest" if is_newest else "earlier"
