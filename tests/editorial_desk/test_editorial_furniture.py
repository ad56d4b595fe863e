"""What stands on many pages of a site was edited in none of them; a correction always counts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from editorial_desk.editorial_samples import identity, known
from editorial_desk.test_editorial_decide import decided

from aggregator.editorial.furniture import furniture
from aggregator.editorial.prepare import content_hash
from aggregator.model.entry import Candidate, Entry, KnownEntry
from aggregator.model.story import Verdict

OLD, NEW = "Harga karet naik lagi", "Jalan lintas longsor"


def texts(number: int, *lines: str) -> list[str]:
    """So many articles, each with two lines of its own and these."""
    return ["\n".join((f"Isi {one}.", f"Akhir {one}.", *lines)) for one in range(number)]


def article(number: int, *lines: str) -> str:
    return texts(number + 1, *lines)[number]


@pytest.mark.parametrize(
    "was, now_is, is_mere",
    [
        (article(0, OLD), article(0, NEW), True),
        (article(0, OLD), article(0), True),
        (article(0, OLD), article(0, OLD), False),
        (article(0, OLD), "Isi 0 yang baru.\nAkhir 0.\n" + NEW, False),
        (article(0, OLD), article(0, NEW, "Satu baris lagi."), False),
        (OLD, NEW, False),
    ],
    ids=["replaced", "gone", "nothing changed", "an edit besides", "a line besides", "it is all there was"],
)
def test_what_changed_on_many_pages_at_once(was: str, now_is: str, is_mere: bool) -> None:
    found = furniture(texts(8, NEW), texts(8, OLD))
    assert found.is_all_that_changed(was, now_is) is is_mere


LONG = "Bupati Tebo, Suprapto, ditahan sejak Senin karena diduga menerima uang dari pengusaha sawit di kabupaten itu"


@pytest.mark.parametrize(
    "was, now_is",
    [
        (f"{LONG}.", f"{LONG.replace('Suprapto', 'Sumarno')}."),
        (f"{LONG}; perkara itu ditangani oleh jaksa di Jambi.", "Perkara lain sama sekali. " * 6),
    ],
    ids=["a name", "a paragraph"],
)
def test_a_background_corrected_in_many_articles_is_an_edit(was: str, now_is: str) -> None:
    found = furniture(texts(8, now_is), texts(8, was))
    assert not found.is_all_that_changed(article(0, was), article(0, now_is))


@pytest.mark.parametrize(
    "number, of, is_shared", [(2, 2, False), (3, 3, True), (3, 12, True), (3, 13, False)]
)
def test_three_articles_and_a_quarter_of_them(number: int, of: int, is_shared: bool) -> None:
    found = furniture([*texts(number, NEW), *(f"Lain {one}." for one in range(of - number))], texts(of, OLD))
    assert (NEW in found.lines) is is_shared


@pytest.mark.parametrize(
    "line",
    [
        "Ralat: jumlah korban 12 orang.",
        "Hak jawab PT Karet Jambi dimuat di sini.",
        "Redaksi mohon maaf atas kekeliruan ini.",
    ],
)
def test_a_correction_on_three_articles_is_no_furniture(line: str) -> None:
    assert line not in furniture(texts(3, line), ()).lines


def candidates(*bodies: str) -> list[Candidate]:
    found = []
    for number, text in enumerate(bodies):
        entry = Entry(guid=f"g{number}", url="", title=f"Judul {number}", html="")
        found.append(Candidate(entry, identity(f"g{number}"), text, content_hash(entry, text), ()))
    return found


def stored(before: Sequence[Candidate]) -> list[KnownEntry]:
    return [
        known(number, one.identity, title=one.entry.title, text=one.text, content_hash=one.content_hash)
        for number, one in enumerate(before, start=1)
    ]


def test_a_sidebar_revises_nothing_but_the_article_that_was_edited() -> None:
    before = stored(candidates(*texts(5, OLD)))
    after = texts(5, NEW)
    after[2] = after[2].replace("Akhir 2.", "Akhir 2, diralat.")
    verdicts = [one.verdict for one in decided(candidates(*after), before)]
    assert verdicts == [Verdict.SAME, Verdict.SAME, Verdict.REVISED, Verdict.SAME, Verdict.SAME]


def test_a_new_headline_counts_whatever_the_sidebar_did() -> None:
    before = stored(candidates(*texts(5, OLD)))
    after = candidates(*texts(5, NEW))
    entry = Entry(guid="g0", url="", title="Judul baru", html="")
    after[0] = Candidate(entry, after[0].identity, after[0].text, content_hash(entry, after[0].text), ())
    assert decided(after, before)[0].verdict is Verdict.REVISED
