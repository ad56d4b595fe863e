"""A simulated month of polling: how long do articles wait, what does it cost, what is lost, which deaths are noticed?

    .venv/bin/python bench/month.py [--partners 200] [--days 30] [--seed 1]

Time is a value; nothing is fetched. Synthetic partners publish by the hour of the day and of the week, some rarely, and
have outages; some die without a word, their feeds stay as they are. The product's own functions (intake.cadence,
intake.rhythm, intake.watch) decide when each is polled and who is called quiet; the same partners are polled every 15,
20 and 60 minutes, and by Miniflux's formula for comparison: a week divided by the entries of the last week, from 5
minutes to a day (SCHEDULER_ENTRY_FREQUENCY_*, https://miniflux.app/docs/configuration.html).
"""

from __future__ import annotations

import argparse
import bisect
import itertools
import math
import random
import statistics
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from aggregator.intake.cadence import Bounds, after_failure, after_success, hurried, next_poll_at
from aggregator.intake.planning import FIRST_RETRY
from aggregator.intake.rhythm import learn
from aggregator.intake.watch import quiet_at
from aggregator.model.fetch import Hints
from aggregator.model.rhythm import Rhythm
from aggregator.model.source import SourceState

BEGIN_AT = datetime(2026, 6, 1, tzinfo=UTC)
BEFORE = timedelta(days=60)  # what was published before the first poll
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
BOUNDS = Bounds(timedelta(minutes=5), timedelta(hours=6))
# Entries an hour of the day on the partners' own clock, as shares of the day.
NEWSROOM = (1, 0.5, 0.3, 0.3, 1, 3, 6, 8, 9, 9, 9, 8, 7, 7, 7, 7, 7, 6, 6, 6, 5, 4, 3, 2)
KINDS = (
    # name, share of the partners, entries a week, entries in the document, weekend's share of a weekday
    ("large", 0.10, (700, 2000), (20, 50), 0.6),
    ("middle", 0.40, (100, 400), (10, 30), 0.5),
    ("small", 0.30, (10, 60), (10, 20), 0.4),
    ("weekly", 0.20, (1, 4), (10, 10), None),
)


@dataclass
class Partner:
    name: str
    kind: str
    window: int
    articles: list[datetime]
    outages: list[tuple[datetime, datetime]]
    died_at: datetime | None = None

    def is_down(self, at: datetime) -> bool:
        return any(begin <= at < end for begin, end in self.outages)


@dataclass
class Result:
    delays_s: list[float] = field(default_factory=list)
    requests: int = 0
    lost: int = 0
    losses_told: int = 0
    alarms: list[datetime] = field(default_factory=list)
    noticed_h: float | None = None  # after the last entry


