"""How what clients read is compared with what was published: on the reference, and on readings with one fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from clients.__main__ import Outcome, table
from clients.comparing import FIELDS, differences, unstated
from clients.published import Published, published_in
from validators_schemas import REFERENCE

SUFFIXES = ("rss", "atom", "json")


def reference(suffix: str) -> list[Published]:
    path = REFERENCE / f"reference.{suffix}"
    return published_in(path.name, path.read_bytes())


def perfect(entry: Published) -> dict[str, Any]:
    """What a client reads that misses nothing."""
    return {
        "id": entry.id,
        "title": entry.title,
        "link": entry.link,
        "date": entry.date.isoformat(),
        "author": list(entry.authors),
        "category": [label for label, _term in entry.categories],
        "content": entry.content,
        "enclosure": [list(one) for one in entry.enclosures],
        "source": entry.source,
    }


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_who_reads_everything_is_right(suffix: str) -> None:
    entries = reference(suffix)
    assert len(entries) == 3
    assert differences(entries, [perfect(entry) for entry in reversed(entries)]) == {}
    assert unstated(entries) == (["source"] if suffix == "json" else [])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", None),
        ("id", "1"),
        ("title", "Jembatan Sungai Tembesi Dibuka &amp; Ramai"),
        ("link", "https://contoh.example/2026/jembatan?a=1&amp;b=2"),
        ("date", None),
        ("date", "2026-11-23T11:30:00+00:00"),
        ("author", []),
        ("author", ["Kabar Contoh"]),
        ("category", ["Ekonomi"]),
        ("category", None),
        ("content", "Jembatan sepanjang 300 meter itu dibuka pagi ini."),
        ("content", None),
        ("enclosure", []),
        ("enclosure", [["https://contoh.example/foto/jembatan.jpg", "image/jpeg", None]]),
        ("enclosure", [["https://contoh.example/foto/jembatan.jpg", "image/png", 48213]]),
        ("source", "Kabar Contoh"),
    ],
)
def test_one_fault_is_found_in_its_field(field: str, value: object) -> None:
    entries = reference("atom")
    read = [perfect(entry) for entry in entries]
    read[0][field] = value
    assert list(differences(entries, read)) == [field]


def test_one_of_two_authors_is_a_fault_of_its_own() -> None:
    entries = reference("atom")
    read = [perfect(entry) for entry in entries]
    read[2]["author"] = read[2]["author"][:1]
    assert list(differences(entries, read)) == ["authors"]
    read[2]["author"] = ["Rina Kartika, Agus Salim"]
    assert differences(entries, read) == {}


def test_entries_that_are_missing_are_found_in_every_field() -> None:
    entries = reference("rss")
    assert set(differences(entries, [perfect(entry) for entry in entries[1:]])) == set(FIELDS) - {"authors"}


def test_faults_are_what_is_worse_than_in_the_reference() -> None:
    outcome = Outcome(
        "pembaca", "1", "rss", reference={"source": ["a"]}, ours={"source": ["b"], "link": ["c"]}
    )
    assert outcome.faults == ["link: ['c']"]
    assert [outcome.verdict(name) for name in ("id", "link", "source")] == ["right", "**wrong**", "not read"]
    assert Outcome("pembaca", "1", "rss", reference={"date": ["a"]}).faults == ["date of the reference: a"]
    assert Outcome("pembaca", "1", "rss", unstated=("source",)).faults == ["source: none of ours has one"]
    assert Outcome("pembaca", "1", "json", unstated=("source",)).faults == []


def test_the_table_has_a_line_for_each_client_and_format() -> None:
    written = table([Outcome("pembaca", "1.2", "atom", ours={"link": ["c"]})])
    assert "| pembaca | 1.2 | Atom | right | right | **wrong** |" in written


def test_the_committed_table_has_nothing_wrong() -> None:
    committed = (Path(__file__).parents[2] / "docs" / "clients.md").read_text("utf-8")
    assert committed.count("| right |") > 20
    assert committed.count("**wrong**") == 1, "in the words above the table only"
