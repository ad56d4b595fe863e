"""Documents made and sent through the gate: a poisoned story is left out and told, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from aggregator.model.document import Document
from aggregator.model.problem import Problem
from aggregator.model.story import PrintStory
from aggregator.outputs.gate import document_problems
from aggregator.outputs.quarantine import TWICE, quarantined

log = structlog.get_logger()

# Documents of some stories. May raise anything.
Make = Callable[[Sequence[PrintStory]], Sequence[Document]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Documents that passed the gate, the stories in them by number, and what was kept back of them and why.

    ``poisoned`` says by number why stories make any documents of the kind fail.
    """

    stories: Mapping[int, PrintStory]
    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    poisoned: Mapping[int, str] = field(default_factory=dict)


def printed(
    stories: Mapping[int, PrintStory],
    make: Make,
    *,
    subject: str,
    name: str,
    poisoned: Mapping[int, str] | None = None,
) -> Sheet:
    """What ``make`` makes of the stories and passes the gate, without stories that would make it fail.

    ``subject`` is of what problems are, ``name`` is what the log calls it. ``poisoned`` was found in documents of the
    same kind: finding it out again would cost documents for each story.
    """
    known = {story_id: words for story_id, words in (poisoned or {}).items() if story_id in stories}
    hopeful = {story_id: story for story_id, story in stories.items() if story_id not in known}
    sheet = _attempt(hopeful, make, subject, name)
    found: dict[int, str] = {}
    if sheet.problems:
        story_ids = list(hopeful)
        places = quarantined(list(hopeful.values()), lambda some: _faults(some, make))
        found = {story_ids[place]: words for place, words in places.items()}
    if found:
        sound = {story_id: story for story_id, story in hopeful.items() if story_id not in found}
        sheet = _attempt(sound, make, subject, name)
    left_out = [Problem(stories[one].url, f"left out: {words}") for one, words in (known | found).items()]
    everywhere = {story_id: words for story_id, words in found.items() if words != TWICE}
    return replace(sheet, problems=(*left_out, *sheet.problems), poisoned={**(poisoned or {}), **everywhere})


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
