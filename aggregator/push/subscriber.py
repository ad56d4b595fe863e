"""Our side at a partner's hub: what is asked of it and when, and what of its questions is answered.

W3C WebSub, section 5. The hub's word that it granted something counts only for what we had asked it for ourselves.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from urllib.parse import parse_qs, urlencode, urlsplit

from aggregator.model.characters import HARMFUL
from aggregator.model.source import SourceState
from aggregator.model.span import span
from aggregator.model.subscription import HubOffer, Subscription

# What we ask for; section 8.2 calls ten days a good default. Hubs decide: within these bounds they are believed.
LEASE = timedelta(days=10)
# A shorter one is taken for the shortest: whether the hub went silent before that is for audits to find out.
SHORTEST_LEASE, LONGEST_LEASE = timedelta(hours=1), timedelta(days=30)
# A lease is renewed when so much of it is over.
RENEWED_AFTER = 0.7
# A hub that took a request is given so long to verify it.
VERIFIED_WITHIN = timedelta(hours=1)
# After a request that failed; then three times as long after each, up to a day.
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=5), timedelta(days=1)
# What a hub denied is not asked for again at once.
DENIED_FOR = timedelta(days=7)
# A hub that does not take an unsubscription is answered 410, and the lease ends by itself.
MOST_LEAVES = 4
# Until then a hub that still pushes to what has ended is told so.
REMEMBERED_FOR = timedelta(days=15)
# Of one source so many are begun within so long, and so many that ended are remembered: a document that names another
# hub whenever it is read, and a hub that grants the shortest leases, cost no more.
BEGUN_AT_MOST, BEGUN_WITHIN = 3, timedelta(hours=1)
ENDED_KEPT = 3
# What a poll finds has been kept from us when it is older than this; so long, because pushes take their time.
GRACE = timedelta(minutes=5)
MISTRUSTED_FOR = timedelta(days=7)

_CHALLENGE = re.compile(r"[A-Za-z0-9._~+/=-]{1,500}")
_LEASE_S = re.compile(r"[0-9]{1,18}")
_MOST_FIELDS = 50
_MOST_CHARACTERS = 200
# Tokens and secrets are longer, and so is what is left of them where a hub's words are cut off; no word is.
_UNGUESSABLE = re.compile(r"[A-Za-z0-9_%-]{32,}")


# --- what is asked ------------------------------------------------------------------------------------------------


def form(subscription: Subscription) -> bytes:
    """The request to the hub, as application/x-www-form-urlencoded (section 5.1)."""
    is_leaving = subscription.state == "leaving"
    fields = {
        "hub.callback": f"{subscription.callback_base}{subscription.token}",
        "hub.mode": "unsubscribe" if is_leaving else "subscribe",
        "hub.topic": subscription.self_url,
    }
    if not is_leaving:
        fields["hub.lease_seconds"] = str(round(LEASE.total_seconds()))
        # Also to a hub without https, for which the specification would rather have none: whoever can read it there
        # can read the callback too, and push without any secret at all.
        fields["hub.secret"] = subscription.secret
    return urlencode(fields).encode("ascii")


@dataclass(frozen=True, slots=True)
class Steps:
    """What is to be done now. ``asked`` are to be kept, then their hubs are asked; ``wanted`` to be asked for anew.

    ``polled``: sources that are not pushed any more.
    """

    asked: list[Subscription] = field(default_factory=list)
    changed: list[Subscription] = field(default_factory=list)
    wanted: list[tuple[str, HubOffer]] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    polled: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any((self.asked, self.changed, self.wanted, self.forgotten, self.polled))


def next_steps(
    known: Iterable[Subscription], offers: Mapping[str, HubOffer], callback_base: str, now: datetime
) -> Steps:
    """What brings our subscriptions in line with ``offers``: by source, of those that may be pushed to us.

    ``callback_base`` is what callbacks begin with now.
    """
    steps = Steps()
    settled = set()
    begun_of: Counter[str] = Counter()
    ended_of: dict[str, list[Subscription]] = defaultdict(list)
    for one in known:
        begun_of[one.source_id] += _was_asked_lately(one, now)
        if one.state == "ended":
            ended_of[one.source_id].append(one)
            continue
        offer = offers.get(one.source_id, HubOffer())
        is_offered = (one.offer, one.callback_base) == (offer, callback_base)
        if _look_at(one, offer, is_offered=is_offered, now=now, steps=steps):
            settled.add(one.source_id)
    steps.forgotten.extend(one.token for ended in ended_of.values() for one in _forgotten(ended, now))
    steps.wanted.extend(
        (source_id, offer)
        for source_id, offer in offers.items()
        if offer and source_id not in settled and begun_of[source_id] < BEGUN_AT_MOST
    )
    return steps


def _was_asked_lately(one: Subscription, now: datetime) -> bool:
    return one.asked_at is not None and timedelta(0) <= now - one.asked_at < BEGUN_WITHIN


def _forgotten(ended: Iterable[Subscription], now: datetime) -> Iterator[Subscription]:
    for place, one in enumerate(sorted(ended, key=lambda one: one.due_at or now, reverse=True)):
        if place >= ENDED_KEPT or _is_due(one.due_at, now):
            yield one


def _look_at(one: Subscription, offer: HubOffer, *, is_offered: bool, now: datetime, steps: Steps) -> bool:
    """Whether nothing new need be asked for because of it."""
    is_due, is_settled = _is_due(one.due_at, now), False
    match one.state:
        case "active" | "leaving" if not _has_lease(one, now):
            steps.changed.append(_ended(one, now))
            if one.state == "active":
                steps.polled.append(one.source_id)
        case "active" if not offer:
            steps.asked.append(_asked(leaving(one, now), now))
            steps.polled.append(one.source_id)
        case "active":
            # Where the offer, or our address, is another one, this goes on until that is verified, see taken_up().
            is_settled = is_offered and not is_due
        case "leaving" if is_due and one.tries >= MOST_LEAVES:
            steps.changed.append(_ended(one, now))
        case "leaving":
            if is_due:
                steps.asked.append(_asked(one, now))
        case "pending" if is_offered:
            if is_due:
                steps.asked.append(_asked(one, now))
            is_settled = True
        case "denied" if is_offered and not is_due:
            is_settled = True
        case _:
            steps.changed.append(_ended(one, now))
    return is_settled


def begun(
    source_id: str, offer: HubOffer, callback_base: str, token: str, secret: str, now: datetime
) -> Subscription:
    """One to be asked for at once. ``token`` and ``secret`` (under 200 bytes, section 5.1) are nobody's but ours."""
    one = Subscription(
        *(token, source_id, offer.hub, offer.self_url, secret, "pending"), callback_base=callback_base
    )
    return _asked(one, now)


