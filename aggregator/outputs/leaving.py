"""Stories that leave an output: withdrawn ones leave a tombstone, and none may be gone without a reason."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.model.document import Output
from aggregator.model.story import Story, Withdrawn
from aggregator.outputs.select import Selection, is_withdrawn, select

# Of fewer stories than this, half may be missing: a few have little to lose.
FEW = 10


def tombstones_of(
    output: Output, selection: Selection, withdrawn: Sequence[Withdrawn], now: datetime
) -> tuple[Withdrawn, ...]:
    """Those that would stand in ``output`` beside its ``selection`` if they might be shown, at most as many as stories.

    ``withdrawn`` and what is returned are ordered by first publication, newest first.
    """
    found = [one for one in withdrawn if _stood(one, output) and now < leaves_at(one, output)]
    if len(selection.stories) >= output.limit:
        oldest = selection.stories[-1].published
        found = [one for one in found if oldest and one.first_published_at >= oldest.first_published_at]
    return tuple(found[: output.limit])


def _stood(one: Withdrawn, output: Output) -> bool:
    where = output.where
    return one.shown_partner_id not in where.not_partners and where.takes(
        one.topics, one.shown_partner_id, one.facets
    )


def leaves_at(one: Withdrawn, output: Output) -> datetime:
    """When the tombstone goes: when its story would have been too old."""
    return one.first_published_at + timedelta(seconds=output.max_age_s)


def next_change_at(output: Output, selection: Selection, tombstones: Sequence[Withdrawn]) -> datetime | None:
    """When a story or a tombstone leaves ``output`` next, if nothing else happens."""
    moments = [leaves_at(one, output) for one in tombstones]
    if selection.next_change_at is not None:
        moments.append(selection.next_change_at)
    return min(moments, default=None)


def expected(
    output: Output, selection: Selection, shown: Collection[int], stories: Sequence[Story], now: datetime
) -> frozenset[int]:
    """Of the stories that the last good documents show, those that should still stand there, by number.

    ``stories`` are those of ``shown`` that there still are. Empty where one of them may not be shown any more: a
    withdrawal is never held up by what else is missing.
    """
    if any(is_withdrawn(story, now) for story in stories):
        return frozenset()
    if len(selection.stories) >= output.limit:
        return frozenset(story.story_id for story in selection.stories) & frozenset(shown)
    lost = frozenset(shown) - {story.story_id for story in stories}
    all_of_them = replace(output, limit=len(stories))
    return lost | {story.story_id for story in select(all_of_them, stories, now).stories}


def loss_problem(due: Collection[int], printed: Collection[int]) -> str:
    """Why documents that show ``printed`` must not take the last good ones' place, in words for ops; '' when they may.

    ``due`` are the stories that those show and that should still stand there.
    """
    missing = set(due) - set(printed)
    if due and not printed:
        return f"not one of the {len(due)} stories that should still stand there would be left"
    if len(due) >= FEW and len(missing) > len(due) / 2:
        return f"{len(missing)} of the {len(due)} stories that should still stand there would be missing"
    return ""
