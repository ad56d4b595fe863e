"""The sample partners alive: what each of them has published at any moment, as a function of the time that has passed.

Every STEP one thing happens, in the order of PROGRAMME: an article, a correction, a copy of the other partner's
article, a paid one. The texts of wire.yaml come round again with other names and numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any, Literal, TypeVar
from zlib import crc32

import yaml

from aggregator.demo.partners import DOMAINS, Article, article_of, sample_articles

T = TypeVar("T")

STEP = timedelta(seconds=4)
FEED_LENGTH = 16

# Articles are numbered by the seconds since then, so that a demo started again over its old database repeats none.
NUMBERED_SINCE = datetime(2022, 1, 1, tzinfo=UTC)
# Prime, and larger than any list: so every place and number comes up once before one comes up again.
STRIDE = 7919

PR, ID = "pikiran-rakyat", "indonesia-daily"


@dataclass(frozen=True, slots=True)
class Beat:
    """What happens at one step. A copy or correction is of the article that appeared ``back`` steps before."""

    partner: str
    act: Literal["article", "paid", "copy", "correction"]
    back: int = 0


PROGRAMME = (
    Beat(PR, "article"),
    Beat(ID, "article"),
    Beat(ID, "copy", back=2),
    Beat(PR, "article"),
    Beat(PR, "correction", back=4),
    Beat(ID, "article"),
    Beat(PR, "article"),
    Beat(PR, "copy", back=2),
    Beat(ID, "article"),
    Beat(ID, "correction", back=1),
    Beat(PR, "paid"),
    Beat(ID, "article"),
)
# In four rounds either partner writes more than a feed holds: nothing older is needed.
STEPS_REMEMBERED = 4 * len(PROGRAMME)


@dataclass(frozen=True, slots=True)
class Front:
    """One partner's feed at a moment: its articles, newest first, and when anything in it last changed."""

    articles: tuple[Article, ...]
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Text:
    """One text of wire.yaml, with its fields in braces; ``slip`` is the number that is wrong at first."""

    section: str
    title: str
    copy_title: str
    better_title: str
    numbers: Mapping[str, tuple[int, int]]
    slip: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wire:
    """wire.yaml: the texts by partner, the paid ones under 'paid', and what their fields are filled with."""

    texts: Mapping[str, tuple[Text, ...]]
    authors: Mapping[str, tuple[str, ...]]
    places: tuple[str, ...]
    cities: tuple[str, ...]
    people: tuple[str, ...]


