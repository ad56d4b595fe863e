"""What stands around a text and is data rather than news: the partner's dateline, bylines, tail credits.

Only the first lines and the last are looked at, and what is doubtful stays: notes in brackets that news is unverified,
advertising labels and corrections are no credits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from aggregator.editorial.blocks import Box, Leaf, Line, Run, has_any, lowered, one_line
from aggregator.editorial.datelines import dateline as own_dateline
from aggregator.editorial.datelines import read_dateline
from aggregator.editorial.doubts import speaks_of_correction
from aggregator.editorial.provenance import credits_in, is_whole, people_at, provenance
from aggregator.editorial.signatures import (
    Signature,
    byline,
    is_about_a_work,
    is_role_line,
    may_be_signed,
    signature_at_start,
    signature_line,
    signatures_at_end,
)
from aggregator.model.entry import Provenance
from aggregator.model.hosts import is_within
from aggregator.model.reading import Cut, Facts

_MAX_LINE_CHARS = 400  # longer lines are never credits as a whole
_HEAD_LINES = 2  # a headline or a byline may stand before the dateline
_MAX_BYLINE_CHARS = 160
_HEAD_CHARS = 400  # of a line, which tell whether a dateline begins it
_TAIL_LINES = 12
_HOST_AHEAD = re.compile(r"\s(?=[A-Z0-9-]{3,40}\.(?:COM|CO|ID|NET|com|co|id|net)\b)")
_SOURCE_LINE = re.compile(
    r"\W{0,3}(?:(?:sebagian\s+)?(?:artikel|berita|tulisan)\s+ini\s|(?:judul|link)\s+(?:artikel|berita)\s*:|sumber(?:\s+(?:berita|artikel))?\s*:\s*\S"
    r"|baca\s+(?:(?:berita|artikel)\s+)?selengkapnya\s+(?:di|pada)\s|klik\s+untuk\s+baca\b"
    r"|(?:demikian\s*,?\s+)?(?:(?:seperti|sebagaimana)\s+(?:yang\s+)?)?di(?:kutip|lansir|sadur|nukil)\s+dari\s)",
    re.IGNORECASE,
)
_REPOST = re.compile(r"\W{0,3}(?:sebagian\s+)?(?:artikel|berita|tulisan)\s+ini\s", re.IGNORECASE)
_WITH_SOURCE = re.compile(r"\W{0,3}(?:judul|link)\s+(?:artikel|berita)\s*:.*", re.IGNORECASE)
_MORE_AT = re.compile(
    r"\W{0,3}(?:baca\s+(?:(?:berita|artikel)\s+)?selengkapnya(?:\s+(?:di|pada))?|klik\s+untuk\s+baca)\s*:?\s*"
    r"(?:https?://)?(?:www\.)?(?P<host>(?:[\w-]+\.)+[a-z]{2,6})(?:/\S*)?\W{0,3}",
    re.IGNORECASE,
)
_IMAGE_CREDIT = re.compile(
    r"(?:\(\s*foto\s*:\s*(?P<by>[^()]{2,60}?)|(?<=[\w.!?\"”] )\(\s*sumber(?:\s+foto)?\s*:\s*(?P<of>[^()]{2,60}?)"
    r"|\(\s*(?P<kind>ist|istimewa|net|dok(?:\.|umentasi)?[^()]{0,40}?))\s*\)\W{0,2}$"
    r"|/(?P<archive>Dok\b[^/\n]{2,50})/?\W{0,2}$|\bfoto\s*[:/]\s*(?P<line>[^:]{2,80}?)\W{0,2}$",
    re.IGNORECASE,
)
_IMAGE_CREDIT_HOLDS = ("foto", "/dok")  # where it has no bracket
_MAX_CAPTION_CHARS = 240


@dataclass
class _Found:
    """The facts while they are being gathered."""

    city: str = ""
    agency: str = ""
    reporters: list[str] = field(default_factory=list)
    editors: list[str] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    credit: Provenance | None = None  # that a formula gives
    outlets: set[str] = field(default_factory=set)  # the hosts of those that signatures and bylines name
    outlets_below: set[str] = field(default_factory=set)  # without bylines
    signed_by: str = ""  # the one of them that was taken

    def may_take(self, signature: Signature) -> bool:
        """Whether the publisher that a signature names is credited when it is gone: only one can be.

        Who reports at the head of what is credited to another site is the partner's own reporter.
        """
        if self.source:
            own = signature.rule == "byline"
            return own or all(is_within(outlet, [self.source]) for outlet in signature.outlets)
        return not signature.outlets or len(self.outlets.union(signature.outlets)) == 1

    @property
    def source(self) -> str:
        """The host that a formula says the article is from; '' where none does."""
        return self.credit.host if self.credit and self.credit.form != "quoted" else ""

    def note(self, signature: Signature) -> None:
        """Adds what is taken from the end: what stands before comes first."""
        self.reporters[:0] = signature.reporters
        self.editors[:0] = signature.editors
        self.signed_by = next(iter(signature.outlets), self.signed_by)

    def origin(self) -> Provenance | None:
        """The credit of the whole text. A publisher that signed it says more than a mere reference."""
        if self.signed_by and not self.source:
            return Provenance(self.signed_by, "", form="source")
        return self.credit


@dataclass(eq=False, frozen=True, slots=True)
class _Place:
    """A line of text with the paragraph it stands in; ``text`` as it was when it was looked at."""

    leaf: Leaf
    line: Line
    text: str

    @property
    def raw(self) -> str:
        """The text with the white space and characters it has in the runs."""
        return "".join([run.text for run in self.line.runs])

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
    """``take_credited`` without the credit."""
    return take_credited(root, dateline)[0]


def take_credited(root: Box, dateline: str | None = "") -> tuple[Facts, Provenance | None]:
    """Take the partner's dateline, bylines and tail credits out of the blocks, and say what they were.

    ``dateline=None`` leaves the partner's dateline standing, '' removes it, other text replaces it by
    ``{dateline}, {city} – ``. Every text that was taken stands in ``cuts``. Taking twice is taking once. Credits that
    name a source or a publisher go only where the credit, which comes second, names the same one: the one of
    ``provenance``, or the one publisher among who signed. Captions keep their image credit.
    """
    found = _Found()
    own = None if dateline is None else one_line(dateline)
    known = -1
    while len(found.cuts) > known:  # in a short text what goes from the tail brings other lines to the head
        texts = [line.text for line in root.lines()]
        _note_outlets(root, texts, found)
        before = len(found.cuts)
        _take_head(root, own, found)
        known = len(found.cuts)
        if not found.source:
            if known > before:
                texts = [line.text for line in root.lines()]
            found.credit = provenance("\n".join(texts)) or found.credit
        _take_tail(root, found)
    facts = Facts(
        city=found.city,
        agency=found.agency,
        reporters=tuple(dict.fromkeys(found.reporters)),
        editors=tuple(dict.fromkeys(found.editors)),
        image_credit=_image_credit(root),
        cuts=tuple(found.cuts),
    )
    return facts, found.origin()


def _note_outlets(root: Box, texts: Sequence[str], found: _Found) -> None:
    """``texts`` are those of the lines."""
    for text in filter(may_be_signed, texts):
        below = [signature_line(text), *(signature for _, _, signature in signatures_at_end(text))]
        found.outlets_below.update(outlet for one in below if one for outlet in one.outlets)
        reporter = byline(text, is_before_dateline=True)
        found.outlets.update(found.outlets_below, reporter.outlets if reporter else ())
    for place in _first_lines(root):  # a byline may stand behind a dateline
        reporter = (
            byline(_behind_datelines(place.text), is_before_dateline=True)
            if "Laporan" in place.text
            else None
        )
        found.outlets.update(reporter.outlets if reporter else ())


def _behind_datelines(text: str) -> str:
    end = 0
    while read := read_dateline(text[end : end + _HEAD_CHARS]):
        end += read.end
    return text[end:].lstrip()


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
    return len(text) <= _MAX_CAPTION_CHARS and _find_image_credit(text) is not None


def _find_image_credit(text: str) -> re.Match[str] | None:
    is_possible = "(" in text or has_any(lowered(text), _IMAGE_CREDIT_HOLDS)
    return _IMAGE_CREDIT.search(text) if is_possible else None


def _take_byline(root: Box, own: str | None, found: _Found) -> bool:
    """``Laporan Wartawan ..., Nama`` or ``Reporter: A | Editor: B`` before the text. Says whether there was one."""
    places = _first_lines(root)
    if not places:
        return False
    first, behind = places[0], places[1].raw if len(places) > 1 else ""
    if dateline_ahead := _HOST_AHEAD.search(first.raw, 0, _MAX_BYLINE_CHARS):  # all on one line
        behind = first.raw[dateline_ahead.end() :]
    follows = read_dateline(behind[:_HEAD_CHARS], own or "")
    names_outlet = follows is not None and follows.names_outlet
    end = dateline_ahead.end() if dateline_ahead and names_outlet else len(first.raw)
    text = one_line(first.raw[:end])
    if not behind:
        return False
    signature = byline(text, is_before_dateline=names_outlet)
    if signature is None and is_role_line(text) and not is_about_a_work(behind):
        signature = signature_line(text)
    if signature is None or not found.may_take(signature):
        return False
    found.reporters += signature.reporters
    found.editors += signature.editors
    found.signed_by = next(iter(signature.outlets), found.signed_by)
    found.cuts.append(Cut(signature.rule, text))
    first.cut(0, end)
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
            signature = _signature(place, root) if place else None
            if place and signature and found.may_take(signature):
                signed.append((place, signature))
            elif place and _is_beside_credits(place):
                sources.append(place)
            else:
                break
        else:
            return
        for signed_place, signature in signed:
            found.note(signature)
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
    at_end = list(takewhile(lambda one: found.may_take(one[2]), signatures_at_end(raw)))
    for start, end, signature in at_end:
        found.note(signature)
        found.cuts.append(Cut(signature.rule, one_line(raw[start:end])))
    place.cut(at_end[-1][0] if at_end else len(raw), len(raw))
    at_start = signature_at_start(place.raw)
    if at_start:
        end, signature = at_start
        found.note(signature)
        found.cuts.append(Cut(signature.rule, one_line(place.raw[:end])))
        place.cut(0, end)
    return bool(at_end or at_start)


def _take_sources(root: Box, places: list[_Place], found: _Found) -> None:
    """Lines that name a source go if all name the one that ``provenance`` does; else once is enough for each."""
    named = {
        place: host
        for place in [*places, *_reposts(root, places)]
        if not speaks_of_correction(place.text) and (host := _source_host(place.text))
    }
    if named:
        hosts = [*named.values(), *found.outlets_below]
        if found.source and all(is_within(host, [found.source]) for host in hosts):
            for place in [*named, *(place for place in places if _WITH_SOURCE.fullmatch(place.text))]:
                _note_people(place.text, found)
                place.remove("source-credit", found)
            return
    texts = [place.text.casefold() for place in places]
    for number, place in enumerate(places):
        if texts[number] in texts[number + 1 :]:
            place.remove("repeated-credit", found)


def _reposts(root: Box, places: list[_Place]) -> Iterator[_Place]:
    """Lines above the tail that say ``Artikel ini telah tayang di ...``: what follows was added below."""
    known = {place.line for place in places}
    for leaf in root.children:
        if isinstance(leaf, Leaf) and leaf.tag == "p":
            for line in leaf.lines:
                if line not in known and _REPOST.match("".join(run.text for run in line.runs)):
                    yield _Place(leaf, line, line.text)


def _source_host(text: str) -> str:
    """The host that a line of nothing but a source credit names; '' for other lines."""
    if more := _MORE_AT.fullmatch(text):
        return more["host"].lower()
    for credit in credits_in(text):
        # "Seperti dikutip dari laman X ... berjudul T" on a line of its own is a formula like ours.
        is_formula = credit.provenance.form != "quoted" or bool(credit.provenance.title)
        return credit.provenance.host if is_formula and is_whole(text, credit) else ""
    return ""


def _note_people(text: str, found: _Found) -> None:
    if signature := signature_line(text[people_at(text, 0) :]):
        found.note(signature)


def _image_credit(root: Box) -> str:
    """Whom a caption credits for a picture: ``ist``, a name, an archive; '' for nobody."""
    for leaf in _captions(root):
        for line in leaf.lines:
            if match := _find_image_credit(line.text[-_MAX_LINE_CHARS:]):
                return (match[match.lastgroup or 0]).strip(" .")
    return ""


def _captions(box: Box) -> Iterator[Leaf]:
    """Paragraphs of figcaption, with a picture, right below one, and those that begin with ``Foto``."""
    is_below = False
    for child in box.children:
        if isinstance(child, Box):
            yield from _captions(child)
            is_below = child.tag == "figure"
        else:
            has_media = any(run.media for line in child.lines for run in line.runs)
            begins = "".join(run.text for line in child.lines[:1] for run in line.runs[:1])
            if box.tag == "figcaption" or has_media or is_below or begins[:4].lower() == "foto":
                yield child
            is_below = has_media
