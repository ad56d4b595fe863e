"""Which stories of a document tell of the same event."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from aggregator.model.story import PrintStory, RelatedLink

# Of an event that everybody writes about, more would be a second feed within the story.
MAX_RELATED = 5


def with_related(
    stories: Sequence[PrintStory], related: Mapping[str, Collection[str]]
) -> tuple[PrintStory, ...]:
    """The stories of one document, each with links to those of them that are related to it, in their order.

    ``related`` are ids by id. Only what stands in the same document is linked: what an output does not show, or may not
    show any more, cannot be reached through a neighbour.
    """
    links = {story.id: RelatedLink(story.id, story.url, story.title, story.site_url) for story in stories}
    places = {story_id: place for place, story_id in enumerate(links)}
    found = []
    for story in stories:
        here = sorted(places.keys() & set(related.get(story.id, ())), key=places.__getitem__)
        linked = tuple(links[one] for one in here[:MAX_RELATED])
        found.append(replace(story, related=linked) if linked else story)
    return tuple(found)
