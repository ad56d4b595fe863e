"""Errors of the desk as one page that needs nothing else: the two texts side by side, what they share marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from judging import Judged
from labelled import Article
from sorting import Sorted

from aggregator.editorial.wording import Shingle, wording

Piece = tuple[str, bool]  # words with what stands between them, and whether both texts have them

_WORD = re.compile(r"[^\W\d_]+|\d+")
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(judged: Sequence[Judged], found: Sequence[Sorted]) -> str:
    """The whole page: of those pairs that were judged wrongly, wrong joins first and one partner's last; then the
    articles that were sorted into a wrong topic.
    """
    wrong = (one for one in judged if not one.is_right)
    errors = sorted(wrong, key=lambda one: (one.is_one_partners, not one.is_joined))
    template = _TEMPLATES.get_template("editorial_page.html")
    return template.render(
        errors=errors,
        of=len(judged),
        sides=_sides,
        particulars=_particulars,
        sorted_wrongly=[one for one in found if not one.is_right],
        sorted_of=len(found),
    )


def _sides(one: Judged) -> Iterator[tuple[Article, list[list[Piece]]]]:
    text_a, text_b = one.texts
    for article, own, other in ((one.a, text_a, text_b), (one.b, text_b, text_a)):
        shared = wording(other).shingles
        yield article, [_pieces(paragraph, shared) for paragraph in own.split("\n")]


def _pieces(paragraph: str, shared: frozenset[Shingle]) -> list[Piece]:
    """The paragraph in runs of words that are shared, or are not."""
    found = list(_WORD.finditer(paragraph))
    words = [match[0].casefold() for match in found]
    is_shared = [False] * len(paragraph)
    for at, shingle in enumerate(zip(words, words[1:], words[2:], strict=False)):
        if shingle in shared:
            begin, end = found[at].start(), found[at + 2].end()
            is_shared[begin:end] = [True] * (end - begin)
    runs = groupby(zip(paragraph, is_shared, strict=True), key=itemgetter(1))
    return [("".join(sign for sign, _ in run), flag) for flag, run in runs]


def _particulars(one: Judged) -> Iterator[tuple[str, str, str, str]]:
    """Name of the feature, what only the left text has, only the right one, and both."""
    a, b = map(wording, one.texts)
    days_a, days_b = (frozenset(f"{day}/{month}" for day, month in text.days) for text in (a, b))
    features = (("numbers", a.numbers, b.numbers), ("days", days_a, days_b), ("names", a.names, b.names))
    for name, in_a, in_b in features:
        yield name, _listed(in_a - in_b), _listed(in_b - in_a), _listed(in_a & in_b)


def _listed(found: Iterable[str]) -> str:
    return ", ".join(sorted(found))
