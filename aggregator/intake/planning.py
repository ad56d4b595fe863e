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
from aggregator.intake.rhythm import learn
from aggregator.intake.watch import is_flood
from aggregator.model.fetch import Hints
from aggregator.model.rhythm import Rhythm
from aggregator.model.source import SourceState, Visit
from aggregator.model.story import Decision, Verdict

# An address that was withdrawn (410) at so many visits in a row is asked no more until feeds.yaml has another.
GONE_AFTER = 3
# A source that failed is asked again within the hour at first, however seldom it has news.
FIRST_RETRY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What an answer without a feed says of the next visit: how long we are asked to wait, whether it is 410."""

    wait_s: float = 0.0
    is_gone: bool = False


def after_good_visit(
    visit: Visit, source: Source, state: SourceState, rhythm: Rhythm, rules: FetchRules, now: datetime
) -> Visit:
    """The visit with the moment of the next one. ``rhythm`` is what is known with what it brought."""
    hints = visit.hints or state.hints
    fresh_s = max(hints.fresh_s, visit.fresh_s)
    window = state.entries_in_feed if visit.entries_in_feed is None else visit.entries_in_feed
    plan = _good_plan(source, rhythm, window, replace(hints, fresh_s=fresh_s), rules, now)
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
) -> Rhythm:
    """The rhythm with what a document brought; ``state`` is from before the visit."""
    new = [one for one in decisions if one.verdict in (Verdict.NEW, Verdict.COPY)]
    is_first = _is_first(state)
    dates = [one.candidate.entry.published_at for one in new]
    # Of what a first document brings without a date nothing is known but that it came before.
    known = [at or now for at in dates if at is not None or not is_first]
    if not is_first and state.last_success_at is not None:
        hurry_s = hurried(
            rhythm.hurry_s,
            now - state.last_success_at,
            len(new),
            len(decisions),
            bounds(rules),
            is_loss=is_loss(state, decisions),
        )
        rhythm = replace(rhythm, hurry_s=hurry_s)
    return learn(rhythm, [min(at, now) for at in known], now) if known else rhythm


def is_loss(state: SourceState, decisions: Sequence[Decision]) -> bool:
    """Whether a document holds no entry that was known before, though the one before it had some."""
    if _is_first(state) or not state.entries_in_feed:
        return False
    is_any_known = any(one.entry_id is not None for one in decisions)
    is_any_new = any(one.verdict in (Verdict.NEW, Verdict.COPY) for one in decisions)
    return is_any_new and not is_any_known


def with_flood_held(
    decisions: Sequence[Decision], state: SourceState, rhythm: Rhythm, now: datetime
) -> tuple[tuple[Decision, ...], bool]:
    """The decisions, with all that is new held when it is a flood, and whether one begins now.

    While one lasts whatever is new is held: who was broken into yesterday still is.
    """
    since_at = state.last_success_at
    new = [one for one in decisions if one.verdict is Verdict.NEW and not one.backlog]
    begins = (
        state.flooded_at is None
        and not _is_first(state)
        and since_at is not None
        and is_flood(rhythm, len(new), since_at, now)
    )
    if not begins and state.flooded_at is None:
        return tuple(decisions), False
    held = {id(one) for one in decisions if one.verdict in (Verdict.NEW, Verdict.COPY)}
    return tuple(replace(one, held=True) if id(one) in held else one for one in decisions), begins


def bounds(rules: FetchRules) -> Bounds:
    """Between which ``every: auto`` chooses."""
    return Bounds(rules.auto_min, rules.auto_max)


def _is_first(state: SourceState) -> bool:
    """Whether no document was read at the source's present address yet."""
    return state.last_success_at is None or (
        state.began_at is not None and state.last_success_at < state.began_at
    )


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
