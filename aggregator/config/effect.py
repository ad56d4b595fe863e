"""What feeds.yaml asks for and this version only reads: a promise that is not kept must be said aloud."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aggregator.config.model import Config, Keep, Source


def not_yet_in_effect(config: Config) -> tuple[str, ...]:
    """One sentence for each key that is set, checked, and not acted on in this version."""
    return tuple(_sentences(config))


def _sentences(config: Config) -> Iterator[str]:
    if found := [source for source in config.sources if _wants_more_than_allowed(config, source)]:
        yield f"sources[].full_text article needs terms.content full, the feed's text is used: {_names(found)}"
    custom = {one.id for one in config.outputs.custom}
    live = {config.outputs.combined.id, *custom, *(f"topics/{topic.id}" for topic in config.topics)}
    for retired in config.outputs.retired:
        if retired.moved_to is not None and retired.moved_to not in live:
            yield f"outputs.retired: {retired.id} moved to {retired.moved_to}, which is not published"
    if config.keep.raw != Keep().raw:
        yield "keep.raw is not in effect yet: no entry is deleted"


def _wants_more_than_allowed(config: Config, source: Source) -> bool:
    terms = config.partner(source.partner).terms
    return source.full_text == "article" and (terms is None or terms.content != "full")


def _names(sources: Iterable[Source]) -> str:
    ids = [source.id for source in sources]
    return ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
