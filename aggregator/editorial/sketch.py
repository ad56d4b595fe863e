"""Marks by which the database finds what an article may be a copy of: what shares one is worth comparing.

MinHash bands of all its shingles find copies of like length (Jaccard of about 0.4 and more), those of its beginning
find excerpts and grown copies, quotations find rewritten ones, headlines find what names another's headline. Names
find other reports of the same event; many stories share those, so that they are looked for among recent ones only.
Sources: Broder, "On the resemblance and containment of documents" (1997); Li, Owen, Zhang, "One permutation hashing"
(2012); Shrivastava, Li, "Densifying one permutation hashing" (2014).
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from zlib import crc32

from aggregator.editorial.wording import LEAD_WORDS, Wording, wording

# Part of every mark: those of different versions never meet. Raise it when words, shingles or hashes change.
SKETCH_VERSION = 2
# A shorter text is a caption or a teaser: too few shingles to tell a copy from a turn of phrase.
MIN_WORDS = 25
MIN_TITLE_WORDS = 5  # "Jadwal Salat Jambi" stands over a hundred articles
MAX_QUOTES = 4
QUOTE_WORDS = 6
MAX_NAMES = 5

_WHOLE = (12, 3)  # bands, rows
_LEAD = (6, 2)
_NONE = 1 << 64  # more than any hash


def marks(title: str, text: str, credited_title: str = "") -> tuple[int, ...]:
    """The article's marks: at most 24 signed 64-bit integers, sorted; the same in every process and Python version.

    A text below 25 words has only those of its headlines. Takes about 0.4 ms for 500 words.
    """
    article = wording(text)
    found = {mark for headline in (title, credited_title) for mark in _title_marks(headline)}
    if len(article.words) >= MIN_WORDS:
        shingles = shingle_hashes(article.words)
        found.update(_bands("whole", shingles, *_WHOLE))
        found.update(_bands("lead", shingles[: LEAD_WORDS - 2], *_LEAD))
        found.update(_quote_marks(article))
    return tuple(sorted(found))


def name_marks(text: str) -> tuple[int, ...]:
    """What reports of one event share: at most 5 marks of the names of several words in the text, sorted."""
    names = wording(text).full_names
    return tuple(sorted(_mark("name", (name,)) for name in names)[:MAX_NAMES])


def _title_marks(title: str) -> Iterator[int]:
    words = wording(title).words
    if len(words) >= MIN_TITLE_WORDS:
        yield _mark("title", words)


def _quote_marks(article: Wording) -> list[int]:
    """Of the first words: how a quotation ends depends on where it is cut."""
    return sorted(_mark("quote", quote[:QUOTE_WORDS]) for quote in set(article.quotes))[:MAX_QUOTES]


def shingle_hashes(words: Sequence[str]) -> list[int]:
    """A 64-bit hash of every three words in a row, in their order: ``mixed`` of their CRC-32.

    All are made at once, each in a lane of 128 bits of one large integer, which is wide enough for its products: that
    takes a third of the time.
    """
    lanes = len(words) - 2
    if lanes < 1:
        return []
    codes = array("Q", bytes(16 * len(words)))
    codes[::2] = array("Q", map(crc32, map(str.encode, words)))
    packed = int.from_bytes(_little_endian(codes).tobytes(), "little")
    low_halves = int.from_bytes((b"\xff" * 8 + bytes(8)) * lanes, "little")
    hashes = _mix(packed, packed >> 128, packed >> 256, low_halves)
    return _little_endian(array("Q", hashes.to_bytes(16 * lanes, "little")))[::2].tolist()


def _little_endian(numbers: array[int]) -> array[int]:
    """To and from the order of bytes that the lanes have on every machine."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def mixed(first: int, second: int, third: int) -> int:
    """A 64-bit hash of three codes in their order."""
    return _mix(first, second, third, 0xFFFFFFFFFFFFFFFF)


def _mix(first: int, second: int, third: int, mask: int) -> int:
    """With the constants of xxHash and splitmix64; ``mask`` is what is kept of each product and shift."""
    mixed = (first * 0x9E3779B185EBCA87 + second * 0xC2B2AE3D27D4EB4F + third * 0x165667B19E3779F9) & mask
    mixed = (mixed ^ (mixed >> 30 & mask)) * 0xBF58476D1CE4E5B9 & mask
    return mixed ^ (mixed >> 31 & mask)


def _bands(kind: str, shingles: Sequence[int], bands: int, rows: int) -> Iterator[int]:
    """One-permutation MinHash of the shingles, empty bins filled from the next full one."""
    size = bands * rows
    least = [_NONE] * size
    for shingle in shingles:
        place = shingle % size
        if shingle < least[place]:  # noqa: PLR1730 -- min() takes twice as long
            least[place] = shingle
    full = _densified([-1 if one == _NONE else one >> 8 for one in least])
    for number in range(bands):
        yield _mark(f"{kind} {number}", full[number * rows : (number + 1) * rows])


def _densified(bins: list[int]) -> list[int]:
    """Empty bins take the next full one's value, mixed with the distance so that runs do not look alike."""
    full = list(bins)
    for place in range(len(bins)):
        distance = 0
        while bins[(place + distance) % len(bins)] < 0:
            distance += 1
        full[place] = mixed(bins[(place + distance) % len(bins)], distance, 0) if distance else bins[place]
    return full


def _mark(kind: str, parts: Sequence[object]) -> int:
    name = f"{SKETCH_VERSION}:{kind}:{' '.join(map(str, parts))}".encode()
    return int.from_bytes(blake2b(name, digest_size=8).digest(), "big", signed=True)
