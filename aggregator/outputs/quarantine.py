"""Which stories make documents fail their checks: they are left out, and the rest is published."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aggregator.model.story import PrintStory

# What is wrong with the documents of some stories, in words for ops; () when they may be published.
Faults = Callable[[Sequence[PrintStory]], tuple[str, ...]]
TWICE = "another story of the document has its id"


def quarantined(stories: Sequence[PrintStory], faults: Faults) -> dict[int, str]:
    """By place in ``stories``, why documents are better made without that story.

    A story is at fault when documents of it alone fail, or when its id stands there already. None is where that cures
    nothing: those without any story fail too, or those of the others together. Costs documents for each story, so it is
    asked once those of all have failed.
    """
    if faults(()):
        return {}
    found: dict[int, str] = {}
    ids: set[str] = set()
    for place, story in enumerate(stories):
        if story.id in ids:
            found[place] = TWICE
        elif words := faults((story,)):
            found[place] = words[0]
        else:
            ids.add(story.id)
    sound = [story for place, story in enumerate(stories) if place not in found]
    return {} if faults(sound) else found
