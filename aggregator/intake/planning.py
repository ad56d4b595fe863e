"""What a finished visit teaches of its source, and when the next one is: put into the visit before it is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.config.model import FetchRules, Source
from aggregator.intake.cadence import (
    EARLIEST,
    Bounds,
    Plan,
    after_failure,
    after_success,
    hurried,
    next_poll_at,
)
from aggregator.intake.rhythm import counted, expected, learn, rates
from aggregator.intake.watch import is_flood
from aggregator.model.fetch import Hints
from aggregator.model.rhythm import Rhythm
from aggregator.model.source import SourceState, Visit
from aggregator.model.story import Decision, Verdict

# An address that was withdrawn (410) at so many visits in a row is asked no more until feeds.yaml has another.
GONE_AFTER = 3
# A source that failed is asked again within the hour at first, however seldom it has news.
FIRST_RETRY = timedelta(hours=1)
# Where a hub tells us what is new, polling only audits it.
AUDITED_EVERY = timedelta(days=1)
# Documents shorter than this are often all new.
_LONG_ENOUGH = 5
_NEWS = (Verdict.NEW, Verdict.COPY)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What an answer without a feed says of the next visit: how long we are asked to wait, whether it is 410."""

    wait_s: float = 0.0
    is_gone: bool = False


def after_good_visit(
    visit: Visit,
    source: Source,
    state: SourceState,
    rhythm: Rhythm,
    rules: FetchRules,
    now: datetime,
    *,
    is_pushed: bool,
) -> Visit:
    """The visit with the moment of the next one. ``rhythm`` is what is known with what it brought.

    ``is_pushed``: a hub tells us of all that is new, so that a poll now and then is enough.
    """
    hints = visit.hints or state.hints
    if visit.fresh_s > hints.fresh_s:
        hints = replace(hints, fresh_s=visit.fresh_s)
    window = state.entries_in_feed if visit.entries_in_feed is None else visit.entries_in_feed
    plan = _good_plan(source, rhythm, window, hints, rules, now)
    must_be_read_again = visit.body_hash == ""
    if is_pushed and plan.after < AUDITED_EVERY and not must_be_read_again:
        plan = Plan(AUDITED_EVERY, "its hub tells us; asked once a day to audit")
    return _planned(visit, plan, now)


def after_failed_visit(
    visit: Visit,
    source: Source,
    state: SourceState,
    rhythm: Rhythm,
    rules: FetchRules,
    now: datetime,
    trouble: Trouble,
) -> Visit:
    """As after_good_visit()."""
    failures = state.failures_in_a_row + 1
    visit = replace(visit, gone_count=state.gone_count + 1 if trouble.is_gone else 0)
    if visit.gone_count >= GONE_AFTER:
        return replace(visit, gone_at=now, planned_s=0.0)
    usual = _good_plan(source, rhythm, state.entries_in_feed, Hints(), rules, now).after
    plan = after_failure(min(usual, FIRST_RETRY) if source.every == "auto" else usual, failures)
    wait = timedelta(seconds=trouble.wait_s)
    if wait > plan.after * EARLIEST:
        planned = _planned(visit, Plan(wait, "the partner asks us to wait"), now)
        return replace(planned, next_poll_at=now + wait)  # not a moment sooner
    return _planned(visit, plan, now)


def learnt_from(
    rhythm: Rhythm,
    state: SourceState,
    decisions: Sequence[Decision],
    rules: FetchRules,
    now: datetime,
    seen: int = 0,
) -> Rhythm:
    """The rhythm with what a document brought beside so many entries ``seen`` before; ``state`` is from before the
    visit.
    """
    new = [one for one in decisions if one.verdict in _NEWS]
    if any(one.held for one in decisions):  # a flood is no habit; but it is no silence either
        return replace(rhythm, newest_at=now, learnt_until_at=now)
    if not is_first(state):
        rhythm = eased(
            rhythm,
            state,
            rules,
            now,
            len(new),
            len(decisions) + seen,
            is_loss=not seen and is_loss(rhythm, state, decisions, now),
        )
    return _with_news(rhythm, state, new, now)


