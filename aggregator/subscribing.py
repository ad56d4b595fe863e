"""Who gets a feed of their own: keys made, in force and ended, and the outputs that this makes."""

from __future__ import annotations

import secrets
from base64 import b32encode
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from aggregator.config.model import Config, Subscriber
from aggregator.model.document import KEY_CHARACTERS, PRIVATE, Output, is_private, private_key
from aggregator.model.problem import Problem
from aggregator.model.status import SubscriberStatus
from aggregator.model.subscriber import Address, SubscriberKey, Usage
from aggregator.outputs.render import paths_of
from aggregator.outputs.select import outputs_of
from aggregator.store.reads import ReadTx
from aggregator.store.store import Store
from aggregator.store.writes import WriteTx

T = TypeVar("T")

# How much of the usage is shown, today included.
USAGE_DAYS = 7
# A character of base32 holds five bits.
_KEY_BYTES = KEY_CHARACTERS * 5 // 8


def outputs_in_force(config: Config, tx: ReadTx, now: datetime) -> tuple[Output, ...]:
    """Every output that is published now, those of subscribers too."""
    return outputs_of(config, keys_in_force(config, tx.subscriber_keys(), now))


def keys_in_force(config: Config, keys: Sequence[SubscriberKey], now: datetime) -> dict[str, tuple[str, ...]]:
    """By subscriber: the keys whose addresses are answered now, the oldest first."""
    valid = {one.id for one in config.subscribers if not is_over(one, config, now)}
    found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for key in keys:
        if key.subscriber_id in valid and (key.ends_at is None or now < key.ends_at):
            found[key.subscriber_id] += (key.key,)
    return dict(found)


def addresses_in_force(config: Config, tx: ReadTx, now: datetime) -> dict[str, tuple[Address, ...]]:
    """By subscriber: where its feed is answered now, the newest address first. RSS stands for all formats."""
    ends = {key.key: key.ends_at for key in tx.subscriber_keys()}
    found: defaultdict[str, tuple[Address, ...]] = defaultdict(tuple)
    for output in outputs_in_force(config, tx, now):
        if output.subscriber_id:
            url = urljoin(config.site.feeds_url, paths_of(output)[0])
            address = Address(url, ends[output.id.removeprefix(PRIVATE)], len(tx.shown(output.id)))
            found[output.subscriber_id] = (address, *found[output.subscriber_id])
    return dict(found)


def lost_subscribers(config: Config, keys: Sequence[SubscriberKey], now: datetime) -> list[str]:
    """Who has an address that was to last and stands no longer in the file: perhaps by a slip."""
    known = {one.id for one in config.subscribers}
    lost = {key.subscriber_id for key in keys if key.ends_at is None or now < key.ends_at} - known
    return [
        f"subscriber {one} stands in feeds.yaml no longer, so its address answers 410, and its feed is dead: bring the "
        f"id back, or end the address for good with aggregator subscriber revoke {one}"
        for one in sorted(lost)
    ]


def is_over(subscriber: Subscriber, config: Config, now: datetime) -> bool:
    """Whether the last day on which the address is valid has passed, on the site's clock."""
    last = subscriber.valid_until
    return last is not None and now.astimezone(ZoneInfo(config.site.timezone)).date() > last


def subscriber_statuses(config: Config, tx: ReadTx, now: datetime) -> tuple[SubscriberStatus, ...]:
    """How each subscriber of the file is, in its order."""
    keys, zone = tx.subscriber_keys(), ZoneInfo(config.site.timezone)
    usage = tx.subscriber_usage(now.astimezone(zone).date() - timedelta(days=USAGE_DAYS - 1))
    return tuple(
        SubscriberStatus(
            one.id,
            one.name,
            *_state(one, config, [key for key in keys if key.subscriber_id == one.id], now),
            one.valid_until,
            usage.get(one.id, Usage()),
        )
        for one in config.subscribers
    )


def _state(
    subscriber: Subscriber, config: Config, keys: Sequence[SubscriberKey], now: datetime
) -> tuple[str, str]:
    """In a word, and in words."""
    if is_over(subscriber, config, now):
        return "over", f"its last day was {subscriber.valid_until}: its address answers 410"
    if not keys:
        return "waiting", "its address is made when the desk is published next"
    ends = [key.ends_at for key in keys if key.ends_at is None or now < key.ends_at]
    if not ends:
        again = f"aggregator subscriber rotate {subscriber.id} makes a new address"
        return "revoked", f"its address answers 410; {again}, or remove it from feeds.yaml"
    last_day = f" until {subscriber.valid_until}" if subscriber.valid_until else ""
    zone = ZoneInfo(config.site.timezone)
    old = [f"at an old address until {at.astimezone(zone):%Y-%m-%d %H:%M %Z}" for at in ends if at]
    return "answered", "; ".join((f"its address is answered{last_day}", *old))


def without_ended(versions: Mapping[str, T], outputs: Iterable[Output]) -> dict[str, T]:
    """The same documents without those at addresses of subscribers that are not in force (any more)."""
    ids = {output.id for output in outputs}
    return {
        path: version
        for path, version in versions.items()
        if not (key := private_key(path)) or f"{PRIVATE}{key}" in ids
    }


def without_keys(problems: Iterable[Problem], outputs: Iterable[Output]) -> list[Problem]:
    """The same problems, where subscribers are called by their names: status and logs need not know addresses."""
    names = {output.id.removeprefix(PRIVATE): output.name for output in outputs if is_private(output.id)}
    found = []
    for problem in problems:
        key = private_key(f"feeds/{problem.subject.removeprefix('feeds/')}")
        found.append(replace(problem, subject=names[key]) if key in names else problem)
    return found


def make_missing_keys(config: Config, store: Store, now: datetime) -> None:
    """A key for each subscriber that never had one. Who was revoked gets one from ``add`` or ``rotate`` only.

    Raises StoreError.
    """
    with store.read() as tx:
        if not _keyless(config, tx):
            return
    with store.write() as tx:
        for subscriber_id in _keyless(config, tx):  # others may have made some meanwhile
            new_key(tx, subscriber_id, now)


def new_key(tx: WriteTx, subscriber_id: str, now: datetime) -> str:
    """Make a key, beside those that the subscriber has."""
    key = b32encode(secrets.token_bytes(_KEY_BYTES)).decode("ascii").lower()
    tx.add_subscriber_key(SubscriberKey(subscriber_id, key, now))
    return key


def rotate_key(tx: WriteTx, subscriber_id: str, now: datetime, grace: timedelta) -> str:
    """Make a new key; the old ones end after ``grace``, or when they would have ended before that."""
    tx.end_subscriber_keys(subscriber_id, now + grace)
    return new_key(tx, subscriber_id, now)


def _keyless(config: Config, tx: ReadTx) -> list[str]:
    known = {key.subscriber_id for key in tx.subscriber_keys()}
    return [one.id for one in config.subscribers if one.id not in known]
