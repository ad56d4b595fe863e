"""New, revised, the same, a copy, or our own: every rung of the ladder, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from editorial_desk.editorial_samples import ARTICLE, HEADLINE, PUBLISHED_AT, candidate, identity, known
from hypothesis import given
from hypothesis import strategies as st

from aggregator.editorial.decide import decide
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
    }
    return decide(candidates, known, **(values | more))


@pytest.mark.parametrize(
    "was, now_is, verdict, reason",
    [
        (identity("g", url=URL), identity("g", url=OTHER_URL), Verdict.SAME, "guid"),
        (identity("g", "h#1"), identity("g", "h#2"), Verdict.NEW, "not known"),
        (identity("g", "h#1"), identity("g2", "h#1"), Verdict.SAME, "article id"),
        (identity("g", url=URL), identity("g2", url=URL), Verdict.SAME, "address"),
        (identity(content="c"), identity(content="c"), Verdict.SAME, "content"),
        (identity("g", content="c"), identity(url=URL, content="c"), Verdict.SAME, "content"),
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
    assert decision.entry_id == (1 if verdict is Verdict.SAME else None)


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
    "partner_id, verdict",
    [("indonesia-daily", Verdict.COPY), ("pikiran-rakyat", Verdict.NEW)],
    ids=["another partner", "the same partner's columns are alike"],
)
def test_a_copy_is_recognised_by_reading(partner_id: str, verdict: Verdict) -> None:
    text = f"Indonesia Daily, Minsk - {ARTICLE}\nBacaan Lainnya"
    other = known(3, identity("x"), source_id="lain", partner_id=partner_id, title="Lain", text=text)
    (decision,) = decided([candidate(identity("g"), ARTICLE, title=HEADLINE)], [other])
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


def test_the_strongest_claim_on_a_stored_entry_wins() -> None:
    by_guid = candidate(identity("g", url=URL), content_hash="1:a")
    by_address = candidate(identity("g2", url=URL), content_hash="1:b", updated_at=PUBLISHED_AT)
    (first, second) = decided([by_address, by_guid], [known(1, identity("g", url=URL))])
    assert (first.verdict, first.entry_id) == (Verdict.SAME, 1)
    assert (second.verdict, second.reason) == (Verdict.SAME, "guid")


# --- laws ---

_TEXTS = st.sampled_from(["", ARTICLE, ARTICLE + "\nTambahan.", "Teks pendek."])


@st.composite
def batches(draw: st.DrawFn) -> list[Candidate]:
    """As intake hands them over: a guid or an address stands on one entry only, an article id on several."""
    numbers = draw(st.lists(st.integers(0, 9), unique=True, max_size=6))
    return [
        candidate(
            identity(
                draw(st.sampled_from(["", f"g{number}"])),
                draw(st.sampled_from(["", "h#1", "h#2"])),
                draw(st.sampled_from(["", f"https://h/{number}"])),
                f"c{number}",
            ),
            draw(_TEXTS),
            content_hash=f"1:{draw(st.integers(0, 3))}",
            updated_at=draw(st.sampled_from([None, PUBLISHED_AT, PUBLISHED_AT + timedelta(hours=1)])),
        )
        for number in numbers
    ]


def applied(decisions: Sequence[Decision], stored: Sequence[KnownEntry]) -> list[KnownEntry]:
    """What the store holds afterwards."""
    after = {entry.entry_id: entry for entry in stored}
    for decision in decisions:
        one = decision.candidate
        values = {"text": one.text, "content_hash": one.content_hash, "title": one.entry.title}
        if decision.verdict is Verdict.REVISED and decision.entry_id is not None:
            was = after[decision.entry_id]
            after[was.entry_id] = known(was.entry_id, was.identity, story_id=was.story_id, **values)
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