def leaving(one: Subscription, now: datetime) -> Subscription:
    """To be unsubscribed; its pushes are taken until that is verified."""
    return replace(one, state="leaving", due_at=now, tries=0)


def after_answer(one: Subscription, trouble: str, now: datetime) -> Subscription:
    """What the hub's answer to a request makes of it; ``trouble`` is '' when the hub took the request."""
    if trouble:
        return replace(one, problem=trouble, due_at=now + _pause(one.tries))
    return replace(one, problem="", due_at=now + max(VERIFIED_WITHIN, _pause(one.tries)))


def _asked(one: Subscription, now: datetime) -> Subscription:
    """Due again if the process dies before it knows the answer."""
    return replace(one, asked_at=now, tries=one.tries + 1, due_at=now + FIRST_RETRY)


def _ended(one: Subscription, now: datetime) -> Subscription:
    return replace(one, state="ended", due_at=now + REMEMBERED_FOR)


def _pause(tries: int) -> timedelta:
    return min(FIRST_RETRY * 3.0 ** min(max(tries - 1, 0), 10), LONGEST_RETRY)


def _is_due(at: datetime | None, now: datetime) -> bool:
    """A moment that nobody would have set is of a clock that was ahead."""
    return at is None or not now < at <= now + LONGEST_LEASE