def newsroom_at(started_at: datetime, now: datetime) -> dict[str, Front]:
    """Both partners' feeds at ``now``. They open at ``started_at`` with the sample articles."""
    steps = max(0, (now - started_at) // STEP)
    recent = range(steps, max(0, steps - STEPS_REMEMBERED), -1)
    fronts = {}
    for partner, samples in sample_articles(started_at).items():
        own = [step for step in recent if _beat(step).partner == partner]
        written = (_article(step, steps, started_at) for step in own if _beat(step).act != "correction")
        articles = (*islice(written, FEED_LENGTH), *samples)[:FEED_LENGTH]
        fronts[partner] = Front(articles, _at(own[0] if own else 0, started_at))
    return fronts


@cache
def wire() -> Wire:
    """What wire.yaml holds."""
    text = resources.files("aggregator.demo").joinpath("wire.yaml").read_text("utf-8")
    raw: dict[str, Any] = yaml.safe_load(text)
    kinds = {**raw["texts"], "paid": raw["paid"]}
    return Wire(
        texts={kind: tuple(map(_text, texts)) for kind, texts in kinds.items()},
        authors={partner: tuple(names) for partner, names in raw["authors"].items()},
        places=tuple(raw["places"]),
        cities=tuple(raw["cities"]),
        people=tuple(raw["people"]),
    )


def _text(raw: dict[str, Any]) -> Text:
    return Text(
        section=raw["section"],
        title=raw["title"],
        copy_title=raw.get("copy_title", ""),
        better_title=raw.get("better_title", raw["title"]),
        numbers={name: (lowest, highest) for name, (lowest, highest) in raw["numbers"].items()},
        slip=raw["slip"],
        paragraphs=tuple(raw["text"].splitlines()),
    )


def _beat(step: int) -> Beat:
    return PROGRAMME[(step - 1) % len(PROGRAMME)]


def _at(step: int, started_at: datetime) -> datetime:
    return (started_at + step * STEP).replace(microsecond=0)


def _article(step: int, steps: int, started_at: datetime) -> Article:
    """What appeared at ``step``, as it stands ``steps`` after the start."""
    beat, at = _beat(step), _at(step, started_at)
    if beat.act == "copy":
        raw = _copy(step - beat.back, step, started_at)
    elif beat.act == "paid":
        raw = {**_original(step, steps, started_at), "author": "Tim Iklan", "categories": ["Advertorial"]}
    else:
        raw = _original(step, steps, started_at)
    number = f"{int((at - NUMBERED_SINCE).total_seconds()):09d}"
    if beat.partner == ID:  # its addresses have no place for the number, and headlines may come again
        raw["slug"] = f"{raw['slug']}-{number}"
    return article_of(beat.partner, {**raw, "number": number}, at)


def _original(step: int, steps: int, started_at: datetime) -> dict[str, Any]:
    """The fields of ``article_of`` for a partner's own text, as it stands ``steps`` after the start."""
    partner = _beat(step).partner
    text, turn, nth = _chosen(step, started_at)
    was, now = _fields(text, turn, is_corrected=False), _fields(text, turn, is_corrected=True)
    title, fields = (text.better_title, now) if _is_corrected(step, steps) else (text.title, was)
    return {
        "section": text.section,
        # The address keeps the first headline's words, as publishing systems do.
        "slug": _slug(text.title.format_map(was)),
        "title": title.format_map(fields),
        "author": wire().authors[partner][nth % len(wire().authors[partner])],
        "paragraphs": [paragraph.format_map(fields) for paragraph in text.paragraphs],
        "leftovers": nth % 2 == 0,
        "image": _image(partner, text.section) if nth % 3 == 0 else "",
        "caption": f"Ilustrasi {text.section}.",
    }


def _copy(origin: int, step: int, started_at: datetime) -> dict[str, Any]:
    """The other partner's article as it stands at ``step``, under another headline, with a line of credit."""
    raw = _original(origin, step, started_at)
    text, turn, _ = _chosen(origin, started_at)
    title = text.copy_title.format_map(_fields(text, turn, is_corrected=False))
    partner = _beat(step).partner
    return {
        **raw,
        "slug": _slug(title),
        "title": title,
        "author": "Redaksi",
        "dateline": f"JAMBI, {DOMAINS[partner].upper()}",
        "copy_of": DOMAINS[_beat(origin).partner],
        "copy_title": raw["title"],
        "image": "",
    }


def _is_corrected(step: int, steps: int) -> bool:
    """Whether the correction of what appeared at ``step`` has come within ``steps`` after the start."""
    return any(
        beat.act == "correction" and step + beat.back <= steps and _beat(step + beat.back) == beat
        for beat in PROGRAMME
    )


def _chosen(step: int, started_at: datetime) -> tuple[Text, int, int]:
    """The text for ``step``, its turn, and how many of its kind were written before in this demo.

    No text has a turn twice, not even in a demo started later.
    """
    rounds, place = divmod(step - 1, len(PROGRAMME))
    beat = PROGRAMME[place]
    nth = rounds * PROGRAMME.count(beat) + PROGRAMME[:place].count(beat)
    texts = wire().texts["paid" if beat.act == "paid" else beat.partner]
    uses, position = divmod(nth, len(texts))
    return texts[position], int(started_at.timestamp()) + uses, nth


def _fields(text: Text, turn: int, *, is_corrected: bool) -> dict[str, str]:
    """What the braces of a text stand for at one of its turns."""
    shift = crc32(text.title.encode())
    values = {
        "tempat": _pick(wire().places, turn, shift),
        "tempat_lain": _pick(wire().places, turn, shift + 1),
        "kota": _pick(wire().cities, turn, shift),
        "tokoh": _pick(wire().people, turn, shift),
        "warga": _pick(wire().people, turn, shift + 1),
    }
    for name, (lowest, highest) in text.numbers.items():
        number = _pick(range(lowest, highest + 1), turn, shift)
        if name == text.slip and not is_corrected:
            number += number // 10 + 1
        values[name] = f"{number:,}".replace(",", ".")
    return values


def _pick(values: Sequence[T], turn: int, shift: int) -> T:
    return values[(turn * STRIDE + shift) % len(values)]


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _image(partner: str, section: str) -> str:
    folders = {
        PR: "assets.pikiran-rakyat.com/crop/750x500/photo/demo",
        ID: "indonesiadaily.co.id/wp-content/uploads/demo",
    }
    return f"https://{folders[partner]}/{section}.jpg"
