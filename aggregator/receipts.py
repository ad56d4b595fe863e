"""Which version of our documents followers and subscribers have, and so what they have of a story."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from aggregator.config.model import Config
from aggregator.model.document import Output
from aggregator.model.follower import Follower
from aggregator.model.receipt import FollowerState, FollowerStatus, Receipt
from aggregator.model.span import span
from aggregator.model.story import Story
from aggregator.outputs.render import paths_of
from aggregator.store.reads import ReadTx
from aggregator.subscribing import outputs_in_force

# Who asked longer ago than this has gone away.
ASKED_WITHIN = timedelta(days=365)
# A change is published within seconds after it was settled; who asked in between may have been too early.
PUBLISHED_WITHIN = timedelta(seconds=60)


def follower_statuses(config: Config, tx: ReadTx, now: datetime) -> tuple[FollowerStatus, ...]:
    """Everybody who follows a document, those in trouble first, then by document."""
    names = _names(outputs_in_force(config, tx, now))
    found = [_status(one, names, now) for one in tx.followers()]
    return tuple(sorted(found, key=lambda one: (one.state not in ("failing", "given-up"), one.document)))


def receipts(config: Config, tx: ReadTx, story: Story, now: datetime) -> tuple[Receipt, ...]:
    """What everybody has of a story who follows, or has an address for, a document that it stood in or stands in.

    Followers of our own hub are told whole documents, so that what they hold is known by its time; of subscribers it is
    known when they last asked. What others read is not known.
    """
    if story.published is None:
        return ()
    outputs = [one for one in outputs_in_force(config, tx, now) if _concerns(story, one, tx)]
    names = _names(outputs)
    followers = [one for one in tx.followers() if one.path in names and not one.is_hub]
    return (
        *(
            Receipt(f"follower {one.host}", names[one.path], _has(story, one.held_at, now), one.delivered_at)
            for one in followers
        ),
        *_of_subscribers(tx, story, outputs, now),
    )


def _concerns(story: Story, output: Output, tx: ReadTx) -> bool:
    """Whether it stands there, or a tombstone of it does, or it would if it were younger."""
    if story.story_id in tx.shown(output.id):
        return True
    return output.where.takes(story.topics, story.shown_partner_id, story.facets)


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
        document=names.get(one.path, "a feed that is no longer published"),
        host=one.host,
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
    holds = f"holds a version of {_ago(one.held_at, now)}" if one.held_at else "holds nothing"
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
    return f"tried {one.tries} times in vain, again in {span(wait_s)}; {holds}: {one.problem}"


def _ago(at: datetime, now: datetime) -> str:
    return f"{span(max(0.0, (now - at).total_seconds()))} ago"


def _state(one: Follower) -> FollowerState:
    """News are what counts: that a document was only made anew is told nobody."""
    if one.wanted > one.sent:
        if not one.tries:
            return "owed"
        return "failing" if one.due_at is not None else "given-up"
    return "new" if one.delivered_at is None else "current"


def _of_subscribers(tx: ReadTx, story: Story, outputs: Sequence[Output], now: datetime) -> Iterator[Receipt]:
    usage, versions = tx.subscriber_usage((now - ASKED_WITHIN).date()), tx.document_versions()
    named: set[str] = set()
    for output in outputs:
        if not output.subscriber_id or output.subscriber_id in named:
            continue
        named.add(output.subscriber_id)
        used = usage.get(output.subscriber_id)
        asked_at = used.last_asked_at if used else None
        # Who asked after the document was last changed has all of it, however recent the change.
        made_at = max((versions[path][1] for path in paths_of(output) if path in versions), default=now)
        held_at = asked_at if asked_at is None or asked_at >= made_at else asked_at - PUBLISHED_WITHIN
        yield Receipt(output.name, "its feed", _has(story, held_at, now), asked_at)


def _has(story: Story, held_at: datetime | None, now: datetime) -> Literal["newest", "earlier", "nothing"]:
    """What a document says of a story that is as it was then."""
    assert story.published is not None
    if held_at is None or held_at < story.published.first_published_at:
        return "nothing"
    changes = (story.updated_at, story.hidden_at, story.refused_at, story.visible_until)
    return "newest" if all(at is None or at <= held_at or at > now for at in changes) else "earlier"
