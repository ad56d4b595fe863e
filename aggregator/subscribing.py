"""Who gets a feed of their own: keys made, in force and ended, and the outputs that this makes."""

from __future__ import annotations

import secrets
from base64 import b32encode
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from aggregator.config.model import Config, Subscriber
from aggregator.model.document import KEY_CHARACTERS, PRIVATE, Output, private_key
from aggregator.model.subscriber import SubscriberKey
from aggregator.outputs.select import outputs_of
from aggregator.store.reads import ReadTx
from aggregator.store.store import Store
from aggregator.store.writes import WriteTx

T = TypeVar("T")

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


def is_over(subscriber: Subscriber, config: Config, now: datetime) -> bool:
    """Whether the last day on which the address is valid has passed, on the site's clock."""
    last = subscriber.valid_until
    return last is not None and now.astimezone(ZoneInfo(config.site.timezone)).date() > last


def without_ended(versions: Mapping[str, T], outputs: Iterable[Output]) -> dict[str, T]:
    """The same documents without those at addresses of subscribers that are not in force (any more)."""
    ids = {output.id for output in outputs}
    return {
        path: version
        for path, version in versions.items()
        if not (key := private_key(path)) or f"{PRIVATE}{key}" in ids
    }


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
