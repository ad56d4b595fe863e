"""Which stored entry of its own source a candidate is: the ladder of ``Identity``, climbed with some doubt.

A rung found again is believed unless something speaks against it. Two article numbers are two articles, even
under one guid. A guid or an address that now comes with the other one changed and with another headline and text
was used again for another article. The same headline and text under another guid and address is the same entry
come back from an address that changed, unless the document still has the stored one beside it; where half of a
document's entries come back like that the site has moved, and short texts and new article numbers are believed too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from aggregator.editorial.similarity import containment
from aggregator.editorial.sketch import MIN_WORDS
from aggregator.editorial.wording import share_of_fewer
from aggregator.model.entry import Candidate, Identity, KnownEntry

TELLING = ("guid", "article_id", "canonical_url")
RUNGS = (*TELLING, "content")

# How often an entry's guid or address may change before it is no longer followed: some partners make a new guid
# for every request, and following those would write every entry at every poll.
MAX_EARLIER = 5

# Two articles that share a guid or an address have less than this in common; a rewritten one keeps more.
# Measured: of 3,000 random pairs of one source 99 % lie below both.
UNLIKE_TITLE = 0.25  # shared words of the shorter headline
UNLIKE = ((UNLIKE_TITLE, 0.1), (0.5, 0.02))  # the same, with shared shingles of the shorter text

# Enough to tell two articles apart; hostile feeds bring hundreds of long ones under known guids.
COMPARED_CHARS = 4000

# So many of a document's entries at least have moved when its site has.
MIN_MOVED = 3

_NAMING_WORD = re.compile(r"\w{4,}|\w*\d\w*")

Found = tuple[KnownEntry | None, str]


class OwnEntries:
    """The stored entries of one source, by every rung that they were ever seen with."""

    def __init__(self, entries: Iterable[KnownEntry]) -> None:
        self._by_rung = indexed(entries)

    def recognise(self, candidates: Sequence[Candidate]) -> list[Found]:
        """For each candidate of one document the stored entry that it is and by which rung, or (None, '')."""
        at_home = {entry.entry_id for candidate in candidates for entry in self._at_address_of(candidate)}
        found = [self._by_telling_rung(candidate, at_home) for candidate in candidates]
        present = {entry.entry_id for entry, _ in found if entry is not None}
        alike = [
            self._by_content(candidate, present) if own is None else None
            for (own, _), candidate in zip(found, candidates, strict=True)
        ]
        # One text that comes back elsewhere may be told again; half a document's do not move together by chance.
        is_move = sum(one is not None for one in alike) >= max(MIN_MOVED, len(candidates) / 2)
        return [
            (one.entry, "content") if one is not None and (one.is_sure or is_move) else own
            for own, one in zip(found, alike, strict=True)
        ]

    def unless_taken(self, identity: Identity, entry_id: int | None = None) -> Identity:
        """Without the guid and address that another entry has: they identify this one to nobody."""
        taken = {
            name: ""
            for name in TELLING
            for entry in self._by_rung[name, getattr(identity, name)]
            if entry.entry_id != entry_id
        }
        return replace(identity, **taken)

    def _at_address_of(self, candidate: Candidate) -> list[KnownEntry]:
        identity = candidate.identity
        there = [
            *self._by_rung["article_id", identity.article_id],
            *self._by_rung["canonical_url", identity.canonical_url],
        ]
        return [entry for entry in there if not _is_numbered_apart(entry, candidate)]

    def _by_telling_rung(self, candidate: Candidate, at_home: set[int]) -> Found:
        """``at_home`` are entries that stand in the document at their own address: no guid alone leads to those."""
        for name, value in rungs_of(candidate.identity):
            for entry in self._by_rung[name, value] if name in TELLING else ():
                if _is_numbered_apart(entry, candidate) or _is_used_again(candidate, entry):
                    continue
                if name == "guid" and _stands_elsewhere(entry, candidate):
                    there = self._at_address_of(candidate)
                    if entry.entry_id in at_home or any(_reads_liker(one, entry, candidate) for one in there):
                        continue
                return entry, name
        return None, ""

    def _by_content(self, candidate: Candidate, present: set[int]) -> _Alike | None:
        """The last resort: an entry with the same headline and text that the document has nowhere else."""
        content = candidate.identity.content
        found = [
            entry
            for entry in (self._by_rung["content", content] if content else ())
            if entry.entry_id not in present
        ]
        alike = [_Alike(entry, _is_sure(entry, candidate)) for entry in found]
        sure = next((one for one in alike if one.is_sure), None)
        return sure or (alike[0] if len(alike) == 1 and candidate.text else None)


@dataclass(frozen=True, slots=True)
class _Alike:
    """An entry with a candidate's headline and text; ``is_sure`` unless other rungs speak against it."""

    entry: KnownEntry
    is_sure: bool