# --- what is answered ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification of intent makes of a subscription, and what is echoed."""

    subscription: Subscription
    echo: str


def judge(one: Subscription, query: str, now: datetime) -> Verdict | None:
    """What a hub's GET at our callback is answered (sections 5.2 and 5.3); None: 404, and nothing changes.

    Only what we asked for ourselves and wait for is verified, under exactly the address we asked for, and only a
    challenge that is harmless wherever it is echoed. What was verified a short while ago is verified again in the same
    words, for our answer may not have arrived; nothing changes by that. ``query`` may be anything.
    """
    fields = _fields(query)
    if fields.get("hub.topic") != one.self_url:
        return None
    mode, challenge = fields.get("hub.mode"), fields.get("hub.challenge", "")
    if mode == "denied":
        return _denied(one, fields.get("hub.reason", ""), now)
    if one.asked_at is None or not _CHALLENGE.fullmatch(challenge):
        return None
    if mode == "subscribe":
        active = _verified(one, _lease(fields.get("hub.lease_seconds", "")), now)
        return Verdict(active, challenge) if active else None
    if mode == "unsubscribe" and one.state == "leaving":
        return Verdict(_ended(one, now), challenge)
    return None


def _verified(one: Subscription, lease: timedelta, now: datetime) -> Subscription | None:
    if one.state == "pending":
        return replace(
            one,
            state="active",
            verified_at=now,
            listens_from_at=now,
            lease_until_at=now + lease,
            due_at=now + RENEWED_AFTER * lease,
            tries=0,
            problem="",
        )
    if one.state != "active" or one.verified_at is None or one.lease_until_at != one.verified_at + lease:
        return None
    return one if timedelta(0) <= now - one.verified_at < VERIFIED_WITHIN else None


def taken_up(new: Subscription, known: Iterable[Subscription], now: datetime) -> list[Subscription]:
    """``new``, which was verified just now, with what the one before it was known for, and that one to be left."""
    before = [one for one in known if one.token != new.token and one.state == "active"]
    at_same_hub = [one for one in before if one.hub == new.hub]
    new = replace(
        new,
        pushed_at=max((one.pushed_at for one in at_same_hub if one.pushed_at), default=None),
        missed_at=max((one.missed_at for one in at_same_hub if one.missed_at), default=None),
    )
    return [new, *(leaving(one, now) for one in before)]


def _denied(one: Subscription, reason: str, now: datetime) -> Verdict | None:
    if one.state == "leaving":
        return Verdict(_ended(one, now), "")
    if one.state not in ("pending", "active"):
        return None
    words = in_one_line(reason)
    problem = f"the hub denied it: {words}" if words else "the hub denied it and gave no reason"
    return Verdict(replace(one, state="denied", problem=problem, due_at=now + DENIED_FOR), "")


def _fields(query: str) -> dict[str, str]:
    """What stands once in a query; {} for one that cannot be read."""
    try:
        fields = parse_qs(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items() if len(values) == 1}


def _lease(stated: str) -> timedelta:
    """What was granted; where that cannot be read, what we asked for."""
    if not _LEASE_S.fullmatch(stated.strip()):
        return LEASE
    granted = timedelta(seconds=min(int(stated), LONGEST_LEASE.total_seconds()))
    return max(granted, SHORTEST_LEASE)


def in_one_line(words: str) -> str:
    """What a hub says, fit to be shown."""
    return without_secrets(" ".join(HARMFUL.sub("", words).split()))[:_MOST_CHARACTERS]