def make_partner(number: int, of: int, days: int, rng: random.Random) -> Partner:
    shares = itertools.accumulate(share for _, share, *_ in KINDS)
    place = next(place for place, share in enumerate(shares) if (number + 0.5) / of < share)
    kind, _, weekly, window, weekend = KINDS[place]
    a_week = math.exp(rng.uniform(math.log(weekly[0]), math.log(weekly[1])))
    end_at = BEGIN_AT + timedelta(days=days)
    articles = (
        _columns(round(a_week), end_at, rng) if weekend is None else _daily(a_week, weekend, end_at, rng)
    )
    outages = []
    for _ in range(rng.choice((0, 0, 1, 1, 2)) * days // 30):
        begin_at = BEGIN_AT + timedelta(days=rng.uniform(2, days))
        outages.append((begin_at, begin_at + HOUR * rng.choice((0.5, 2, 6, 24))))
    return Partner(f"p{number:03}", kind, rng.randint(*window), articles, outages)


def _daily(a_week: float, weekend: float, end_at: datetime, rng: random.Random) -> list[datetime]:
    """Poisson arrivals at rates by the hour of the day and week; the busy hours of a newsroom are its own."""
    shift, total = rng.randint(-2, 2), sum(NEWSROOM) * (5 + 2 * weekend)
    found, at = [], BEGIN_AT - BEFORE
    while at < end_at:
        local = at + 7 * HOUR
        share = NEWSROOM[(local.hour + shift) % 24] * (weekend if local.weekday() >= 5 else 1)
        for _ in range(_poisson(a_week * share / total, rng)):
            found.append(at + HOUR * rng.random())
        at += HOUR
    return sorted(found)


def _columns(a_week: int, end_at: datetime, rng: random.Random) -> list[datetime]:
    """So many fixed hours of the week, kept within an hour or two; one in twenty falls out."""
    slots = [HOUR * rng.randrange(168) for _ in range(max(a_week, 1))]
    found, week_at = [], BEGIN_AT - BEFORE - timedelta(days=(BEGIN_AT - BEFORE).weekday())
    while week_at < end_at:
        found += [week_at + slot + HOUR * rng.uniform(-1, 1) for slot in slots if rng.random() > 0.05]
        week_at += timedelta(weeks=1)
    return sorted(found)


def _poisson(mean: float, rng: random.Random) -> int:
    number, product, limit = 0, rng.random(), math.exp(-mean)
    while product > limit:
        number += 1
        product *= rng.random()
    return number


# --- strategies: each says when the next visit is ---


@dataclass
class Desk:
    """What a desk knows of one partner."""

    partner: Partner
    state: SourceState
    rhythm: Rhythm = field(default_factory=Rhythm)
    visited_at: datetime | None = None
    seen: int = 0  # entries published before the last good visit


@dataclass(frozen=True)
class Brought:
    """What a visit brought; nothing when it failed."""

    new: Sequence[datetime] = ()
    is_loss: bool = False


Strategy = Callable[[Desk, datetime, Brought], datetime]


def fixed(every: timedelta, desk: Desk, now: datetime, _: Brought) -> datetime:
    return next_poll_at(desk.partner.name, every, now)


def miniflux(desk: Desk, now: datetime, _: Brought) -> datetime:
    articles = desk.partner.articles
    weekly = bisect.bisect(articles, now) - bisect.bisect(articles, now - timedelta(weeks=1))
    every = timedelta(weeks=1) / weekly if weekly else timedelta(days=1)
    return now + min(max(every, 5 * MINUTE), timedelta(days=1))


def ours(desk: Desk, now: datetime, brought: Brought) -> datetime:
    name, partner = desk.partner.name, desk.partner
    if desk.state.failures_in_a_row:
        every = min(timedelta(seconds=desk.state.planned_s or 900), FIRST_RETRY)
        return next_poll_at(name, after_failure(every, desk.state.failures_in_a_row).after, now)
    if desk.visited_at is not None:
        gap = now - desk.visited_at
        hurry_s = hurried(
            desk.rhythm.hurry_s, gap, len(brought.new), partner.window, BOUNDS, is_loss=brought.is_loss
        )
        desk.rhythm = replace(desk.rhythm, hurry_s=hurry_s)
    if brought.new:
        desk.rhythm = learn(desk.rhythm, brought.new, now)
    plan = after_success("auto", desk.rhythm, partner.window, Hints(), BOUNDS, now)
    desk.state = replace(desk.state, planned_s=plan.after.total_seconds())
    return next_poll_at(name, plan.after, now)


def simulate(partner: Partner, strategy: Strategy, days: int, *, watches: bool) -> Result:
    result, end_at = Result(), BEGIN_AT + timedelta(days=days)
    desk = Desk(partner, SourceState(partner.name, entries_in_feed=1))
    rng = random.Random(partner.name)
    now, alarm_at = BEGIN_AT + HOUR * rng.random() / 4, None
    while now < end_at:
        result.requests += 1
        if partner.is_down(now):
            desk.state = replace(desk.state, failures_in_a_row=desk.state.failures_in_a_row + 1)
            now = strategy(desk, now, Brought())
            continue
        brought = _visit(desk, result, now)
        next_at = strategy(desk, now, brought)
        if brought.new and watches:
            alarm_at = quiet_at(desk.rhythm)
        elif alarm_at is not None and alarm_at < now:
            _note_alarm(result, partner, now)
            alarm_at = None  # told once; it ends with the next entry
        desk.visited_at, now = now, next_at
    return result


def _visit(desk: Desk, result: Result, now: datetime) -> Brought:
    articles, partner = desk.partner.articles, desk.partner
    published = bisect.bisect(articles, now)
    window_begins = max(published - partner.window, 0)
    is_first = desk.visited_at is None
    new = articles[max(desk.seen, window_begins) : published]
    is_loss = not is_first and bool(new) and window_begins >= desk.seen
    if not is_first:
        missed = articles[desk.seen : max(desk.seen, window_begins)]
        result.lost += len(missed)
        result.losses_told += is_loss
        result.delays_s += [(now - at).total_seconds() for at in new if not _was_down_at(partner, at)]
    desk.state = replace(desk.state, failures_in_a_row=0, last_success_at=now)
    desk.seen = published
    return Brought(new, is_loss)


def _was_down_at(partner: Partner, at: datetime) -> bool:
    """What is published while the partner's server is down, or shortly before, waits whoever polls."""
    return any(begin - HOUR <= at < end for begin, end in partner.outages)


def _note_alarm(result: Result, partner: Partner, at: datetime) -> None:
    if partner.died_at is not None and at >= partner.died_at and result.noticed_h is None:
        result.noticed_h = (at - partner.articles[-1]) / HOUR
    else:
        result.alarms.append(at)


def expected_interval_h(partner: Partner) -> float:
    """The longest pause between two entries of the eight weeks before its death, in hours."""
    late = [at for at in partner.articles if at > partner.articles[-1] - timedelta(weeks=8)]
    return max((b - a) / HOUR for a, b in itertools.pairwise(late))


STRATEGIES: dict[str, Strategy] = {
    "aggregator, every: auto": ours,
    "every 15 min": partial(fixed, 15 * MINUTE),
    "every 20 min": partial(fixed, 20 * MINUTE),
    "every 60 min": partial(fixed, 60 * MINUTE),
    "Miniflux's formula": miniflux,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--partners", type=int, default=200)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only-watch", action="store_true", help="leave the comparison out")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    partners = [make_partner(n, options.partners, options.days, rng) for n in range(options.partners)]
    with ProcessPoolExecutor(options.processes) as pool:
        if not options.only_watch:
            _compare(pool, partners, options.days)
        _watch(pool, options.partners, random.Random(options.seed + 1))


def _compare(pool: ProcessPoolExecutor, partners: list[Partner], days: int) -> None:
    articles = sum(at >= BEGIN_AT for partner in partners for at in partner.articles)
    print(f"{len(partners)} partners, {days} days, {articles:,} articles published meanwhile")
    print("| polled | median delay | mean | p90 | requests | possible losses | articles lost |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, strategy in STRATEGIES.items():
        results = list(pool.map(partial(simulate, strategy=strategy, days=days, watches=False), partners))
        delays_s = sorted(delay for result in results for delay in result.delays_s)
        print(
            f"| {name} | {statistics.median(delays_s) / 60:.1f} min | {statistics.fmean(delays_s) / 60:.1f} min | "
            f"{delays_s[int(len(delays_s) * 0.9)] / 60:.1f} min | {sum(r.requests for r in results):,} | "
            f"{sum(r.losses_told for r in results)} | {sum(r.lost for r in results)} |"
        )
        sys.stdout.flush()


def _watch(pool: ProcessPoolExecutor, number: int, rng: random.Random) -> None:
    """A quarter, in which a fifth of the partners dies without a word; the others are to be called well."""
    days = 91
    partners = [make_partner(n, number, days, rng) for n in range(number)]
    for partner in partners[::5]:
        died_at = BEGIN_AT + timedelta(days=rng.uniform(28, 60))
        partner.died_at = died_at
        partner.articles = [at for at in partner.articles if at < died_at]
    results = list(pool.map(partial(simulate, strategy=ours, days=days, watches=True), partners))
    for kind, *_ in KINDS:
        dead = [(p, r) for p, r in zip(partners, results, strict=True) if p.died_at and p.kind == kind]
        noticed = [r.noticed_h / expected_interval_h(p) for p, r in dead if r.noticed_h]
        alarms = [len(r.alarms) for p, r in zip(partners, results, strict=True) if p.kind == kind]
        print(
            f"{kind}: {len(noticed)} of {len(dead)} deaths noticed, after {statistics.median(noticed):.2f} "
            f"expected intervals (median), {max(noticed):.2f} (longest); "
            f"false alarms: {sum(alarms)} of {len(alarms)} partners, at most {max(alarms)} of one"
        )


if __name__ == "__main__":
    main()
