"""Which stories a document's new entries join: by words, by credits, in whichever order they arrive."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from editorial_desk.editorial_samples import ARTICLE, HEADLINE, candidate, identity, known
from hypothesis import given, settings
from hypothesis import strategies as st
from store_values import NOW

from aggregator.editorial.decide import Poll, decide
from aggregator.editorial.similarity import same_article
from aggregator.editorial.sketch import marks
from aggregator.model.entry import Candidate, KnownEntry, Provenance
from aggregator.model.story import Decision, Verdict
from aggregator.store.store import Store

DOMAINS = {"pikiran-rakyat": ("pikiran-rakyat.com",), "indonesia-daily": ("indonesiadaily.co.id",)}
ORIGIN_URL = "https://pikiran-rakyat.com/internasional/pr-1"
LINES = ARTICLE.splitlines()
TITLE = "Judul Daily Tentang Perjanjian Militer Itu"
REWRITTEN = (
    "Presiden kedua negara tersebut bertemu selama tiga jam di istana dan kemudian menyampaikan pernyataan bersama "
    "kepada para jurnalis yang sudah menunggu sejak pagi hari di halaman depan gedung yang dijaga ketat petugas."
)


def decided(candidates: list[Candidate], stored: list[KnownEntry]) -> tuple[Decision, ...]:
    poll = Poll("daily", "indonesia-daily", NOW, own_hosts=frozenset({"jambiseru.com"}), domains=DOMAINS)
    return decide(candidates, stored, poll)


def origin(entry_id: int = 1, **more: Any) -> KnownEntry:
    values = {"title": HEADLINE, "text": ARTICLE, **more}
    return known(entry_id, identity(f"o{entry_id}", url=ORIGIN_URL), **values)


def crediting(credit: Provenance | None, text: str = REWRITTEN, **more: Any) -> Candidate:
    one = candidate(identity("c", url="https://indonesiadaily.co.id/c"), text, title=TITLE, **more)
    return replace(one, provenance=credit, marks=marks(TITLE, text, credit.title if credit else ""))


@pytest.mark.parametrize(
    ("credit", "is_copy"),
    [
        pytest.param(Provenance("pikiran-rakyat.com", HEADLINE, form="reposted"), True, id="reposted"),
        pytest.param(Provenance("pikiran-rakyat.com", HEADLINE.upper(), form="reposted"), True, id="in capitals"),
        pytest.param(Provenance("kompas.com", HEADLINE, form="reposted"), False, id="another site's"),
        pytest.param(Provenance("pikiran-rakyat.com", "Harga Cabai di Jambi Naik Lagi", form="reposted"), False,
                     id="another headline"),
        pytest.param(Provenance("pikiran-rakyat.com", ""), False, id="without a headline"),
        pytest.param(None, False, id="no credit"),
    ],
)  # fmt: skip
def test_a_rewritten_copy_joins_the_article_that_its_credit_names(
    credit: Provenance | None, is_copy: bool
) -> None:
    (decision,) = decided([crediting(credit)], [origin()])
    assert (decision.verdict is Verdict.COPY) == is_copy
    if is_copy:
        assert (decision.story_id, decision.reason) == (10, "its credit names the article of pikiran-rakyat")


def test_the_original_joins_the_copy_that_came_before_it() -> None:
    credit = Provenance("indonesiadaily.co.id", TITLE, form="reposted")
    (decision,) = decided([crediting(None)], [origin(provenance=credit)])
    assert (decision.verdict, decision.reason) == (Verdict.COPY, "the credit of pikiran-rakyat names it")


def test_a_headline_quoted_within_another_article_joins_nothing() -> None:
    text = " ".join(f"Selain itu Bupati Sarolangun{number} menerima tamu." for number in range(12))
    (decision,) = decided([crediting(Provenance("pikiran-rakyat.com", HEADLINE), text)], [origin()])
    assert decision.verdict is Verdict.NEW
    carried = Provenance("", HEADLINE, form="carried")  # of an outlet's name alone kinship must tell too
    (decision,) = decided([crediting(carried, text)], [origin()])
    assert decision.verdict is Verdict.NEW


def test_quotations_join_what_a_credit_names_without_a_headline() -> None:
    quotes = [
        f"“Kami akan menindak tegas siapa pun yang terlibat dalam perkara nomor {word} itu,” kata Kapolda Jambi."
        for word in ("pertama", "kedua", "ketiga")
    ]
    own = " ".join([*quotes, *(f"Kalimat asli{number}." for number in range(40))])
    copy = " ".join([*(f"Kalimat baru{number}." for number in range(40)), *quotes[:2]])
    stored = origin(text=own, title="Kapolda: Semua Ditindak")
    (decision,) = decided([crediting(Provenance("pikiran-rakyat.com", ""), copy)], [stored])
    assert decision.verdict is Verdict.COPY
    (decision,) = decided([crediting(None, copy)], [stored])
    assert decision.verdict is Verdict.NEW


LOOPS = {
    "our id": ({"guid": "urn:uuid:11111111-2222-3333-4444-555555555555"}, None),
    "our chain of credit": ({}, Provenance("pikiran-rakyat.com", HEADLINE, "indonesiadaily.co.id", "jambiseru.com")),
    "reposted from us": ({}, Provenance("jambiseru.com", HEADLINE, form="reposted")),
    "carried from us": ({}, Provenance("www.jambiseru.com", HEADLINE, form="carried")),
}  # fmt: skip


@pytest.mark.parametrize(("more", "credit"), LOOPS.values(), ids=LOOPS)
def test_what_left_this_desk_is_no_news(more: dict[str, Any], credit: Provenance | None) -> None:
    one = crediting(credit, **more)
    own_ids = frozenset({more.get("guid", "")}) - {""}
    poll = Poll("daily", "indonesia-daily", NOW, frozenset({"jambiseru.com"}), own_ids, DOMAINS)
    assert decide([one], [], poll)[0].verdict is Verdict.LOOP


def test_a_copy_that_mentions_us_was_taken_from_our_feeds_and_an_article_that_does_was_not() -> None:
    credit = Provenance("jambiseru.com", "")
    (copy,) = decided([crediting(credit, ARTICLE)], [origin()])
    (own,) = decided([crediting(credit)], [origin()])
    assert (copy.verdict, own.verdict) == (Verdict.LOOP, Verdict.NEW)


@pytest.mark.parametrize(
    "credit",
    [
        pytest.param(Provenance("jambiseru.com", HEADLINE), id="refers to us under a headline"),
        pytest.param(Provenance("jambiseru.com", "", form="source"), id="names us as its source"),
    ],
)
def test_a_right_of_reply_that_names_us_is_news(credit: Provenance) -> None:
    (decision,) = decided([crediting(credit)], [origin(is_published=True)])
    assert decision.verdict is Verdict.NEW


def test_our_own_partners_article_that_names_us_stays_its_own_in_a_second_feed() -> None:
    stored = origin(source_id="daily-2", partner_id="indonesia-daily", text=ARTICLE)
    (decision,) = decided([crediting(Provenance("jambiseru.com", ""), ARTICLE)], [stored])
    assert decision.verdict is Verdict.COPY


def test_a_reposted_column_of_another_day_is_another_story() -> None:
    title = "Harga Emas Antam Hari Ini di Pegadaian Jambi"
    credit = Provenance("pikiran-rakyat.com", title, form="reposted")
    stored = origin(
        title=title, text="Harga emas pada Senin (2/3/2026) turun tipis menurut keterangan resmi penjual."
    )
    (decision,) = decided(
        [crediting(credit, "Pada Selasa (3/3/2026) logam mulia dijual lebih mahal lagi.")], [stored]
    )
    assert decision.verdict is Verdict.NEW
    (decision,) = decided(
        [crediting(credit, "Pada Senin (2/3/2026) logam mulia dijual lebih murah menurut Pegadaian.")],
        [stored],
    )
    assert decision.verdict is Verdict.COPY


def test_two_articles_that_refer_to_the_same_third_one_are_two() -> None:
    refers = Provenance("kompas.com", "Dugaan Suap Proyek Jalan di Jambi")
    stored = known(
        4, identity("x"), source_id="s", partner_id="s", text=ARTICLE, provenance=refers, title=HEADLINE
    )
    (decision,) = decided([crediting(refers)], [stored])
    assert decision.verdict is Verdict.NEW
    carried = replace(refers, form="carried")
    (decision,) = decided([crediting(carried)], [replace(stored, provenance=carried)])
    assert (decision.verdict, decision.reason) == (Verdict.COPY, "credits the same original as s")


def test_copies_within_one_document_are_one_story() -> None:
    twins = [
        candidate(identity(f"g{number}"), ARTICLE, title=f"{HEADLINE}{'!' * number}") for number in (1, 2)
    ]
    other = candidate(identity("g3"), REWRITTEN, title="Lain sama sekali")
    first, second, third = decided([*twins, other], [])
    verdicts = {first.verdict, second.verdict}
    assert verdicts == {Verdict.NEW, Verdict.COPY}
    copy, leader = (first, second) if first.verdict is Verdict.COPY else (second, first)
    assert copy.copy_of == leader.candidate.identity.key
    assert third.verdict is Verdict.NEW


LONGER = f"{ARTICLE}\n{' '.join(f'Tambahan ke-{number} dari redaksi.' for number in range(6))}"


@pytest.mark.parametrize("order", list(permutations(("whole", "numbered", "longer"))), ids="-".join)
def test_each_says_its_own_reason_and_not_that_of_another_of_its_document(order: tuple[str, ...]) -> None:
    """Only one of them has the number of the stored stub; ``longer`` is less like it than like ``whole``."""
    made = {
        "whole": candidate(identity("g1", article_id="2"), ARTICLE, title="Judul satu dari kami"),
        "numbered": candidate(identity("g2", article_id="1"), ARTICLE, title="Judul dua dari kami"),
        "longer": candidate(identity("g3", article_id="3"), LONGER, title="Judul tiga dari kami"),
    }
    stub = known(1, identity("x", article_id="1"), source_id="s", partner_id="s", text="")
    joined = zip(order, decided([made[name] for name in order], [stub]), strict=True)
    reasons = {name: (one.verdict, one.story_id, one.reason) for name, one in joined}
    like = same_article("a b c", ARTICLE, "a b d", LONGER, within_partner=True)
    assert like is not None
    assert like < 1
    assert reasons == {
        "whole": (Verdict.COPY, 10, "similarity 1.00 within the document"),
        "numbered": (Verdict.COPY, 10, "same article id as s"),
        "longer": (Verdict.COPY, 10, f"similarity {like:.2f} within the document"),
    }


@pytest.mark.parametrize(
    ("published", "story_id", "merges", "related"),
    [((False, False), 10, (20,), ()), ((False, True), 20, (10,), ()), ((True, True), 10, (), (20,))],
    ids=["neither is published", "one is", "both are"],
)
def test_who_is_a_copy_of_two_stories_makes_them_one_or_relates_them(
    published: tuple[bool, bool], story_id: int, merges: tuple[int, ...], related: tuple[int, ...]
) -> None:
    stored = [
        known(
            number,
            identity(f"x{number}"),
            source_id="s",
            partner_id="s",
            text=ARTICLE,
            is_published=is_published,
        )
        for number, is_published in zip((1, 2), published, strict=True)
    ]
    (decision,) = decided([candidate(identity("g"), ARTICLE)], stored)
    assert (decision.story_id, decision.merges, decision.related) == (story_id, merges, related)


def report(writer: str, day: int, names: str) -> str:
    sentences = (f"Kata {writer}{n} air {writer} naik {writer} sejak {n} {writer}." for n in range(9))
    return f"Banjir {writer} pada Senin ({day}/3/2026). Hadir di lokasi {names}. {' '.join(sentences)}"


NAMES = "Bupati Muaro Jambi, Kepala BPBD Jambi, Komandan Kodim Batang Hari dan Camat Sungai Gelam"


@pytest.mark.parametrize(
    ("text", "is_related"),
    [
        pytest.param(report("petugas", 2, NAMES), True, id="the same event"),
        pytest.param(report("petugas", 9, NAMES), False, id="another day"),
        pytest.param(report("petugas", 2, "Walikota Sungai Penuh"), False, id="other people"),
    ],
)
def test_other_articles_on_the_same_event_are_related(store: Store, text: str, is_related: bool) -> None:
    stored = candidate(identity("g1"), report("wartawan", 2, NAMES), title="Banjir Rendam Rumah Warga")
    one = candidate(identity("g2"), text, title="Air Meluap ke Jalan")
    with store.write() as tx:
        (story_id,) = tx.apply("s", "p", [Decision(Verdict.NEW, stored)], NOW)
        known = tx.known("t", [one], related_since=NOW - timedelta(days=3))
        (decision,) = decide([one], known, Poll("t", "q", NOW))
    assert (decision.verdict, decision.related) == (Verdict.NEW, (story_id,) if is_related else ())


VERSIONS = {
    "whole": ARTICLE,
    "excerpt": "\n".join(LINES[:2]),
    "dateline": f"INDONESIA DAILY, Minsk - {ARTICLE}",
    "trimmed": "\n".join(LINES[:-1]),
    "other": REWRITTEN,
    "other grown": f"{REWRITTEN} {' '.join(f'tambahan{n}' for n in range(12))}",
}  # fmt: skip


def stories(store: Store, order: tuple[str, ...]) -> set[frozenset[str]]:
    """Which versions are one story after each came by a source and partner of its own."""
    for name in order:
        one = candidate(identity(f"guid of {name}"), VERSIONS[name], title=f"Judul {name} dari kami")
        with store.write() as tx:
            poll = Poll(name, name, NOW)
            tx.apply(name, name, decide([one], tx.known(name, [one]), poll), NOW)
    with store.read() as tx:
        return {frozenset(entry.source_id for entry in story.entries) for story in tx.unsettled(NOW)}


@pytest.mark.parametrize("order", list(permutations(("whole", "excerpt", "trimmed"))), ids="-".join)
def test_stories_do_not_depend_on_the_order_of_arrival(store: Store, order: tuple[str, ...]) -> None:
    assert stories(store, (*order[:1], "other", *order[1:])) == {
        frozenset({"whole", "excerpt", "trimmed"}),
        frozenset({"other"}),
    }


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(list(VERSIONS)), data=st.data())
def test_a_document_does_not_depend_on_the_order_of_its_entries(
    order: list[str], data: st.DataObject
) -> None:
    def partition(names: list[str]) -> set[frozenset[str]]:
        made = [candidate(identity(name), VERSIONS[name], title=f"Judul {name} dari kami") for name in names]
        groups: dict[str, set[str]] = {}
        for one in decided(made, [origin(is_published=True)]):
            story = str(one.story_id or one.copy_of or one.candidate.identity.key)
            groups.setdefault(story, set()).add(one.candidate.identity.guid)
        return set(map(frozenset, groups.values()))

    assert partition(order) == partition(list(VERSIONS))
