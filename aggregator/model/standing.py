"""What stood in a source's document when it was last read, so that only what is new in it is read again."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple


class Stood(NamedTuple):
    """One entry, all of it 64 bit digests, 0 for nothing: of its bytes, of what it is known by (``rungs``), of its
    picture's address; and the length in bytes that was stated of the picture.
    """

    entry: int
    guid: int = 0
    article_id: int = 0
    canonical_url: int = 0
    picture: int = 0
    picture_bytes: int = 0

    @property
    def rungs(self) -> frozenset[tuple[str, int]]:
        """By which it is told from the other entries of its document."""
        named = {"guid": self.guid, "article_id": self.article_id, "canonical_url": self.canonical_url}
        return frozenset((name, value) for name, value in named.items() if value)


@dataclass(frozen=True, slots=True)
class Standing:
    """``rules`` say by what it was read, '' where nothing is to be remembered; ``envelope`` is a digest of what stood
    around the entries. Entries that would be read to no other end are in it: sound, known, told from all others.
    """

    rules: str = ""
    envelope: str = ""
    entries: tuple[Stood, ...] = ()


UNREAD = Standing()


def digest64(text: str) -> int:
    """64 bits of BLAKE2b (RFC 7693), signed as databases store them; 0 for ''."""
    if not text:
        return 0
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest(), signed=True)
