"""What kind of text a story is: opinion, press release, advertorial, pictures, video, fact check.

A partner says it in four places: a category, a channel of the address, a label that stands apart in the headline, and
labels where the text begins or ends. Words within a headline say nothing: "video viral" is what a story is about, and
so is "hoaks". Advertising must stay labelled (Pedoman Pemberitaan Media Siber, section 6).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from aggregator.editorial.addresses import subdomains
from aggregator.editorial.lexicon import words_of
from aggregator.model.facet import GENRES, Facet

# Names of sections and labels, as a whole: "opini wtp" is an auditor's finding, "kerja sama" is news.
_NAMES = {
    "opini": (
        "opini", "opinion", "opinions", "op ed", "kolom", "kolumnis", "kolom opini", "opini pembaca", "gagasan",
        "editorial", "tajuk", "tajuk rencana", "tajuk redaksi", "esai", "essay", "surat pembaca", "suara pembaca",
    ),
    "rilis-pers": (
        "rilis pers", "pers rilis", "press rilis", "siaran pers", "rilis media", "siaran media", "press release",
        "press releases", "pressrelease", "media release",
    ),
    "advertorial": (
        "advertorial", "advertorials", "advetorial", "adv", "pariwara", "inforial", "infotorial", "iklan", "sponsored",
        "sponsored content", "sponsored post", "konten sponsor", "konten bersponsor", "artikel bersponsor",
        "disponsori", "brand content", "branded content", "konten brand", "native ads", "paid content", "paid post",
        "paid partnership", "kerja sama berbayar", "kerjasama berbayar", "kemitraan berbayar", "konten berbayar",
        "promoted content",
    ),
    "foto": (
        "foto", "foto foto", "galeri foto", "foto galeri", "photo", "photos", "photo gallery", "galeri", "potret",
        "esai foto", "cerita foto",
    ),
    "video": ("video", "videos", "galeri video", "video galeri", "tv"),
    "cek-fakta": (
        "cek fakta", "cekfakta", "periksa fakta", "pemeriksaan fakta", "fact check", "factcheck", "fakta atau hoaks",
        "fakta atau hoax", "hoaks atau fakta", "hoax atau fakta", "hoaks atau bukan", "hoax or not", "hoaks", "hoax",
    ),
}  # fmt: skip
_SECTIONS = MappingProxyType({words_of(name): genre for genre, names in _NAMES.items() for name in names})
# What stories are also about: a mere tag, unless it is the first of all.
_SUBJECTS = frozenset(words_of(name) for name in ("iklan", "tv", "hoaks", "hoax", "galeri"))
# WordPress names a story's sections before its tags, which are many and like to say what stands in the text.
_TAGS = frozenset(words_of(name) for name in ("foto", "photo", "photos", "video", "videos"))
_MAX_SECTIONS = 3
_LABELS = MappingProxyType({name: genre for name, genre in _SECTIONS.items() if name not in _SUBJECTS})
# In brackets there are also "[IKLAN]" and what a fact check found.
_BOXED_LABELS = MappingProxyType(
    {
        **_LABELS,
        **{(found,): "cek-fakta" for found in ("hoaks", "hoax", "salah", "disinformasi", "misinformasi")},
        ("iklan",): "advertorial",
    }
)
# Who pays stands behind it: "Adv DPRD Kukar". Not "Adv. Budi", a lawyer, nor "ADV 160", a motorbike.
_PAID = re.compile(
    r"(?:adv(?!\.\s)|adv[ae]r?torials?|pariwara|inforial|infotorial)\b(?!\W*\d)", re.IGNORECASE
)
# What stands beside a section's name, and before it in addresses.
_NAMELESS = frozenset({
    "berita", "news", "kanal", "channel", "rubrik", "kategori", "category", "artikel", "read", "index", "php", "id",
})  # fmt: skip

_BETWEEN_NAMES = re.compile(r"[/|,;&+>»*]|\s[-–—]\s|\s(?:dan|and)\s", re.IGNORECASE)
_BOX = r"[\[(【]\s*([^\[\]()【】]{2,60}?)\s*[\])】]"
_BOXED_FIRST = re.compile(rf"[^\w\[(【]*({_BOX})")
_BOXED_LAST = re.compile(rf"({_BOX})\W*$")
_APART_FIRST = re.compile(r"\W*([^:|?\[\]()]{2,30}?)\s*(?:[:|?]|\s[-–—]\s)")
_APART_LAST = re.compile(r"(?:\||\s[-–—])\s*([^|\[\]()]{2,30}?)\s*$")
# Set apart by capitals alone, as newsrooms write subjects too ("VIDEO Syur ..."); this is never one.
_APART_BY_CAPITALS = re.compile(r"\W*(CEK FAKTA)\s+(?=\W*\w*[a-z])")

_PAID_LINE = r"[^\w(\[]{0,4}(adv|adv[ae]r?torial|pariwara|inforial|infotorial)(?:\W{0,4}|\s*[/:|–-].{0,40})$"
_PAID_CONTENT = (
    r"\W{0,4}((?:artikel|konten|tulisan|berita)\s+ini\s+(?:(?!bukan|tidak)\w+\s+){0,4}?"
    r"(?:advertorial|iklan|pariwara|berbayar|bersponsor|disponsori|kerja\s?sama\s+(?:berbayar|komersial)))\b"
)
_FIRST_LINE = tuple(
    (genre, re.compile(pattern, re.IGNORECASE))
    for genre, pattern in (
        ("advertorial", _PAID_LINE),
        ("advertorial", r"\W{0,4}((?-i:ADVERTORIAL|ADVETORIAL|PARIWARA|INFORIAL))\b(?=\W+\w*(?-i:[a-z]))"),
        ("advertorial", _PAID_CONTENT),
        # A heading, with its number or place; not the subject of a sentence: "Siaran pers itu menyebutkan ..."
        (
            "rilis-pers",
            r"\W{0,4}((?-i:SIARAN PERS|RILIS PERS|PRESS RELEASE)\b|(?:siaran\s+pers|rilis\s+pers|press\s+release)\b"
            r"(?=\W*$|\s*[:|/–—]|\s-\s|\.\s|,\s+(?-i:[A-Z])|\s+(?:nomor|no)\b"
            r"|(?:\s+(?:(?-i:[A-Z0-9])[\w/-]*|dan|tentang|di)){1,12}$))",
        ),
    )
)
_LAST_LINE = tuple(
    (genre, re.compile(pattern, re.IGNORECASE))
    for genre, pattern in (
        ("advertorial", _PAID_LINE),
        ("advertorial", _PAID_CONTENT),
        # Who wrote it, where he is no reporter; not a sentence about authors that somebody says.
        ("opini", r"\W{0,4}(penulis\s+(?:adalah|merupakan))\s(?!.*\b(?:kata|ujar|tutur|ucap)).{3,200}$"),
        (
            "opini",
            r"\W{0,4}((?:tulisan|artikel)\s+ini\s.{0,60}\b(?:opini|pendapat|pandangan)\s+(?:pribadi|penulis))\b",
        ),
    )
)
# Of all labels these are put where a text ends.
_AT_END = frozenset({"advertorial", "rilis-pers"})
_MAX_BOX_CHARS = 80
# No headline is longer.
_MAX_TITLE_CHARS = 300


@dataclass(frozen=True, slots=True)
class FoundGenre:
    """A genre, and in plain words all that says so."""

    facet: Facet
    evidence: str


def genres_of(categories: Iterable[str], url: str, title: str, text: str) -> tuple[FoundGenre, ...]:
    """The genres of a story, in the order of GENRES; most stories have none.

    ``categories``, ``url`` and ``title`` are as an Entry has them, ``text`` is the cleaned text, a paragraph a line.
    """
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for genre, evidence in (*_by_sections(categories, url), *_by_headline(title), *_by_text(text)):
        found[genre][evidence] = None
    return tuple(
        FoundGenre(Facet("genre", genre), ", ".join(found[genre])) for genre in GENRES if genre in found
    )


_Found = Iterator[tuple[str, str]]  # genres, with what says so


def _by_sections(categories: Iterable[str], url: str) -> _Found:
    for name, genre in _sections(categories):
        yield genre, f"category {name}"
    parts = urlsplit(url)
    # The last part of a path is the headline.
    for name, genre in _sections(unquote(parts.path).rstrip("/").split("/")[:-1]):
        yield genre, f"the address has /{name}/"
    host = parts.hostname or ""
    for label in subdomains(host):
        if genre := _SECTIONS.get(words_of(label), ""):
            yield genre, f"the address is at {host}"


def _sections(names: Iterable[str]) -> _Found:
    """Names of sections with their genres."""
    before = 0
    for name in names:
        for part in _BETWEEN_NAMES.split(name):
            words = tuple(word for word in words_of(part) if word not in _NAMELESS)
            if not words or "".join(words).isdigit():
                continue
            genre = "advertorial" if _PAID.match(part.strip()) else _SECTIONS.get(words, "")
            is_tag = (words in _SUBJECTS and before > 0) or (words in _TAGS and before >= _MAX_SECTIONS)
            if genre and not is_tag:
                yield name.strip(), genre
            before += 1


def _by_headline(title: str) -> _Found:
    title = title[:_MAX_TITLE_CHARS]
    for where, match in (("begins", _BOXED_FIRST.match(title)), ("ends", _BOXED_LAST.search(title))):
        if match:
            yield from ((genre, f"the headline {where} with {match[1]}") for genre in _in_box(match[2]))
    for where, match in (
        ("begins", _APART_FIRST.match(title)),
        ("begins", _APART_BY_CAPITALS.match(title)),
        ("ends", _APART_LAST.search(title)),
    ):
        if match and (genre := _LABELS.get(words_of(match[1]), "")):
            yield genre, f"the headline {where} with {match[1]}"


def _in_box(label: str) -> set[str]:
    """Genres of what stands in brackets: names alone (``FOTO+VIDEO``), or that it is paid for (``Budi/Adv``)."""
    parts = [part for part in map(str.strip, _BETWEEN_NAMES.split(label)) if part]
    if any(map(_PAID.match, parts)):
        return {"advertorial"}
    genres = {_BOXED_LABELS.get(words_of(part), "") for part in parts}
    return set() if "" in genres else genres


def _by_text(text: str) -> _Found:
    text = text.strip()
    first, last = text.partition("\n")[0], text.rpartition("\n")[2]
    for where, line, forms in (("begins", first, _FIRST_LINE), ("ends", last, _LAST_LINE)):
        for genre, form in forms:
            if match := form.match(line):
                yield genre, f"the text {where} with {match[1]}"
    if match := _BOXED_LAST.search(last[-_MAX_BOX_CHARS:]):
        yield from ((genre, f"the text ends with {match[1]}") for genre in _in_box(match[2]) & _AT_END)
