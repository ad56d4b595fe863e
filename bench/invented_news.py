"""Invented Indonesian news in any number: the same seed and number give the same article in every process.

Words are syllables put together and occur as often as in language (Zipf); beside them stand turns of phrase that many
articles share, names, numbers, days and quotations. Of twenty articles one copies an earlier one (another headline and
dateline, a paragraph left out) and one is a day of a price list, alike but for its numbers.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import accumulate

COPY, COLUMN = 7, 13  # of twenty articles those that are a copy, and a day of a column
COLUMNS = 40
# fmt: off
_MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November",
    "Desember",
)
_ONSETS = ("b", "c", "d", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "w", "ng", "ny", "tr", "pr", "kr")
_VOWELS = ("a", "i", "u", "e", "o", "a", "i", "u")
_CODAS = ("", "", "", "", "n", "ng", "r", "s", "t", "k")
_COMMON = (
    "yang", "dan", "di", "dengan", "untuk", "pada", "dari", "ini", "itu", "dalam", "tidak", "akan", "juga", "oleh",
    "sebagai", "karena", "telah", "para", "bahwa", "ke", "ada", "sudah", "saat", "lebih", "dapat", "atas", "hari",
)
# fmt: on
_PHRASES = (
    "kata dia kepada wartawan",
    "dalam keterangan tertulis yang diterima redaksi",
    "saat dihubungi melalui sambungan telepon",
    "hingga berita ini diturunkan",
    "sesuai dengan ketentuan yang berlaku",
    "dalam beberapa tahun terakhir",
    "pihaknya akan terus berkoordinasi dengan",
    "masyarakat diminta tetap tenang dan",
    "berdasarkan data yang dihimpun di lapangan",
    "dibandingkan dengan periode yang sama tahun lalu",
)


@dataclass(frozen=True, slots=True)
class Article:
    title: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)

    @property
    def html(self) -> str:
        return "".join(f"<p>{paragraph}</p>" for paragraph in self.paragraphs)


@dataclass(frozen=True)
class _Names:
    """Words, people or places; the first of them stand in the news most often."""

    names: list[str]
    totals: list[float]  # running totals of their frequencies


@dataclass(frozen=True)
class _Language:
    words: _Names
    people: _Names
    places: _Names


@cache
def _language(seed: int) -> _Language:
    rng = random.Random(seed)
    words = dict.fromkeys([*_COMMON, *(_word(rng) for _ in range(20_000))])
    people = [f"{_word(rng).title()} {_word(rng).title()}" for _ in range(5_000)]
    places = [f"{_word(rng).title()} {_word(rng).title()}" for _ in range(400)]
    # Of a hundred articles three speak of the best known person, ten of the capital.
    return _Language(_zipf(list(words), 2.7), _zipf(people, 20), _zipf(places, 2))


def _zipf(names: list[str], shift: float) -> _Names:
    """Frequencies by Zipf's law, the head flattened by ``shift`` (Mandelbrot, 1953)."""
    return _Names(names, list(accumulate(1 / (rank + shift) for rank in range(len(names)))))


def _word(rng: random.Random) -> str:
    return "".join(
        rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS)
        for _ in range(rng.choice((2, 2, 3, 3, 4)))
    )


def article(number: int, seed: int = 1, copies_of: int | None = None) -> Article:
    """The article of that number; a copy takes after one of the first ``copies_of`` (of those before it)."""
    rng = random.Random(f"{seed}:{number}")
    if number % 20 == COPY and (earlier := min(number, number if copies_of is None else copies_of)) > 20:
        return _copied(article(_original(rng.randrange(earlier)), seed), rng, _language(seed))
    if number % 20 == COLUMN:
        return column(number // 20 % COLUMNS, number, seed)
    return _written(rng, _language(seed))


def _original(number: int) -> int:
    return number - 1 if number % 20 in (COPY, COLUMN) else number


def _written(rng: random.Random, language: _Language) -> Article:
    (place,) = _chosen(language.places, 1, rng)
    people = _chosen(language.people, rng.randint(2, 5), rng)
    title = " ".join(_words(rng.randint(6, 10), rng, language)).title()
    paragraphs = [_paragraph(people, place, rng, language) for _ in range(rng.randint(6, 12))]
    return Article(title, (f"{place.upper()} - {paragraphs[0]}", *paragraphs[1:]))


def _paragraph(people: list[str], place: str, rng: random.Random, language: _Language) -> str:
    sentences = []
    for _ in range(rng.randint(1, 2)):
        words = _words(rng.randint(8, 18), rng, language)
        extra = rng.choice(
            (rng.choice(people), place, f"{rng.randint(2, 999)} orang", rng.choice(_PHRASES), _day(rng))
        )
        words.insert(rng.randint(2, 6), extra)
        sentence = " ".join(words)
        sentences.append(f"{sentence[0].upper()}{sentence[1:]}.")
    if rng.random() < 0.25:
        quoted = " ".join(_words(rng.randint(8, 20), rng, language)).capitalize()
        sentences.append(f'"{quoted}," ujar {rng.choice(people)}.')
    return " ".join(sentences)


def _words(number: int, rng: random.Random, language: _Language) -> list[str]:
    return _chosen(language.words, number, rng)


def _chosen(names: _Names, number: int, rng: random.Random) -> list[str]:
    return rng.choices(names.names, cum_weights=names.totals, k=number)


def _day(rng: random.Random) -> str:
    return f"pada {_written_day(date(2025, 1, 1) + timedelta(days=rng.randrange(365)))}"


def _written_day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _copied(original: Article, rng: random.Random, language: _Language) -> Article:
    first, *others = original.paragraphs
    if len(others) > 4:
        del others[rng.randrange(len(others))]
    (place,) = _chosen(language.places, 1, rng)
    title = " ".join(_words(rng.randint(6, 10), rng, language)).title()
    return Article(title, (f"{place.upper()} - {first.partition(' - ')[2]}", *others))


def column(name: int, number: int, seed: int = 1) -> Article:
    """Day ``number`` of the price list ``name``: one headline but for the day, one text but for the numbers."""
    frame, rng = random.Random(f"{seed}:column {name}"), random.Random(f"{seed}:{name}:{number}")
    language = _language(seed)
    goods = [" ".join(_words(2, frame, language)) for _ in range(8)]
    kind = " ".join(_words(4, frame, language)).title()
    lines = [_paragraph(["Kepala Pasar"], "Pasar Induk", frame, language) for _ in range(5)]
    day = _written_day(date(2000, 1, 1) + timedelta(days=number % 20_000))
    prices = [
        f"Harga {one} {rng.randint(10, 99)}.{rng.randint(100, 999)} rupiah per kilogram." for one in goods
    ]
    return Article(
        f"Harga {kind} Hari Ini {day}", (lines[0], f"Daftar harga pada {day}.", *prices, *lines[1:])
    )
