"""Our own checks pass the reference documents and find, by its name, each fault of a table."""

from __future__ import annotations

import pytest
from validators_checks import document_problems, markup_problems, same_updated
from validators_schemas import mutated, reference

_A2 = "urn:uuid:3f0c2f39-6a5e-5c55-9d5b-6a1f2c5f8a02"
_A1 = "urn:uuid:3f0c2f39-6a5e-5c55-9d5b-6a1f2c5f8a01"
_IMG = "&lt;p&gt;Petani memetik"
FAULTS = [
    ("rss", _A2, _A1, "id stands twice"),
    ("rss", "https://contoh.example/2026/duku", "https://contoh.example/2026/é", "absolute address"),
    ("rss", "https://contoh.example/2026/duku", "https://contoh.example/2026/duku#a#b", "absolute address"),
    ("rss", "https://contoh.example/2026/duku", "https://contoh.example/100%", "absolute address"),
    ("rss", "https://contoh.example/foto/duku.png", "//contoh.example/foto/duku.png", "absolute address"),
    ("rss", "Sun, 22 Nov 2026 18:05:09 GMT", "Sun, 22 Nov 2026 18:05:09 +0700", "not in UTC"),
    ("rss", "Sun, 22 Nov 2026 18:05:09 GMT", "Mon, 22 Nov 2026 18:05:09 GMT", "not in UTC"),
    ("rss", "Sun, 22 Nov 2026 18:05:09 GMT", "Thu, 22 Nov 2035 18:05:09 GMT", "after the document's own"),
    ("rss", "<lastBuildDate>Mon, 23 Nov 2026 05:00:00 GMT</lastBuildDate>", "", "the document's date"),
    ("rss", "Panen Duku", "Panen&#x80;Duku", "XML discourages"),
    ("rss", "Panen Duku", "Panen\x9fDuku", "XML discourages"),
    ("rss", "Panen Duku", "Panen\nDuku", "no clean line"),
    ("rss", "Panen Duku", "Panen \u202eDuku", "no clean line"),
    ("rss", "Panen Duku", "Panen &lt;b&gt;Duku&lt;/b&gt;", "markup in the title"),
    ("rss", "<![CDATA[<p>Petani memetik buah pertama tahun ini.</p>]]>", " ", "empty content"),
    ("atom", _A2, _A1, "id stands twice"),
    ("atom", "2026-11-22T18:05:10Z", "2026-11-23T01:05:10+07:00", "not in UTC"),
    ("atom", "2026-11-22T18:05:10Z", "2035-11-22T18:05:10Z", "after the document's own"),
    ("atom", "2026-11-22T18:05:10Z", "2026-11-22T18:05:08Z", "updated before"),
    ("atom", "<published>2026-11-22T18:05:09Z</published>", "", "a date is missing"),
    ("atom", _IMG, "&lt;img src='#x'&gt;" + _IMG, "no absolute address"),
    ("atom", _IMG, "&lt;svg&gt;&lt;/svg&gt;" + _IMG, "element svg"),
    ("json", _A2, _A1, "id stands twice"),
    ("json", "https://contoh.example/2026/duku", "/2026/duku", "absolute address"),
    ("json", "2026-11-22T18:05:10Z", "2026-11-22T18:05:10", "not in UTC"),
    ("json", "Panen Duku", "Panen\\u0080Duku", "XML discourages"),
]
MARKUPS = [
    ("", "empty content"),
    ("<p> </p>", "shows nothing"),
    ("<p>a<!-- b --></p>", "a comment"),
    ("<p onclick='x()'>a</p>", "attribute onclick"),
    ("<p style='color:red'>a</p>", "attribute style"),
    ("<a href='/berita'>a</a>", "no absolute address"),
    ("<a href='javascript:x()'>a</a>", "no absolute address"),
    ("<a href='https://a.example/b c'>a</a>", "no absolute address"),
    ("<form>a</form>", "element form"),
]


def document(family: str, old: str = "", new: str = "") -> bytes:
    """A reference document, changed at one place; of JSON Feed with the date that only ours have."""
    if family != "json":
        return mutated(family, old, new) if old else reference(family).encode()
    text = reference("json").replace(
        '"language"', '"_aggregator": {"updated": "2026-11-23T05:00:00Z"},\n"language"'
    )
    assert old in text
    return text.replace(old, new, 1).encode()


@pytest.mark.parametrize("family", ["rss", "atom", "json"])
def test_the_reference_document_is_right(family: str) -> None:
    assert document_problems(family, document(family)) == []


@pytest.mark.parametrize(
    ("family", "old", "new", "words"),
    FAULTS,
    ids=[f"{number}-{family}" for number, (family, *_) in enumerate(FAULTS)],
)
def test_a_fault_is_found(family: str, old: str, new: str, words: str) -> None:
    (problem,) = document_problems(family, document(family, old, new))
    assert words in problem


@pytest.mark.parametrize(("markup", "words"), MARKUPS)
def test_bad_markup_is_found(markup: str, words: str) -> None:
    (problem,) = markup_problems(markup)
    assert words in problem


def test_good_markup_passes() -> None:
    good = "<p>a <a href='https://id.wikipedia.org/wiki/Éric'>b</a> <a href='mailto:a@b.example'>c</a></p>"
    assert list(markup_problems(good)) == []
    assert list(markup_problems("<p><img src='https://a.example/b.jpg' alt=''></p>")) == []


def test_a_moment_that_two_entries_share() -> None:
    assert same_updated(document("atom")) == []
    shared = document("atom").replace(b"2026-11-22T18:05:10Z", b"2026-11-23T04:45:00Z")
    assert same_updated(shared) == ["2026-11-23T04:45:00+00:00"]
