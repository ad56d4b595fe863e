"""YAML text -> plain values, with the place of each of them. Nothing clever in YAML gets through.

Read from PyYAML's events, so nothing is ever resolved, constructed or expanded: aliases, anchors, merge keys,
tags, duplicate keys and second documents are mistakes with a place. Plain scalars are typed by the core
schema of YAML 1.2.2 (section 10.3.2, https://yaml.org/spec/1.2.2/): ``no`` and ``12:30`` are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from yaml.error import Mark
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.scanner import Scanner
from yaml.tokens import ScalarToken

from aggregator.config.syntax import syntax_mistake
from aggregator.config.types import shown

Loc = tuple[str | int, ...]

_MAX_DEPTH = 16
_MAX_NODES = 100_000
_MAX_NUMBER_CHARACTERS = 1000  # Python refuses to convert more than 4,300 digits
_CORE_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_CORE_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_CORE_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_CORE_FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value and the key that names it stand, counted from 1. ``raw`` is a scalar's text."""

    line: int
    column: int
    key_line: int
    key_column: int
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something in the text that is not read. ``loc`` names the value that it concerns."""

    loc: Loc
    line: int
    column: int
    message: str


@dataclass(frozen=True, slots=True)
class YamlText:
    """What was read: ``values`` are dict, tuple, str, int, float, bool and None.

    ``unread`` are the locations whose value was not taken over; ``complete`` is False when reading stopped.
    """

    values: object
    places: dict[Loc, Place]
    mistakes: tuple[Mistake, ...]
    unread: frozenset[Loc]
    complete: bool


def read_yaml(text: str) -> YamlText:
    """Read one document. Never raises: whatever is wrong stands in ``mistakes``."""
    builder = _Builder()
    long_quotes: list[ScalarToken] = []
    try:
        values, complete = builder.document(_events(text, long_quotes)), True
    except (yaml.MarkedYAMLError, ReaderError) as error:
        values, complete = None, False
        builder.mistakes.append(Mistake((), *syntax_mistake(error, text, long_quotes)))
    return YamlText(values, builder.places, tuple(builder.mistakes), frozenset(builder.unread), complete)


class _EventReader(Reader, Scanner, Parser):
    """The lower half of PyYAML's loaders: text to events, without composer, resolver and constructor."""

    def __init__(self, text: str, long_quotes: list[ScalarToken]) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        self._long_quotes = long_quotes

    def scan_flow_scalar(self, style: str) -> ScalarToken:
        """Keeps quoted text over several lines: when a mistake follows, that is where to look first."""
        token = super().scan_flow_scalar(style)
        if token.end_mark.line > token.start_mark.line:
            self._long_quotes.append(token)
        return token

    def next_event(self) -> Event | None:
        """The next event, None at the end. Raises yaml.MarkedYAMLError."""
        try:
            event: Event | None = self.get_event()  # type: ignore[no-untyped-call]
        except (ValueError, OverflowError, IndexError):
            # PyYAML lets these through: "\UFFFFFFFF", a version of 5,000 digits, a tag at the very end
            mark = self.get_mark()
            raise yaml.MarkedYAMLError(
                problem="a character or number out of range", problem_mark=mark
            ) from None
        return event


def _events(text: str, long_quotes: list[ScalarToken]) -> Iterator[Event]:
    """The events of the text, within limits. Raises yaml.MarkedYAMLError and ReaderError."""
    reader = _EventReader(text, long_quotes)
    depth = nodes = 0
    while event := reader.next_event():
        nodes += isinstance(event, NodeEvent)
        depth += isinstance(event, CollectionStartEvent)
        depth -= isinstance(event, SequenceEndEvent | MappingEndEvent)
        if depth > _MAX_DEPTH:
            raise yaml.MarkedYAMLError(
                problem=f"more than {_MAX_DEPTH} levels deep", problem_mark=_mark(event)
            )
        if nodes > _MAX_NODES:
            raise yaml.MarkedYAMLError(problem=f"more than {_MAX_NODES} values", problem_mark=_mark(event))
        yield event


def _mark(event: Event) -> Mark:
    assert isinstance(event.start_mark, Mark)
    return event.start_mark


