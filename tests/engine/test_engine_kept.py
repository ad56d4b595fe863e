"""What was made lately is kept, and what nobody asked for goes first."""

from __future__ import annotations

from aggregator.engine.kept import Kept


def test_what_was_asked_for_least_lately_goes_first() -> None:
    kept: Kept[str] = Kept(2)
    kept.put(b"a", "satu")
    kept.put(b"b", "dua")
    assert kept.get(b"a") == "satu"
    kept.put(b"c", "tiga")
    assert [kept.get(key) for key in (b"a", b"b", b"c")] == ["satu", None, "tiga"]


def test_the_newest_value_of_a_key_counts() -> None:
    kept: Kept[str] = Kept(1)
    kept.put(b"a", "satu")
    kept.put(b"a", "dua")
    assert kept.get(b"a") == "dua"
