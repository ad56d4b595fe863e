"""What a source's guids are worth, and what is known of its articles without them."""

from __future__ import annotations

import pytest

from aggregator.intake.guids import (
    are_given_up,
    are_worthless,
    change_each_time,
    lead_elsewhere,
    remark,
    trouble_after,
    without_guids,
)
from aggregator.intake.identity import identify_all
from aggregator.model.entry import Candidate, Entry, Identity, KnownEntry


def document(*guids: str, addresses: bool = True) -> list[Candidate]:
    """Entries with these guids, each at an address of its own."""
    entries = [
        Entry(guid, f"https://a.example/berita-{number}" if addresses else "", f"Judul {number}", "")
        for number, guid in enumerate(guids)
    ]
    return [
        Candidate(entry, own, "", "1:a.b.c", ())
        for entry, own in zip(entries, identify_all(entries), strict=True)
    ]


@pytest.mark.parametrize(
    "guids, worthless",
    [
        (["g1", "g2", "g3", "g4"], False),
        (["1", "2", "3", "4", "5"], True),
        (["sama", "sama", "sama", "lain"], True),
        (["sama", "sama", "g3", "g4"], False),
        (["1", "2"], False),
        (["", "", "", ""], False),
        (["1", "2", "3", "g4", "g5"], True),
    ],
    ids=["sound", "positions", "repeated", "half of them", "too few to tell", "none at all", "most"],
)
def test_guids_of_one_document(guids: list[str], worthless: bool) -> None:
    assert are_worthless(document(*guids)) is worthless


def test_entries_without_an_address_keep_what_they_have() -> None:
    entries = document("g1", "g2", "g3", addresses=False)
    assert not are_worthless(document("1", "2", "3", addresses=False))
    assert [one.identity.guid for one in without_guids(entries)] == ["g1", "g2", "g3"]
    assert [one.identity.guid for one in without_guids(document("g1", "g2"))] == ["", ""]


def known_as(*guids: str) -> tuple[Identity, ...]:
    return tuple(Identity(guid, "", "https://a.example/x", "c") for guid in guids)


@pytest.mark.parametrize(
    "histories, each_time",
    [
        ([known_as("g")] * 5, False),
        ([known_as("g2", "g1")] * 5, False),
        ([known_as("g3", "g2", "g1")] * 5, True),
        ([known_as("g3", "g2", "g1")] * 2, False),
        ([known_as("g3", "g2", "g1")] * 3 + [known_as("g")] * 3, False),
        ([], False),
    ],
    ids=["steady", "a site's one move", "the third by now", "too few to tell", "half of them", "none"],
)
def test_guids_from_poll_to_poll(histories: list[tuple[Identity, ...]], each_time: bool) -> None:
    assert change_each_time(histories) is each_time


def stored(*guids: str) -> list[KnownEntry]:
    """What ``document`` with these guids leaves behind, with the numbers of the entries from 0."""
    return [
        KnownEntry(number, number, "s", "p", one.identity, (), one.entry.title, "", "1:a.b.c", (), ())
        for number, one in enumerate(document(*guids))
    ]


@pytest.mark.parametrize(
    "was, now_are, elsewhere",
    [
        (["a", "b", "c"], ["a", "b", "c"], False),
        (["a", "b", "c"], ["x", "a", "b"], True),
        (["a", "b", "c"], ["b", "a", "c"], True),
        (["a", "b", "c"], ["b", "x", "c"], False),
        (["a", "b", "c"], ["x", "y", "z"], False),
        (["a", "b", "c", "d", "e"], ["b", "a", "c", "d", "e"], False),
        (["a", "b", "c"], ["", "", ""], False),
    ],
    ids=["steady", "moved on", "changed places", "one slip", "all new", "a few", "none"],
)
def test_guids_that_go_round(was: list[str], now_are: list[str], elsewhere: bool) -> None:
    assert lead_elsewhere(document(*now_are), stored(*was)) is elsewhere


@pytest.mark.parametrize(
    "guids, worthless, words",
    [
        (["g1", "g2"], False, ""),
        (["sama", "sama", "g3"], False, "2 guids are mere positions or stand on several entries"),
        (["1", "2", "3"], True, "its guids name nothing"),
    ],
)
def test_ops_are_told(guids: list[str], worthless: bool, words: str) -> None:
    said = remark(document(*guids), worthless)
    assert said.startswith(words)
    assert bool(said) is bool(words)


@pytest.mark.parametrize(
    "documents, given_up",
    [
        ("b", False),
        ("bb", True),
        ("bgb", True),
        ("bgggggb", False),
        ("bb" + "g" * 5, False),
        ("bbbb" + "g" * 14, True),
        ("b" * 50 + "g" * 15, False),
    ],
)
def test_one_bad_document_is_forgiven_and_two_are_not_for_a_while(documents: str, given_up: bool) -> None:
    trouble = 0
    for one in documents:
        trouble = trouble_after(trouble, one == "b")
    assert are_given_up(trouble) is given_up
