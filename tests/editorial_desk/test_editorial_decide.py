"""New, revised, the same, a copy, or our own: every rung of the ladder, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from editorial_desk.editorial_samples import (
    ARTICLE,
    HEADLINE,
    PUBLISHED_AT,
    candidate,
    entry,
    identity,
    known,
)
from hypothesis import given
from hypothesis import strategies as st

from aggregator.editorial.decide import Poll, decide
from aggregator.editorial.prepare import content_hash
from aggregator.editorial.recognise import MAX_EARLIER
from aggregator.model.entry import Candidate, Identity, KnownEntry
from aggregator.model.story import Decision, Verdict

URL = "https://www.pikiran-rakyat.com/a/1"
OTHER_URL = "https://www.pikiran-rakyat.com/b/2"


def decided(
    candidates: Sequence[Candidate], known: Sequence[KnownEntry] = (), **more: Any
) -> tuple[Decision, ...]:
    values: dict[str, Any] = {
        "source_id": "pikiran-rakyat",
        "partner_id": "pikiran-rakyat",
        "own_hosts": frozenset({"jambiseru.com"}),
        "backlog_before_at": None,
        "now": PUBLISHED_AT,
    }
    return decide(candidates, known, Poll(**(values | more)))


@pytest.mark.parametrize(
    "was, now_is, verdict, reason",
    [
        (identity("g", url=URL), identity("g"), Verdict.SAME, "guid"),
        (identity("g", url=URL), identity("g", url=OTHER_URL), Verdict.NOTED, "guid"),
        (identity("g", "h#1"), identity("g", "h#2"), Verdict.NEW, "not known"),
        (identity("g", "h#1"), identity("g2", "h#1"), Verdict.NOTED, "article id"),
        (identity("g", url=URL), identity("g2", url=URL), Verdict.NOTED, "address"),
        (identity(content="c"), identity(content="c"), Verdict.SAME, "content"),
        (identity("g", content="c"), identity(url=URL, content="c"), Verdict.NOTED, "content"),
        (identity("g", content="c"), identity("g2", content="c"), Verdict.NEW, "not known"),
        (identity("g", url=URL), identity("g2", url=OTHER_URL), Verdict.NEW, "not known"),
        (identity(), identity(), Verdict.NEW, "not known"),
    ],
)
def test_an_entry_is_known_again_by_its_strongest_rung(
    was: Identity, now_is: Identity, verdict: Verdict, reason: str
) -> None:
    (decision,) = decided([candidate(now_is)], [known(1, was)])
    assert (decision.verdict, decision.reason) == (verdict, reason)
    assert decision.entry_id == (None if verdict is Verdict.NEW else 1)


def test_a_reused_guid_is_not_what_the_other_article_is_stored_under() -> None:
    (first,) = decided([candidate(identity("g", "h#2"))], [known(1, identity("g", "h#1"))])
    assert (first.verdict, first.candidate.identity.key) == (Verdict.NEW, "article_id:h#2")
    both = [known(1, identity("g", "h#1")), known(2, first.candidate.identity)]
    (again,) = decided([candidate(identity("g", "h#2"))], both)
    assert (again.verdict, again.entry_id) == (Verdict.SAME, 2)


@pytest.mark.parametrize(
    "was, now_is, verdict",
    [("1:a", "1:a", Verdict.SAME), ("1:a", "1:b", Verdict.REVISED), ("1:a", "2:b", Verdict.SAME)],
    ids=["unchanged", "changed", "an upgrade is not news"],
)
def test_a_known_entry_is_revised_when_its_content_changes(was: str, now_is: str, verdict: Verdict) -> None:
    again = candidate(identity("g"), content_hash=now_is)
    (decision,) = decided([again], [known(1, identity("g"), content_hash=was)])
    assert (decision.verdict, decision.entry_id) == (verdict, 1)


@pytest.mark.parametrize(
    "now_is, reason",
    [
        (identity("g2", "h#1"), "same article id as indonesia-daily"),
        (identity("g2", url=URL), "same address as indonesia-daily"),
    ],
)
def test_the_same_article_of_another_source_is_a_copy(now_is: Identity, reason: str) -> None:
    elsewhere = known(
        1,
        identity("g", "h#1" if now_is.article_id else "", URL),
        source_id="indonesia-daily",
        partner_id="other",
    )
    (decision,) = decided([candidate(now_is)], [elsewhere])
    assert (decision.verdict, decision.story_id, decision.reason) == (Verdict.COPY, 10, reason)


def test_a_guid_means_nothing_in_another_source() -> None:
    (decision,) = decided([candidate(identity("g"))], [known(1, identity("g"), source_id="indonesia-daily")])
    assert decision.verdict is Verdict.NEW


@pytest.mark.parametrize(
    "partner_id, more, verdict",
    [
        ("indonesia-daily", "", Verdict.COPY),
        ("indonesia-daily", "Harga cabai hari ini Rp 45.000 per kilogram.", Verdict.COPY),
        ("pikiran-rakyat", "", Verdict.COPY),
        ("pikiran-rakyat", "Harga cabai hari ini Rp 45.000 per kilogram.", Verdict.NEW),
    ],
    ids=[
        "another partner",
        "another number there",
        "the same partner",
        "the same partner's columns are alike",
    ],
)
def test_a_copy_is_recognised_by_reading(partner_id: str, more: str, verdict: Verdict) -> None:
    text = f"Indonesia Daily, Minsk - {ARTICLE}\n{more}"
    own_text = f"{ARTICLE}\n{more.replace('45.000', '46.500')}"
    other = known(3, identity("x"), source_id="lain", partner_id=partner_id, title="Lain", text=text)
    (decision,) = decided([candidate(identity("g"), own_text, title=HEADLINE)], [other])
    assert decision.verdict is verdict
    assert decision.reason.startswith("similarity 0.9" if verdict is Verdict.COPY else "not known")


def test_of_several_that_read_the_same_the_likest_then_the_eldest_is_taken() -> None:
    texts = {1: f"{ARTICLE}\nBacaan Lainnya yang panjang sekali", 2: ARTICLE, 3: ARTICLE}
    others = [
        known(i, identity(f"x{i}"), source_id="l", partner_id="l", text=text) for i, text in texts.items()
    ]
    (decision,) = decided([candidate(identity("g"), ARTICLE)], list(reversed(others)))
    assert decision.story_id == 20


@pytest.mark.parametrize("url", ["https://jambiseru.com/a/", "https://www.jambiseru.com/a/"])
def test_what_left_this_desk_is_a_loop(url: str) -> None:
    (decision,) = decided([candidate(identity("g", url=url))])
    assert (decision.verdict, decision.reason) == (Verdict.LOOP, "left this desk: jambiseru.com is ours")


@pytest.mark.parametrize(
    "published_at, backlog",
    [(PUBLISHED_AT, True), (PUBLISHED_AT + timedelta(hours=2), False), (None, False)],
    ids=["too old", "young", "undated"],
)
def test_a_new_source_brings_a_backlog(published_at: Any, backlog: bool) -> None:
    one = candidate(identity("g"), published_at=published_at)
    (decision,) = decided([one], backlog_before_at=PUBLISHED_AT + timedelta(hours=1))
    assert (decision.verdict, decision.backlog) == (Verdict.NEW, backlog)


def test_of_two_that_are_one_entry_the_one_updated_last_speaks() -> None:
    older = candidate(identity("g1", "h#1"), content_hash="1:old", updated_at=PUBLISHED_AT)
    newer = candidate(
        identity("g2", "h#1"), content_hash="1:new", updated_at=PUBLISHED_AT + timedelta(hours=1)
    )
    for batch in ([older, newer], [newer, older]):
        verdicts = {one.candidate.content_hash: one.verdict for one in decided(batch)}
        assert verdicts == {"1:new": Verdict.NEW, "1:old": Verdict.SAME}
        again = {one.candidate.content_hash: one for one in decided(batch, [known(1, identity("g0", "h#1"))])}
        assert again["1:new"].verdict is Verdict.REVISED
        assert (again["1:old"].verdict, again["1:old"].entry_id) == (Verdict.SAME, 1)


# --- what is learnt of a known entry ---

MOVED = identity("g2", url=OTHER_URL, content="c")
FIRST = identity("g", url=URL, content="c")
OTHER_ARTICLE = "\n".join(f"Baris{n} lain{n} tentang{n} gempa{n} dahsyat{n}." for n in range(20))


def relearnt(candidates: Sequence[Candidate], stored: Sequence[KnownEntry]) -> list[tuple[str, int | None]]:
    return [(one.verdict, one.entry_id) for one in decided(candidates, stored)]


def test_a_changed_guid_and_then_a_changed_address_are_followed() -> None:
    stored = [known(1, identity("g", url=URL))]
    for now_is in (identity("g2", url=URL), identity("g2", url=OTHER_URL), identity("g3", url=OTHER_URL)):
        again = [candidate(now_is)]
        assert relearnt(again, stored) == [(Verdict.NOTED, 1)]
        stored = applied(decided(again, stored), stored)
        assert relearnt(again, stored) == [(Verdict.SAME, 1)]
    for earlier in (identity("g"), identity(url=URL), identity("g2")):
        assert relearnt([candidate(earlier)], stored) == [(Verdict.SAME, 1)]


def test_a_guid_that_is_new_with_each_poll_is_not_followed_for_long() -> None:
    stored = [known(1, identity("g", url=URL))]
    verdicts = []
    for number in range(MAX_EARLIER + 3):
        decisions = decided([candidate(identity(f"now-{number}", url=URL))], stored)
        verdicts += [one.verdict for one in decisions]
        stored = applied(decisions, stored)
    assert verdicts == [Verdict.NOTED] * MAX_EARLIER + [Verdict.SAME] * 3


@pytest.mark.parametrize(
    "title, verdict",
    [(HEADLINE, Verdict.SAME), ("[BERITA DICABUT] Judul", Verdict.REVISED), ("", Verdict.SAME)],
    ids=["text gone", "withdrawn in the headline", "headline gone too"],
)
def test_a_feed_that_drops_its_texts_empties_nothing_and_headlines_arrive(
    title: str, verdict: Verdict
) -> None:
    was, now_is = entry(guid="g"), entry(guid="g", title=title, html="")
    stored = known(1, FIRST, title=HEADLINE, text=ARTICLE, content_hash=content_hash(was, ARTICLE))
    bare = Candidate(now_is, identity("g"), "", content_hash(now_is, ""), ())
    (decision,) = decided([bare], [stored])
    assert (decision.verdict, decision.entry_id) == (verdict, 1)
    assert decision.candidate.text == ARTICLE
    assert decision.keeps_text is (verdict is Verdict.REVISED)


@pytest.mark.parametrize(
    "more, verdict",
    [
        ({"categories": ("Politik", "Hukum"), "authors": ("A",)}, Verdict.SAME),
        ({"categories": ("Hukum", "Politik"), "authors": ("A",)}, Verdict.SAME),
        ({"categories": ("Advertorial",), "authors": ("A",)}, Verdict.NOTED),
        ({"categories": ("Politik", "Hukum"), "authors": ("B",)}, Verdict.NOTED),
        ({"categories": ("Hukum",), "authors": ("A",), "content_hash": "1:b"}, Verdict.REVISED),
    ],
)
def test_changed_labels_are_noted_in_whatever_order_they_stand(
    more: dict[str, Any], verdict: Verdict
) -> None:
    stored = known(1, FIRST, text=ARTICLE, categories=("Politik", "Hukum"), authors=("A",))
    (decision,) = decided([candidate(FIRST, ARTICLE, **more)], [stored])
    assert (decision.verdict, decision.identities) == (verdict, () if verdict is Verdict.SAME else (FIRST,))


@pytest.mark.parametrize(
    "now_is, text, besides, verdict",
    [
        (MOVED, ARTICLE, (), Verdict.NOTED),
        (MOVED, "Terlalu pendek.", (), Verdict.NEW),
        (replace(MOVED, article_id="h#2"), ARTICLE, (), Verdict.COPY),
        (replace(MOVED, content="d"), ARTICLE, (), Verdict.COPY),
        (MOVED, ARTICLE, (candidate(identity("g", "h#1"), ARTICLE),), Verdict.COPY),
    ],
    ids=["moved", "too short", "another number", "another text", "the stored one stands beside it"],
)
def test_a_text_that_comes_back_under_another_guid_and_address_is_the_same_entry(
    now_is: Identity, text: str, besides: tuple[Candidate, ...], verdict: Verdict
) -> None:
    stored = known(1, replace(FIRST, article_id="h#1"), text=text)
    (decision, *_) = decided([candidate(now_is, text), *besides], [stored])
    assert decision.verdict is verdict
    if verdict is Verdict.NOTED:
        assert [one.guid for one in decision.identities] == ["g2", "g"]


@pytest.mark.parametrize(
    "now_is, kept_key",
    [
        (identity("g", url=OTHER_URL), f"canonical_url:{OTHER_URL}"),
        (identity("g2", url=URL), "guid:g2"),
    ],
    ids=["guid used again", "address used again"],
)
def test_a_rung_used_again_for_another_article_is_dropped(now_is: Identity, kept_key: str) -> None:
    stored = [known(1, identity("g", url=URL), title="Banjir di Jambi", text=ARTICLE)]
    reused = [candidate(now_is, OTHER_ARTICLE, "1:b", title="Gempa mengguncang Padang")]
    (decision,) = decided(reused, stored)
    assert (decision.verdict, decision.candidate.identity.key) == (Verdict.NEW, kept_key)
    stored = applied([decision], stored)
    assert relearnt(reused, stored) == [(Verdict.SAME, 2)]


@pytest.mark.parametrize(
    "title, text, number",
    [
        ("Gempa mengguncang Padang", ARTICLE, ""),
        ("Banjir di Jambi: ralat", OTHER_ARTICLE, ""),
        ("Gempa mengguncang Padang", OTHER_ARTICLE, "h#1"),
    ],
    ids=["the same text", "a headline alike", "the same article number"],
)
def test_an_edited_headline_and_address_are_no_other_article(title: str, text: str, number: str) -> None:
    stored = known(1, identity("g", number, URL), title="Banjir di Jambi", text=ARTICLE)
    edited = candidate(identity("g", number, OTHER_URL), text, "1:b", title=title)
    assert relearnt([edited], [stored]) == [(Verdict.REVISED, 1)]


def test_of_two_for_one_entry_the_one_with_a_text_speaks() -> None:
    bare = candidate(identity("g1", "h#1"), "", "1:b", updated_at=PUBLISHED_AT + timedelta(hours=1))
    full = candidate(identity("g2", "h#1"), ARTICLE, "1:f", updated_at=PUBLISHED_AT)
    assert [one.verdict for one in decided([bare, full])] == [Verdict.SAME, Verdict.NEW]


def test_the_strongest_claim_on_a_stored_entry_wins() -> None:
    by_guid = candidate(identity("g", url=URL), content_hash="1:a")
    by_address = candidate(identity("g2", url=URL), content_hash="1:b", updated_at=PUBLISHED_AT)
    (first, second) = decided([by_address, by_guid], [known(1, identity("g", url=URL))])
    assert (first.verdict, first.entry_id) == (Verdict.SAME, 1)
    assert (second.verdict, second.reason) == (Verdict.SAME, "guid")


# --- laws ---

_TEXTS = st.sampled_from(["", ARTICLE, ARTICLE + "\nTambahan.", "Teks pendek.", OTHER_ARTICLE])


@st.composite
def batches(draw: st.DrawFn) -> list[Candidate]:
    """As intake hands them over: every rung stands on one entry only, and numbers come with addresses."""
    articles = draw(st.lists(st.integers(0, 5), unique=True, max_size=4))
    found, told = [], set()
    for article in articles:
        slug = draw(st.sampled_from(["", "judul", "judul-baru"]))
        title, text = draw(st.sampled_from([HEADLINE, "Gempa mengguncang Padang"])), draw(_TEXTS)
        # Two that tell the same are told apart by nothing else here; of those one is enough.
        if (title, text) in told:
            continue
        told.add((title, text))
        own = identity(
            draw(st.sampled_from(["", f"g{article}"])),
            # Half of the articles have a number.
            f"h#{article}" if slug and article < 3 else "",
            slug and f"https://h/{article}/{slug}",
            f"{title}\n{text}",
        )
        found.append(
            candidate(
                own,
                text,
                content_hash=f"1:{draw(st.integers(0, 3))}",
                title=title,
                updated_at=draw(st.sampled_from([None, PUBLISHED_AT, PUBLISHED_AT + timedelta(hours=1)])),
                categories=draw(st.sampled_from([(), ("Politik",)])),
            )
        )
    return found


def applied(decisions: Sequence[Decision], stored: Sequence[KnownEntry]) -> list[KnownEntry]:
    """What the store holds afterwards."""
    after = {entry.entry_id: entry for entry in stored}
    for decision in decisions:
        one = decision.candidate
        labels = {"categories": one.entry.categories, "authors": one.entry.authors}
        content = {"text": one.text, "content_hash": one.content_hash, "title": one.entry.title}
        values: dict[str, Any] = {**content, **labels}
        if decision.entry_id is not None and decision.verdict in (Verdict.REVISED, Verdict.NOTED):
            current, *earlier = decision.identities
            changed = values if decision.verdict is Verdict.REVISED else labels
            was = after[decision.entry_id]
            after[was.entry_id] = replace(was, identity=current, earlier=tuple(earlier), **changed)
        elif decision.verdict in (Verdict.NEW, Verdict.COPY):
            number = len(after) + 1
            after[number] = known(number, one.identity, story_id=decision.story_id or number * 10, **values)
    return list(after.values())


def partition(decisions: Sequence[Decision]) -> set[tuple[str, str, str, int | None, int | None]]:
    return {
        (one.candidate.identity.key, one.candidate.content_hash, one.verdict, one.entry_id, one.story_id)
        for one in decisions
    }


@given(batches(), st.randoms(use_true_random=False))
def test_what_is_decided_does_not_depend_on_the_order(batch: list[Candidate], random: Any) -> None:
    elsewhere = [known(90, identity("x", "h#2"), source_id="l", partner_id="l", text=ARTICLE)]
    shuffled = list(batch)
    random.shuffle(shuffled)
    decisions = decided(shuffled, elsewhere)
    assert [one.candidate for one in decisions] == shuffled
    assert partition(decisions) == partition(decided(batch, elsewhere))


@given(batches(), batches())
def test_deciding_twice_brings_nothing_new(first: list[Candidate], second: list[Candidate]) -> None:
    stored = applied(decided(first), [])
    stored = applied(decided(second, stored), stored)
    assert {one.verdict for one in decided(second, stored)} <= {Verdict.SAME}