def learnt_from_push(
    rhythm: Rhythm, state: SourceState, decisions: Sequence[Decision], now: datetime
) -> Rhythm:
    """As learnt_from(), of what may be a part of the document: it says when news came, not how much is missed."""
    if any(one.held for one in decisions):
        return replace(rhythm, newest_at=now, learnt_until_at=now)
    return _with_news(rhythm, state, [one for one in decisions if one.verdict in _NEWS], now)


def _with_news(rhythm: Rhythm, state: SourceState, new: Sequence[Decision], now: datetime) -> Rhythm:
    rhythm = counted(rhythm, len(new), now)
    came_at = [at for one in new if (at := _came_at(one, state, now)) is not None]
    return learn(rhythm, came_at, now) if came_at else rhythm


def eased(
    rhythm: Rhythm,
    state: SourceState,
    rules: FetchRules,
    now: datetime,
    new: int = 0,
    window: int = 0,
    *,
    is_loss: bool = False,
) -> Rhythm:
    """The rhythm with its hurry worn off a little, or renewed by what this visit brought."""
    if state.last_success_at is None:
        return rhythm
    gap = max(now - state.last_success_at, timedelta(0))
    hurry_s = hurried(rhythm.hurry_s, gap, new, window, bounds(rules), is_loss=is_loss)
    return rhythm if hurry_s == rhythm.hurry_s else replace(rhythm, hurry_s=hurry_s)


def is_loss(rhythm: Rhythm, state: SourceState, decisions: Sequence[Decision], now: datetime) -> bool:
    """Whether a document holds no entry that was known before, though the one before it had some.

    Of the shortest documents that is usual, and tells something only when as much was to be expected.
    """
    if (
        is_first(state)
        or not state.entries_in_feed
        or state.last_new_at is None
        or state.last_success_at is None
    ):
        return False
    if any(one.entry_id is not None or one.verdict is Verdict.LOOP for one in decisions):
        return False
    if not any(one.verdict in _NEWS for one in decisions):
        return False
    return len(decisions) >= _LONG_ENOUGH or expected(rates(rhythm), state.last_success_at, now) >= 1


def with_flood_held(
    decisions: Sequence[Decision], state: SourceState, rhythm: Rhythm, now: datetime
) -> tuple[tuple[Decision, ...], bool]:
    """The decisions, with all that is new held when it is a flood, and whether one begins now.

    While one lasts whatever is new is held: who was broken into yesterday still is.
    """
    new = [one for one in decisions if one.verdict is Verdict.NEW and not one.backlog]
    begins = state.flooded_at is None and not is_first(state) and is_flood(rhythm, len(new), now)
    if not begins and state.flooded_at is None:
        return tuple(decisions), False
    return tuple(replace(one, held=True) if one.verdict in _NEWS else one for one in decisions), begins


def _came_at(decision: Decision, state: SourceState, now: datetime) -> datetime | None:
    """When an entry came, as well as that is known: not before the last visit, which did not see it.

    What a first document brings came when it says; of what has no date nothing is known.
    """
    published_at = decision.candidate.entry.published_at
    if is_first(state) or state.last_success_at is None:
        return published_at and min(published_at, now)
    return min(max(published_at or now, state.last_success_at), now)


def is_first(state: SourceState) -> bool:
    """Whether no document was read at the source's present address yet."""
    return state.last_success_at is None or (
        state.began_at is not None and state.last_success_at < state.began_at
    )


def bounds(rules: FetchRules) -> Bounds:
    """Between which ``every: auto`` chooses."""
    return Bounds(rules.auto_min, rules.auto_max)


def _good_plan(
    source: Source, rhythm: Rhythm, window: int, hints: Hints, rules: FetchRules, now: datetime
) -> Plan:
    return after_success(source.every, rhythm, window, hints, bounds(rules), now)


def _planned(visit: Visit, plan: Plan, now: datetime) -> Visit:
    return replace(
        visit,
        planned_s=plan.after.total_seconds(),
        planned_why=plan.why,
        next_poll_at=next_poll_at(visit.source_id, plan.after, now),
    )