def _is_sure(entry: KnownEntry, candidate: Candidate) -> bool:
    """Short texts repeat themselves and then say nothing against another rung; nothing does against a number."""
    contradicted = any(_is_known_by(entry, candidate.identity, name) is False for name in TELLING)
    return (len(candidate.text.split()) >= MIN_WORDS or not contradicted) and not _is_numbered_apart(
        entry, candidate
    )


def same_entry_by(a: Identity, b: Identity) -> str:
    """The strongest rung by which two of one document are one entry, '' when they are two."""
    if numbered_apart(a, b):
        return ""
    comparable = False
    for name in TELLING:
        value_a, value_b = getattr(a, name), getattr(b, name)
        if value_a and value_a == value_b:
            return name
        comparable = comparable or bool(value_a and value_b)
    return "content" if not comparable and a.content and a.content == b.content else ""


def numbered_apart(a: Identity, b: Identity) -> bool:
    """Whether their article numbers say that they are two articles."""
    return bool(a.article_id and b.article_id and a.article_id != b.article_id)


def rungs_of(identity: Identity) -> list[tuple[str, str]]:
    """The rungs that there are, strongest first."""
    return [(name, value) for name in RUNGS if (value := getattr(identity, name))]


def indexed(entries: Iterable[KnownEntry]) -> defaultdict[tuple[str, str], list[KnownEntry]]:
    """Entries by (rung, value), in their order."""
    index = defaultdict(list)
    for entry in entries:
        for rung in {rung for identity in entry.identities for rung in rungs_of(identity)}:
            index[rung].append(entry)
    return index


def learnt(entry: KnownEntry, seen: Identity) -> tuple[Identity, ...]:
    """What the entry is known by once it was seen as ``seen``, the latest first; ``content`` stays as it is.

    Rungs that were missing are filled. A new value replaces the current one, which is kept among the earlier;
    after MAX_EARLIER of those no more are learnt.
    """
    was = entry.identity
    filled = replace(was, **{name: getattr(was, name) or getattr(seen, name) for name in TELLING})
    news = {
        name: getattr(seen, name)
        for name in TELLING
        if _is_known_by(entry, seen, name) is False and len(entry.earlier) < MAX_EARLIER
    }
    if not news:
        return filled, *entry.earlier
    return replace(filled, **news), replace(filled, content=""), *entry.earlier


def _is_known_by(entry: KnownEntry, identity: Identity, name: str) -> bool | None:
    """Whether the entry was ever seen with this rung; None where one of the two has none."""
    value = getattr(identity, name)
    values = {own for one in entry.identities if (own := getattr(one, name))}
    return value in values if value and values else None


def _is_numbered_apart(entry: KnownEntry, candidate: Candidate) -> bool:
    return _is_known_by(entry, candidate.identity, "article_id") is False


def _stands_elsewhere(entry: KnownEntry, candidate: Candidate) -> bool:
    number, address = (_is_known_by(entry, candidate.identity, name) for name in TELLING[1:])
    return address is False and not number


def _reads_liker(one: KnownEntry, other: KnownEntry, candidate: Candidate) -> bool:
    """Whether the candidate has more of ``one``'s headline than of ``other``'s."""
    shares = (_shared_words(entry.title, candidate.entry.title) for entry in (one, other))
    return next(shares) > next(shares)


def _shared_words(a: str, b: str) -> float:
    """Of the shorter headline's words, the share that the other has too; 0 where it has none."""
    in_a, in_b = (set(_NAMING_WORD.findall(title.casefold())) for title in (a, b))
    return share_of_fewer(in_a, in_b)


def _is_used_again(candidate: Candidate, entry: KnownEntry) -> bool:
    """Whether guid and address contradict each other and the texts say that these are two articles.

    An article number speaks louder than texts, unless it stands in a slug, where it may be a sum or a season.
    """
    guid, number, address = (_is_known_by(entry, candidate.identity, name) for name in TELLING)
    if number:
        return address is False and is_in_slug(candidate.identity) and are_unlike(candidate, entry)
    return {guid, address} == {True, False} and are_unlike(candidate, entry)


def is_in_slug(identity: Identity) -> bool:
    """Whether the article number is read from the last part of the address, together with words or instead of them."""
    number = identity.article_id.rpartition("#")[2]
    return bool(number) and number in identity.canonical_url.rpartition("/")[2]


def are_unlike(candidate: Candidate, entry: KnownEntry) -> bool:
    """Whether headline and text have nothing in common; of short texts the headline alone decides.

    Without a text there is nothing to say.
    """
    if not candidate.text or not entry.text:
        return False
    shared = _shared_words(entry.title, candidate.entry.title)
    if shared >= UNLIKE[-1][0]:
        return False
    if min(len(candidate.text.split()), len(entry.text.split())) < MIN_WORDS:
        return shared < UNLIKE_TITLE
    beginnings = candidate.text[:COMPARED_CHARS], entry.text[:COMPARED_CHARS]
    in_common = containment(*beginnings)
    return any(shared < title and in_common < text for title, text in UNLIKE)
