"""Labelled news: a folder of articles.jsonl, pairs.tsv and topics.tsv, checked as it is read.

articles.jsonl: an object a line with ``id``, ``url``, ``site`` (a host), ``title``, ``text`` (a paragraph a line) and
perhaps ``date``. pairs.tsv: ``id_a``, ``id_b``, ``label`` (same, event or different), ``origin``, ``note`` (words
parted by semicolons). topics.tsv: ``id``, ``topic``, ``alt``. Both .tsv begin with a line of these names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from aggregator.errors import AggregatorError
from aggregator.intake.identity import canonical_url

LABELS = ("same", "event", "different")


class FolderError(AggregatorError):
    """A folder that cannot be used; the message begins with the file and, where there is one, the line."""


@dataclass(frozen=True, slots=True)
class Article:
    article_id: str
    url: str
    site: str
    title: str
    text: str

    @property
    def html(self) -> str:
        """As a feed brings it."""
        return "".join(f"<p>{escape(line)}</p>" for line in self.text.split("\n"))


@dataclass(frozen=True, slots=True)
class Pair:
    id_a: str
    id_b: str
    label: str
    origin: str
    notes: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        return self.label == "same"

    @property
    def is_grey(self) -> bool:
        """People who labelled it were not sure."""
        return "grey" in self.notes

    @property
    def kind(self) -> str:
        """Label, origin and note in words."""
        return " ".join((self.label, self.origin, *(note for note in self.notes if note != "grey")))


@dataclass(frozen=True, slots=True)
class Labelled:
    """An article and the topics that are right for it, the first choice first."""

    article_id: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Folder:
    articles: dict[str, Article]  # by id
    pairs: tuple[Pair, ...]
    labels: tuple[Labelled, ...]


def read_folder(path: Path) -> Folder:
    """All three files. Raises FolderError at the first thing that is wrong."""
    if not path.is_dir():
        raise FolderError(f"{path} is no folder of labelled news (articles.jsonl, pairs.tsv, topics.tsv)")
    articles = {one.article_id: one for one in read_articles(path / "articles.jsonl")}
    pairs = tuple(_pairs(path / "pairs.tsv", articles))
    return Folder(articles, pairs, tuple(_labels(path / "topics.tsv", articles)))


def read_articles(path: Path) -> Sequence[Article]:
    """The articles in their order. Raises FolderError."""
    found: dict[str, Article] = {}
    for at, line in _lines(path):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise FolderError(f"{at}: not JSON: {error}") from None
        if not isinstance(row, dict):
            raise FolderError(f"{at}: expected an object, found {type(row).__name__}")
        names = ("id", "url", "site", "title", "text")
        for name in names:
            if not isinstance(row.get(name), str):
                raise FolderError(f'{at}: "{name}" is missing or no text')
        article = Article(*(row[name] for name in names))
        if article.article_id in found:
            raise FolderError(f"{at}: the id {article.article_id} stands in an earlier line too")
        if not canonical_url(article.url):
            raise FolderError(f'{at}: "url" is no http(s) address')
        found[article.article_id] = article
    return tuple(found.values())


def _pairs(path: Path, articles: dict[str, Article]) -> Iterator[Pair]:
    for at, (id_a, id_b, label, origin, note) in _rows(path, ("id_a", "id_b", "label", "origin", "note")):
        for article_id in (id_a, id_b):
            _check_known(at, article_id, articles)
        if id_a == id_b:
            raise FolderError(f"{at}: {id_a} is paired with itself")
        if label not in LABELS:
            raise FolderError(f'{at}: the label is "{label}", expected one of {", ".join(LABELS)}')
        yield Pair(id_a, id_b, label, origin, tuple(filter(None, (one.strip() for one in note.split(";")))))


def _labels(path: Path, articles: dict[str, Article]) -> Iterator[Labelled]:
    for at, (article_id, topic, alternatives) in _rows(path, ("id", "topic", "alt")):
        _check_known(at, article_id, articles)
        if not topic:
            raise FolderError(f"{at}: {article_id} has no topic")
        others = (one.strip() for one in re.split("[,;|]", alternatives))
        yield Labelled(article_id, (topic, *filter(None, others)))


def _rows(path: Path, names: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    """Where each row stands, and its cells."""
    rows = ((at, line.split("\t")) for at, line in _lines(path))
    at, header = next(rows, (f"{path}:1", []))
    if header != list(names):
        raise FolderError(f"{at}: the first line must be {' '.join(names)}, parted by tabs")
    for at, cells in rows:
        if len(cells) != len(names):
            raise FolderError(f"{at}: {len(cells)} cells, expected {len(names)} parted by tabs")
        yield at, cells


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Lines that are not blank, each with its place as editors open it: ``pairs.tsv:12``."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise FolderError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        raise FolderError(f"{path}:{number}: not UTF-8") from None
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield f"{path}:{number}", line.rstrip("\r")


def _check_known(at: str, article_id: str, articles: dict[str, Article]) -> None:
    if article_id not in articles:
        raise FolderError(f"{at}: there is no article {article_id} in articles.jsonl")