class _Builder:
    """Puts events together; recursion is bounded by the depth that ``_events`` lets through."""

    def __init__(self) -> None:
        self.places: dict[Loc, Place] = {(): Place(1, 1, 1, 1)}
        self.mistakes: list[Mistake] = []
        self.unread: set[Loc] = set()
        self.repeated_from: dict[Loc, int] = {}

    def note(self, loc: Loc, event: Event, message: str) -> None:
        mark = _mark(event)
        self.mistakes.append(Mistake(loc, mark.line + 1, mark.column + 1, message))

    def document(self, events: Iterator[Event]) -> object:
        """The first document's value, None when there is none."""
        value: object = None
        documents = 0
        for event in events:
            documents += isinstance(event, DocumentStartEvent)
            if documents > 1:
                self.note((), event, "a second document begins here; remove this line of dashes")
                break
            if isinstance(event, NodeEvent):
                value = self.node(event, events, (), event)
        return value

    def node(self, event: NodeEvent, events: Iterator[Event], loc: Loc, key: Event) -> object:
        """One value with all below it; ``key`` is what names it, or the value itself."""
        mark, key_mark = _mark(event), _mark(key)
        raw = event.value if isinstance(event, ScalarEvent) else None
        self.places[loc] = Place(mark.line + 1, mark.column + 1, key_mark.line + 1, key_mark.column + 1, raw)
        if isinstance(event, AliasEvent):
            self.note(
                loc, event, "aliases are not read: write the value out (text beginning with * needs quotes)"
            )
            self.unread.add(loc)
            return None
        if event.anchor is not None:
            self.note(loc, event, "anchors are not read: remove it (text beginning with & needs quotes)")
        if isinstance(event, ScalarEvent | CollectionStartEvent) and event.tag is not None:
            self.note(loc, event, "tags are not read: remove it (text beginning with ! needs quotes)")
            self.unread.add(loc)
        if isinstance(event, ScalarEvent):
            return _typed(event.value) if event.style is None else event.value
        return (
            self.mapping(events, loc) if isinstance(event, MappingStartEvent) else self.sequence(events, loc)
        )

    def sequence(self, events: Iterator[Event], loc: Loc) -> tuple[object, ...]:
        values: list[object] = []
        for event in events:
            if not isinstance(event, NodeEvent):
                break
            values.append(self.node(event, events, (*loc, len(values)), event))
        return tuple(values)

    def mapping(self, events: Iterator[Event], loc: Loc) -> dict[str, object]:
        values: dict[str, object] = {}
        for event in events:
            if not isinstance(event, NodeEvent):
                break
            key = self.key(event, loc, values)
            if key is None:
                self.pass_over(event, events)
            value_event = next(events)
            assert isinstance(value_event, NodeEvent)
            if key is None:
                self.pass_over(value_event, events)
            else:
                values[key] = self.node(value_event, events, (*loc, key), event)
        return values

    def key(self, event: NodeEvent, loc: Loc, known: dict[str, object]) -> str | None:
        """The key, or None when the pair is not read."""
        if not isinstance(event, ScalarEvent) or event.anchor or event.tag or not event.value:
            self.note(loc, event, "a key must be plain text without anchor, alias or tag")
        elif event.value == "<<" and event.style is None:
            self.note(loc, event, "merge keys are not read: write the keys out")
        elif event.value in known:
            self.note((*loc, event.value), event, self.duplicate(event, loc))
        else:
            return event.value
        return None

    def duplicate(self, event: ScalarEvent, loc: Loc) -> str:
        """The words for a key that its mapping has already."""
        first, line = self.places[*loc, event.value].key_line, _mark(event).line + 1
        words = f"duplicate key {shown(event.value)}, in line {first} already; remove one of them"
        if not loc or isinstance(loc[-1], str) or line == first:
            return words
        missing = self.repeated_from.setdefault(loc, line)  # the next item of the list may begin there
        return f"{words}, or a dash is missing before line {missing}"

    def pass_over(self, event: NodeEvent, events: Iterator[Event]) -> None:
        """Leave out a node and all below it."""
        depth = int(isinstance(event, CollectionStartEvent))
        while depth:
            below = next(events)
            depth += isinstance(below, CollectionStartEvent)
            depth -= isinstance(below, SequenceEndEvent | MappingEndEvent)


def _typed(raw: str) -> object:
    """A plain scalar by the core schema; a number too long for Python stays text."""
    if raw in _CORE_NULL:
        return None
    if raw in _CORE_BOOL:
        return _CORE_BOOL[raw]
    if len(raw) > _MAX_NUMBER_CHARACTERS:
        return raw
    if _CORE_INT.fullmatch(raw):
        return int(raw, {"0o": 8, "0x": 16}.get(raw[:2], 10))
    return float(raw.replace(".inf", "inf").replace(".nan", "nan")) if _CORE_FLOAT.fullmatch(raw) else raw
