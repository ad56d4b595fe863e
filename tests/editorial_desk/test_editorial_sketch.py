"""All shingles of an article are hashed at once, as each would be alone."""

from __future__ import annotations

from zlib import crc32

import pytest

from aggregator.editorial.sketch import mixed, shingle_hashes

LONG = tuple(f"kata{number * number % 97}" for number in range(1_000))


@pytest.mark.parametrize(
    "words",
    [(), ("harga",), ("harga", "karet"), ("harga", "karet", "naik"), ("é", "日本", "😀", "é"), LONG],
    ids=["none", "one", "two", "one shingle", "beyond ASCII", "long"],
)
def test_hashes_made_at_once_are_those_of_each_alone(words: tuple[str, ...]) -> None:
    codes = [crc32(word.encode()) for word in words]
    alone = [mixed(*three) for three in zip(codes, codes[1:], codes[2:], strict=False)]
    assert shingle_hashes(words) == alone
    assert len(alone) == max(0, len(words) - 2)


def test_a_hash_is_the_same_on_every_machine() -> None:
    assert shingle_hashes(("harga", "karet", "naik")) == [12_238_422_167_317_411_116]