def without_secrets(words: str) -> str:
    """Words that may quote what we sent to a hub, without our token and secret, however they are written."""
    return _UNGUESSABLE.sub("...", words)


# --- what is pushed -----------------------------------------------------------------------------------------------


def speaks_for(one: Subscription, state: SourceState | None, url: str, partner_id: str) -> bool:
    """Whether what comes by the subscription is that of the source, which feeds.yaml has at ``url`` for a partner.

    After an edit the hub of the former address goes on until it is left: its articles are not the new partner's.
    """
    if state is None or (state.url, state.partner_id) != (url, partner_id):
        return False
    return state.offer.self_url == one.self_url


# --- what it is worth ---------------------------------------------------------------------------------------------


def is_trusted(known: Iterable[Subscription], now: datetime) -> bool:
    """Whether a source's hub tells us of everything, so that polling need only audit it."""
    return any(
        _is_listening(one, now) and one.pushed_at is not None and not _is_mistrusted(one, now)
        for one in known
    )


def that_missed(
    known: Iterable[Subscription], came_at: Collection[datetime], now: datetime
) -> list[Subscription]:
    """The subscriptions whose hub should have pushed what a poll at ``now`` was the first to bring.

    ``came_at``: when these entries and corrections came, as well as that is known.
    """
    return [
        replace(one, missed_at=now)
        for one in known
        if _is_listening(one, now)
        and one.listens_from_at is not None
        and any(one.listens_from_at <= at < now - GRACE for at in came_at)
    ]


def in_words(known: Sequence[Subscription], now: datetime, zone: tzinfo) -> str:
    """For ops, a sentence on whether a source is pushed; '' where it is not and need not be. Times are of ``zone``."""
    active = [one for one in known if one.state == "active"]
    others = [one for one in known if one.state in ("pending", "denied")]
    said = [_active_in_words(active[-1], now, zone)] if active else []
    if others:
        newest = others[-1]
        what = "renewal" if active else "subscription"
        times = f" after {newest.tries} requests" if newest.tries > 1 else ""
        said.append(f"{what} at {_host(newest.hub)}: {newest.problem or f'not verified yet{times}'}")
    return "; ".join(said)


def _active_in_words(one: Subscription, now: datetime, zone: tzinfo) -> str:
    since = f" since {_moment(one.verified_at, zone)}" if one.verified_at else ""
    until = f", lease until {_moment(one.lease_until_at, zone)}" if one.lease_until_at else ""
    last = f"last push {_moment(one.pushed_at, zone)}" if one.pushed_at else "nothing new was pushed yet"
    words = f"pushed by {_host(one.hub)}{since}, {last}{until}"
    if _is_mistrusted(one, now) and one.missed_at is not None:
        left = one.missed_at + MISTRUSTED_FOR - now
        until = f"for {span(left.total_seconds())} more" if left > timedelta(0) else "until it pushes again"
        words += f"; the hub missed news, seen {_moment(one.missed_at, zone)}: polled as usual {until}"
    return f"{words}; {one.problem}" if one.problem else words


def _is_listening(one: Subscription, now: datetime) -> bool:
    return one.state == "active" and _has_lease(one, now)


def _has_lease(one: Subscription, now: datetime) -> bool:
    """A lease that nobody would have granted is of a clock that was ahead."""
    return one.lease_until_at is not None and now < one.lease_until_at <= now + LONGEST_LEASE


def _is_mistrusted(one: Subscription, now: datetime) -> bool:
    """For a while after it missed something, and until it has pushed something again."""
    if one.missed_at is None or one.missed_at > now:  # of a clock that was ahead
        return False
    has_pushed = one.pushed_at is not None and one.pushed_at > one.missed_at
    return not has_pushed or now - one.missed_at < MISTRUSTED_FOR


def _host(hub: str) -> str:
    return urlsplit(hub).hostname or hub


def _moment(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%d %b %H:%M %Z}"
