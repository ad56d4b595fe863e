"""What stands around a text and is data rather than news: the partner's dateline, bylines, tail credits.

Only the first lines and the last are looked at, and what is doubtful stays: notes in brackets that news is unverified,
advertising labels and corrections are no credits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from aggregator.editorial.blocks import Box, Leaf, Line, Run, one_line
from aggregator.editorial.datelines import dateline as own_dateline
from aggregator.editorial.datelines import read_dateline
from aggregator.editorial.doubts import doubts
from aggregator.editorial.provenance import credits_in, provenance
from aggregator.editorial.signatures import (
    Signature,
    is_about_a_work,
    is_role_line,
    signature_at_start,
    signature_line,
    signatures_at_end,
)
from aggregator.model.hosts import is_within
from aggregator.model.reading import Cut, Facts

_MAX_LINE_CHARS = 400  # longer lines are never credits as a whole
_HEAD_LINES = 2  # a headline or a byline may stand before the dateline
_HEAD_CHARS = 400  # of a line, which tell whether a dateline begins it
_TAIL_LINES = 12
_BYLINE = re.compile(
    r"Laporan\s+(?:Wartawan|Reporter|Kontributor|Jurnalis|Koresponden)\s*:?\s+"
    r"(?:(?:[\w-]+\.)+\w{2,4}\s*[,:]?\s+|[A-Z][\w ]{2,30}?\s*[,:]\s*)?"
    r"(?P<name>[A-Z][\w.'’]*(?:\s+[A-Z][\w.'’]*){0,4})\W{0,2}"
)
_BARE_BYLINE = re.compile(r"Laporan\s*:?\s+(?P<name>[A-Z][a-z'’]+(?:\s+[A-Z][a-z'’.]*){1,3})\W{0,2}")
_REPORTS = frozenset({  # reports that news is about
    "keuangan", "tahunan", "kinerja", "hasil", "polisi", "akhir", "khusus", "utama", "pertanggungjawaban", "warga",
    "masyarakat", "harta", "realisasi", "bulanan", "palsu", "dugaan", "terbaru", "survei", "harian", "mingguan",
})  # fmt: skip
_SOURCE_LINE = re.compile(
    r"\W{0,3}(?:(?:sebagian\s+)?(?:artikel|berita|tulisan)\s+ini\s|sumber(?:\s+(?:berita|artikel))?\s*:\s*\S"
    r"|baca\s+(?:(?:berita|artikel)\s+)?selengkapnya\s+(?:di|pada)\s|klik\s+untuk\s+baca\b)",
    re.IGNORECASE,
)
_BEFORE_CREDIT = re.compile(r"\W{0,3}(?:sebagian\s+)?", re.IGNORECASE)
_BEHIND_CREDIT = re.compile(
    r"[\s,.;:\"”'’)\]]*(?:(?:klik\s+untuk\s+baca|klik\s+di\s?sini|baca\s+selengkapnya)?\s*:?\s*(?:https?://\S+)?)\W{0,3}",
    re.IGNORECASE,
)
_MORE_AT = re.compile(
    r"\W{0,3}(?:baca\s+(?:(?:berita|artikel)\s+)?selengkapnya(?:\s+(?:di|pada))?|klik\s+untuk\s+baca)\s*:?\s*"
    r"(?:https?://)?(?:www\.)?(?P<host>(?:[\w-]+\.)+[a-z]{2,6})(?:/\S*)?\W{0,3}",
    re.IGNORECASE,
)
_IMAGE_CREDIT = re.compile(
    r"\(\s*(?:foto\s*:\s*(?P<by>[^()]{2,60}?)|(?P<kind>ist|istimewa|net|dok(?:\.|umentasi)?[^()]{0,40}?))\s*\)\W{0,2}$"
    r"|/(?P<archive>Dok[^/\n]{2,50})/\W{0,2}$|\bfoto\s*[:/]\s*(?P<line>[^:]{2,80}?)\W{0,2}$",
    re.IGNORECASE,
)
_MAX_CAPTION_CHARS = 160


@dataclass
class _Found:
    """The facts while they are being gathered."""

    city: str = ""
    agency: str = ""
    reporters: list[str] = field(default_factory=list)
    editors: list[str] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)


@dataclass(eq=False, frozen=True, slots=True)
class _Place:
    """A line of text with the paragraph it stands in; ``text`` as it was when it was looked at."""

    leaf: Leaf
    line: Line
    text: str

    @property
    def raw(self) -> str:
        """The text with the white space and characters it has in the runs."""
        return "".join(run.text for run in self.line.runs)

    def remove(self, rule: str, found: _Found) -> None:
        """Takes the line out and notes that; a picture on it stays."""
        found.cuts.append(Cut(rule, self.text))
        self.cut(0, len(self.raw))

    def cut(self, start: int, end: int) -> None:
        """Takes the text from ``start`` to ``end`` out of the runs."""
        position = 0
        for run in self.line.runs:
            first, last = max(start - position, 0), max(end - position, 0)
            position += len(run.text)
            run.text = run.text[:first] + run.text[last:]
        self.line.runs = _trimmed([run for run in self.line.runs if run.text or run.media])
        if not self.line.runs:
            self.leaf.lines = [line for line in self.leaf.lines if line is not self.line]


def _trimmed(runs: list[Run]) -> list[Run]:
    """Without white space at the edges, as ``blocks`` leaves lines."""
    if runs and not runs[0].media:
        runs[0].text = runs[0].text.lstrip()
    if runs and not runs[-1].media:
        runs[-1].text = runs[-1].text.rstrip()
    return runs


def take_credits(root: Box, dateline: str | None = "") -> Facts:
    """Take the partner's dateline, bylines and tail credits out of the blocks, and say what they were.

    ``dateline=None`` leaves the partner's dateline standing, '' removes it, other text replaces it by
    ``{dateline}, {city} – ``. Every text that was taken stands in ``cuts``. Taking twice is taking once. Credits that
    name a source go only where ``provenance`` names the same one; captions keep their image credit.
    """
    found = _Found()
    _take_head(root, None if dateline is None else one_line(dateline), found)
    _take_tail(root, found)
    return Facts(
        city=found.city,
        agency=found.agency,
        reporters=tuple(dict.fromkeys(found.reporters)),
        editors=tuple(dict.fromkeys(found.editors)),
        image_credit=_image_credit(root),
        cuts=tuple(found.cuts),
        doubts=doubts(["".join(run.text for run in line.runs) for line in root.lines()]),
    )


# --- the head ---


def _take_head(root: Box, own: str | None, found: _Found) -> None:
    is_changed = True
    while is_changed:
        is_changed = _take_byline(root, own, found)
        for number, place in enumerate(_first_lines(root)):
            is_changed |= _take_datelines(place, own, found, is_first=number == 0)


def _first_lines(root: Box) -> list[_Place]:
    """The first two lines of text that are no headings, pictures or captions."""
    places: list[_Place] = []
    for leaf in root.children:
        if isinstance(leaf, Leaf) and leaf.tag == "p":
            for line in leaf.lines:
                if (text := line.text) and not _is_caption(text):
                    places.append(_Place(leaf, line, text))
                if len(places) == _HEAD_LINES:
                    return places
    return places


def _is_caption(text: str) -> bool:
    return len(text) <= _MAX_CAPTION_CHARS and bool(_IMAGE_CREDIT.search(text))


def _take_byline(root: Box, own: str | None, found: _Found) -> bool:
    """``Laporan Wartawan ..., Nama``; a bare ``Laporan Nama`` only before a dateline that names an outlet."""
    places = _first_lines(root)
    if len(places) < _HEAD_LINES or not places[0].text.startswith("Laporan"):
        return False
    text = places[0].text
    match = _BYLINE.fullmatch(text)
    if (
        match is None
        and (follows := read_dateline(places[1].raw[:_HEAD_CHARS], own or ""))
        and follows.names_outlet
    ):
        match = _BARE_BYLINE.fullmatch(text)
    if match is None or _REPORTS & {word.casefold() for word in match["name"].split()}:
        return False
    found.reporters.append(match["name"].strip())
    places[0].remove("byline", found)
    return True


def _take_datelines(place: _Place, own: str | None, found: _Found, *, is_first: bool) -> bool:
    """All datelines in a row; on the second line only those that name an outlet. Says whether the line changed."""
    raw, end, city = place.raw, 0, ""
    while (read := read_dateline(raw[end : end + _HEAD_CHARS], own or "")) and (
        is_first or read.names_outlet
    ):
        end += read.end
        city = city or read.city
        found.agency = found.agency or read.agency
    found.city = found.city or city
    prefix = own_dateline(own, city) if own and end else ""
    if own is None or raw[:end] == prefix:
        return False
    found.cuts.append(Cut("dateline", one_line(raw[:end])))
    place.cut(0, end)
    if prefix:
        place.line.runs.insert(0, Run((), prefix))
    return True


# --- the tail ---


def _take_tail(root: Box, found: _Found) -> None:
    """Walks back from the last line to the first that is no credit. A text of nothing but credits is left alone."""
    is_changed = True
    while is_changed:
        signed: list[tuple[_Place, Signature]] = []
        sources: list[_Place] = []
        for place in _last_lines(root):
            if place and (signature := _signature(place, root)):
                signed.append((place, signature))
            elif place and _is_beside_credits(place):
                sources.append(place)
            else:
                break
        else:
            return
        for signed_place, signature in signed:
            _note(signature, found)
            signed_place.remove(signature.rule, found)
        is_changed = bool(signed) or (place is not None and _take_signatures(place, found))
    _take_sources(root, sources, found)


def _signature(place: _Place, root: Box) -> Signature | None:
    signature = signature_line(place.text)
    is_of_a_work = signature and is_role_line(place.text) and _is_about_a_work(root)
    return None if is_of_a_work else signature


def _last_lines(root: Box) -> Iterator[_Place | None]:
    """The last lines of text, last first; None for anything that is no paragraph, picture or rule."""
    count = 0
    for child in reversed(root.children):
        if isinstance(child, Leaf) and child.tag == "p":
            for line in reversed(child.lines):
                if text := line.text:
                    yield _Place(child, line, text)
                    count += 1
                if count == _TAIL_LINES:
                    return
        elif child.tag not in ("figure", "hr") and (
            isinstance(child, Leaf) or any(line.text for line in child.lines())
        ):
            yield None
            return


def _is_about_a_work(root: Box) -> bool:
    """Whether the last lines describe a book or a film: its writers are no writers of the article."""
    return any(is_about_a_work(place.text) for place in _last_lines(root) if place)


def _is_beside_credits(place: _Place) -> bool:
    """What may stand among credits, and says nothing itself: sources, image credits, lists of links."""
    text = place.text
    if len(text) > _MAX_LINE_CHARS:
        return False
    is_links = not re.search(r"\w", "".join(run.text for run in place.line.runs if not run.is_linked))
    return is_links or _is_caption(text) or bool(_SOURCE_LINE.match(text))


def _take_signatures(place: _Place, found: _Found) -> bool:
    raw = place.raw
    at_end = signatures_at_end(raw)
    for start, end, signature in at_end:
        _note(signature, found)
        found.cuts.append(Cut(signature.rule, one_line(raw[start:end])))
    place.cut(at_end[-1][0] if at_end else len(raw), len(raw))
    at_start = signature_at_start(place.raw)
    if at_start:
        end, signature = at_start
        _note(signature, found)
        found.cuts.append(Cut(signature.rule, one_line(place.raw[:end])))
        place.cut(0, end)
    return bool(at_end or at_start)


def _note(signature: Signature, found: _Found) -> None:
    """Taken from the end: what stands before comes first."""
    found.reporters[:0] = signature.reporters
    found.editors[:0] = signature.editors


def _take_sources(root: Box, places: list[_Place], found: _Found) -> None:
    """Lines that name a source go if all name the one that ``provenance`` does; else once is enough for each."""
    named = {place: host for place in places if (host := _source_host(place.text))}
    if named:
        credited = provenance("\n".join(line.text for line in root.lines()))
        if credited and credited.host and all(is_within(host, [credited.host]) for host in named.values()):
            for place in named:
                place.remove("source-credit", found)
            return
    texts = [place.text.casefold() for place in places]
    for number, place in enumerate(places):
        if texts[number] in texts[number + 1 :]:
            place.remove("repeated-credit", found)


def _source_host(text: str) -> str:
    """The host that a line of nothing but a source credit names; '' for other lines."""
    if more := _MORE_AT.fullmatch(text):
        return more["host"].lower()
    for credit in credits_in(text):
        is_all = _BEFORE_CREDIT.fullmatch(text, 0, credit.start) and _BEHIND_CREDIT.fullmatch(
            text, credit.end
        )
        return credit.provenance.host if is_all else ""
    return ""


def _image_credit(root: Box) -> str:
    """Whom a caption credits for a picture: ``ist``, a name, an archive; '' for nobody."""
    for leaf in _captions(root):
        for line in leaf.lines:
            if match := _IMAGE_CREDIT.search(line.text[-_MAX_LINE_CHARS:]):
                return (match["by"] or match["kind"] or match["archive"] or match["line"]).strip(" .")
    return ""


def _captions(box: Box) -> Iterator[Leaf]:
    """Lines of figcaption, paragraphs with a picture, and paragraphs that begin with ``Foto:``."""
    for child in box.children:
        if isinstance(child, Box):
            yield from _captions(child)
        elif box.tag == "figcaption" or any(
            line.text.lower().startswith("foto") or any(run.media for run in line.runs)
            for line in child.lines
        ):
            yield child
