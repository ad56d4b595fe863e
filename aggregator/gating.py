"""Documents made and sent through the gate: a poisoned story is left out and told, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from aggregator.model.document import Document
from aggregator.model.problem import Problem
from aggregator.model.story import PrintStory
from aggregator.outputs.gate import document_problems
from aggregator.outputs.quarantine import quarantined

log = structlog.get_logger()

# Documents of some stories. May raise anything.
Make = Callable[[Sequence[PrintStory]], Sequence[Document]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Documents that passed the gate, the stories in them by number, and what was kept back of them and why."""

    stories: Mapping[int, PrintStory]
    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]


def printed(stories: Mapping[int, PrintStory], make: Make, *, subject: str, name: str) -> Sheet:
    """What ``make`` makes of the stories and passes the gate, without stories that would make it fail.

    ``subject`` is of what problems are, ``name`` is what the log calls it.
    """
    sheet = _attempt(stories, make, subject, name)
    if not sheet.problems:
        return sheet
    story_ids, all_of_them = list(stories), list(stories.values())
    poisoned = quarantined(all_of_them, lambda some: _faults(some, make))
    if not poisoned:
        return sheet
    sound = {story_ids[place]: one for place, one in enumerate(all_of_them) if place not in poisoned}
    left_out = [Problem(all_of_them[place].url, f"left out: {words}") for place, words in poisoned.items()]
    sheet = _attempt(sound, make, subject, name)
    return replace(sheet, problems=(*left_out, *sheet.problems))


def gated(documents: Sequence[Document]) -> tuple[tuple[Document, ...], list[Problem]]:
    """Those that pass the gate; a refused one never replaces the last good one."""
    refused = {d.path: words for d in documents if (words := document_problems(d))}
    problems = [Problem(path, words) for path, found in refused.items() for words in found]
    return tuple(document for document in documents if document.path not in refused), problems


def _attempt(stories: Mapping[int, PrintStory], make: Make, subject: str, name: str) -> Sheet:
    try:
        documents, problems = gated(make(list(stories.values())))
    except Exception as error:  # a bug met on one output must not stop the others; it is logged whole
        log.exception("internal error", output=name)
        documents, problems = (), [Problem(subject, _could_not(error))]
    return Sheet(stories, documents, tuple(problems))


def _faults(stories: Sequence[PrintStory], make: Make) -> tuple[str, ...]:
    try:
        documents = make(stories)
    except Exception as error:  # noqa: BLE001 - logged when documents of all stories met it
        return (_could_not(error),)
    return tuple(words for document in documents for words in document_problems(document))


def _could_not(error: Exception) -> str:
    return f"could not be rendered ({type(error).__name__}); the log has the details"
