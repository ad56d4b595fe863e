"""What is asked of partners' hubs and when, what of their questions is answered, and what they are worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.model.subscription import HubOffer, Subscription
from aggregator.push.subscriber import (
    DENIED_FOR,
    FIRST_RETRY,
    GRACE,
    LEASE,
    LONGEST_LEASE,
    MISTRUSTED_FOR,
    MOST_LEAVES,
    REMEMBERED_FOR,
    SHORTEST_LEASE,
    after_answer,
    begun,
    form,
    in_one_line,
    in_words,
    is_trusted,
    judge,
    next_steps,
    taken_up,
    that_missed,
    without_secrets,
)

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OFFER = HubOffer("https://hub.example/", "https://www.koran.example/feed/?a=1&b=ü")
OTHER = HubOffer("https://lain.example/", OFFER.self_url)
BASE = "https://kami.example/websub/"
PENDING = begun("koran", OFFER, BASE, "t" * 43, "s" * 64, NOW)
ACTIVE = replace(
    PENDING,
    state="active",
    tries=0,
    verified_at=NOW,
    listens_from_at=NOW,
    lease_until_at=NOW + 10 * DAY,
    due_at=NOW + 7 * DAY,
)
LEAVING = replace(ACTIVE, state="leaving", due_at=NOW)
DENIED = replace(PENDING, state="denied", due_at=NOW + DENIED_FOR)
ENDED = replace(ACTIVE, state="ended", due_at=NOW + REMEMBERED_FOR)

MOVED = replace(ACTIVE, callback_base="https://lama.example/websub/")


def query(**changes: str | None) -> str:
    fields = {
        "mode": "subscribe",
        "topic": OFFER.self_url,
        "challenge": "aB3._~+/=-",
        "lease_seconds": "864000",
        **changes,
    }
    return urlencode({f"hub.{name}": value for name, value in fields.items() if value is not None})


def test_the_request_is_a_form_in_utf_8() -> None:
    assert parse_qs(form(PENDING).decode("ascii"), strict_parsing=True) == {
        "hub.callback": [f"{BASE}{'t' * 43}"],
        "hub.mode": ["subscribe"],
        "hub.topic": [OFFER.self_url],
        "hub.lease_seconds": ["864000"],
        "hub.secret": ["s" * 64],
    }
    assert parse_qs(form(LEAVING).decode("ascii"), strict_parsing=True) == {
        "hub.callback": [f"{BASE}{'t' * 43}"],
        "hub.mode": ["unsubscribe"],
        "hub.topic": [OFFER.self_url],
    }


# --- what is due --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "offer", "after", "expected"),
    [
        ([], OFFER, 0 * DAY, "wanted"),
        ([], HubOffer(), 0 * DAY, ""),
        ([PENDING], OFFER, 0 * DAY, ""),
        ([PENDING], OFFER, FIRST_RETRY, "asked:pending"),
        ([PENDING], HubOffer(), 0 * DAY, "changed:ended"),
        ([PENDING], OTHER, 0 * DAY, "changed:ended wanted"),
        ([ACTIVE], OFFER, 6 * DAY, ""),
        ([ACTIVE], OFFER, 7 * DAY, "wanted"),
        ([ACTIVE, PENDING], OFFER, 7 * DAY, "asked:pending"),
        ([ACTIVE, DENIED], OFFER, 6.5 * DAY, ""),
        ([ACTIVE], OTHER, 0 * DAY, "wanted"),  # the old one stays until the new one is verified
        ([ACTIVE, replace(PENDING, hub=OTHER.hub)], OTHER, 0 * DAY, ""),
        ([ACTIVE], HubOffer(), 0 * DAY, "asked:leaving polled"),
        ([ACTIVE], OFFER, 10 * DAY, "changed:ended wanted polled"),
        ([ACTIVE], OFFER, -30 * DAY, "changed:ended wanted polled"),  # its lease is of a clock that was ahead
        ([LEAVING], HubOffer(), 0 * DAY, "asked:leaving"),
        ([replace(LEAVING, tries=MOST_LEAVES)], HubOffer(), 0 * DAY, "changed:ended"),
        ([replace(LEAVING, due_at=NOW + HOUR)], HubOffer(), 0 * DAY, ""),
        ([replace(LEAVING, due_at=NOW + 90 * DAY)], HubOffer(), 0 * DAY, "asked:leaving"),
        ([LEAVING], OFFER, 0 * DAY, "asked:leaving wanted"),
        ([LEAVING], HubOffer(), 10 * DAY, "changed:ended"),
        ([DENIED], OFFER, 6 * DAY, ""),
        ([DENIED], OFFER, 7 * DAY, "changed:ended wanted"),
        ([DENIED], OTHER, 0 * DAY, "changed:ended wanted"),
        ([DENIED], HubOffer(), 0 * DAY, "changed:ended"),
        # Hubs know us by another address
        ([MOVED], OFFER, 0 * DAY, "wanted"),
        ([MOVED, PENDING], OFFER, 0 * DAY, ""),
        ([replace(MOVED, state="pending")], OFFER, 0 * DAY, "changed:ended wanted"),
        ([replace(MOVED, state="denied")], OFFER, 0 * DAY, "changed:ended wanted"),
        ([replace(MOVED, state="leaving", due_at=NOW)], HubOffer(), 0 * DAY, "asked:leaving"),
        # What never comes to rest
        ([ENDED] * 3, OFFER, 59 * MINUTE, ""),
        ([ENDED] * 3, OFFER, 60 * MINUTE, "wanted"),
        ([ENDED, LEAVING], OFFER, 0 * DAY, "asked:leaving wanted"),
        ([ENDED, ENDED, LEAVING], OFFER, 0 * DAY, "asked:leaving"),
        ([ENDED] * 5, HubOffer(), HOUR, "forgotten forgotten"),
        ([ENDED], HubOffer(), 14 * DAY, ""),
        ([ENDED], HubOffer(), 15 * DAY, "forgotten"),
        ([ENDED], OFFER, 0 * DAY, "wanted"),
    ],
)
def test_what_is_to_be_done(
    known: list[Subscription], offer: HubOffer, after: timedelta, expected: str
) -> None:
    now = NOW + after
    steps = next_steps(known, {"koran": offer}, BASE, now)
    said = [f"asked:{one.state}" for one in steps.asked] + [f"changed:{one.state}" for one in steps.changed]
    said += ["wanted"] * len(steps.wanted) + ["polled"] * len(steps.polled)
    said += ["forgotten"] * len(steps.forgotten)
    assert " ".join(said) == expected
    assert bool(steps) is bool(expected)
    assert all(one.asked_at == now and one.due_at == now + FIRST_RETRY for one in steps.asked)
    assert all(one == ("koran", offer) for one in steps.wanted)


def test_sources_do_not_answer_for_each_other() -> None:
    lain = replace(ACTIVE, source_id="lain", token="l")
    steps = next_steps([lain], {"koran": OFFER, "lain": OFFER}, BASE, NOW)
    assert steps.wanted == [("koran", OFFER)]
    assert not steps.asked and not steps.changed


def test_of_those_that_ended_the_last_are_remembered() -> None:
    ended = [replace(ENDED, token=str(age), due_at=NOW + (15 - age) * DAY) for age in (4, 0, 2, 1, 3)]
    lain = replace(ENDED, token="l", source_id="lain")
    assert next_steps([*ended, lain], {}, BASE, NOW).forgotten == ["3", "4"]


def test_a_hub_is_asked_seldomer_the_more_often_it_failed_and_at_least_once_a_day() -> None:
    pauses = []
    for tries in range(1, 9):
        due_at = after_answer(replace(PENDING, tries=tries), "tidak menjawab", NOW).due_at
        assert due_at is not None
        pauses.append(round((due_at - NOW).total_seconds() / 60))
    assert pauses == [5, 15, 45, 135, 405, 1215, 1440, 1440]
    assert after_answer(replace(PENDING, tries=1, problem="x"), "", NOW).problem == ""
    assert after_answer(replace(PENDING, tries=1), "", NOW).due_at == NOW + HOUR
    assert after_answer(replace(PENDING, tries=10**6), "x", NOW).due_at == NOW + DAY


# --- what is answered ---------------------------------------------------------------------------------------------


def test_what_was_asked_for_is_verified() -> None:
    verdict = judge(PENDING, query(), NOW + MINUTE)
    assert verdict is not None and verdict.echo == "aB3._~+/=-"
    active = verdict.subscription
    assert (active.state, active.verified_at, active.listens_from_at) == (
        "active",
        NOW + MINUTE,
        NOW + MINUTE,
    )
    assert active.lease_until_at == NOW + MINUTE + LEASE
    assert active.due_at == NOW + MINUTE + 7 * DAY
    assert (active.token, active.secret, active.offer) == (PENDING.token, PENDING.secret, OFFER)


@pytest.mark.parametrize(
    ("one", "changes"),
    [
        # K19: nothing is pending, and it is not what was verified a moment ago
        (replace(ACTIVE, verified_at=NOW - HOUR, lease_until_at=NOW + 10 * DAY - HOUR), {}),
        (replace(ACTIVE, verified_at=NOW + HOUR, lease_until_at=NOW + 10 * DAY + HOUR), {}),
        (ACTIVE, {"lease_seconds": "864001"}),
        (ACTIVE, {"topic": "https://www.koran.example/feed/"}),
        (ENDED, {}),
        (DENIED, {}),
        (LEAVING, {}),
        (replace(PENDING, asked_at=None), {}),
        # K20: we want to stay
        (ACTIVE, {"mode": "unsubscribe"}),
        (PENDING, {"mode": "unsubscribe"}),
        (DENIED, {"mode": "unsubscribe"}),
        # Not what we asked for
        (PENDING, {"topic": "https://www.koran.example/feed/"}),
        (PENDING, {"topic": None}),
        (PENDING, {"topic": f"{OFFER.self_url} "}),
        (PENDING, {"mode": "Subscribe"}),
        (PENDING, {"mode": None}),
        (PENDING, {"mode": "publish"}),
        (LEAVING, {"mode": "unsubscribe", "topic": "https://lain.example/"}),
        (ACTIVE, {"mode": "denied", "topic": "https://lain.example/"}),
        (ENDED, {"mode": "denied"}),
        # K15: nor what nobody should have to echo
        (PENDING, {"challenge": '<script>xss("K15")</script>'}),
        (PENDING, {"challenge": ""}),
        (PENDING, {"challenge": None}),
        (PENDING, {"challenge": "dua kata"}),
        (PENDING, {"challenge": "a\r\nSet-Cookie: x"}),
        (PENDING, {"challenge": "a\x00"}),
        (PENDING, {"challenge": "ü"}),
        (PENDING, {"challenge": "a" * 501}),
    ],
)
def test_nothing_else_is_answered(one: Subscription, changes: dict[str, Any]) -> None:
    assert judge(one, query(**changes), NOW + MINUTE) is None


@pytest.mark.parametrize(
    "doubled", ["hub.mode=unsubscribe", "hub.challenge=b", "hub.topic=https%3A%2F%2Flain.example%2F"]
)
def test_what_is_said_twice_is_not_said(doubled: str) -> None:
    assert judge(PENDING, f"{query()}&{doubled}", NOW) is None
    assert judge(PENDING, f"{doubled}&{query()}", NOW) is None
    assert judge(PENDING, f"{query()}&lain=1&lain=2", NOW) is not None


@pytest.mark.parametrize(
    ("stated", "lease"),
    [
        ("864000", LEASE),
        (" 3600 ", HOUR),
        ("100", SHORTEST_LEASE),
        ("3601", timedelta(seconds=3601)),
        ("0", SHORTEST_LEASE),
        ("1", SHORTEST_LEASE),
        ("31536000", LONGEST_LEASE),
        ("9" * 18, LONGEST_LEASE),
        ("9" * 400, LEASE),
        ("-1", LEASE),
        ("1e9", LEASE),
        ("٣٦٠٠", LEASE),
        ("", LEASE),
        (None, LEASE),
    ],
)
def test_leases_are_read_tolerantly_and_within_bounds(stated: str | None, lease: timedelta) -> None:
    verdict = judge(PENDING, query(lease_seconds=stated), NOW)
    assert verdict is not None
    assert verdict.subscription.lease_until_at == NOW + lease
    assert verdict.subscription.due_at == NOW + 0.7 * lease


def test_who_did_not_get_our_answer_gets_it_again_and_nothing_changes() -> None:
    first = judge(PENDING, query(), NOW)
    assert first is not None
    again = judge(first.subscription, query(challenge="lagi"), NOW + HOUR - MINUTE)
    assert again is not None
    assert (again.subscription, again.echo) == (first.subscription, "lagi")


def test_leaving_is_verified_where_we_leave() -> None:
    verdict = judge(LEAVING, query(mode="unsubscribe", lease_seconds=None), NOW)
    assert verdict is not None
    assert (verdict.subscription.state, verdict.echo) == ("ended", "aB3._~+/=-")


@pytest.mark.parametrize(("one", "state"), [(PENDING, "denied"), (ACTIVE, "denied"), (LEAVING, "ended")])
def test_a_denial_is_heard(one: Subscription, state: str) -> None:
    verdict = judge(one, query(mode="denied", reason="tak\x1b[1m ada\nkontrak " + "habis " * 999), NOW)
    assert verdict is not None
    assert (verdict.subscription.state, verdict.echo) == (state, "")
    if state == "denied":
        assert verdict.subscription.problem.startswith("the hub denied it: tak[1m ada kontrak habis")
        assert len(verdict.subscription.problem) < 250
    bare = judge(one, query(mode="denied"), NOW)
    assert bare is not None and bare.subscription.state == state


@given(st.text(), st.sampled_from([PENDING, ACTIVE, LEAVING, DENIED, ENDED]))
@example("hub.topic=%ff%fe&hub.mode=\ud800&hub.challenge=%", PENDING)
@example("&".join(f"a{number}=1" for number in range(99)), PENDING)
def test_whatever_a_query_says_nothing_raises_and_nothing_changes(said: str, one: Subscription) -> None:
    assert judge(one, said, NOW) is None


@given(challenge=st.text(), lease=st.text(), reason=st.text())
def test_whatever_stands_in_its_fields_nothing_raises(challenge: str, lease: str, reason: str) -> None:
    for mode in ("subscribe", "denied"):
        fields = {"mode": mode, "topic": OFFER.self_url, "challenge": challenge, "lease_seconds": lease}
        said = "&".join(f"hub.{name}={value}" for name, value in (fields | {"reason": reason}).items())
        verdict = judge(PENDING, said.replace("ü", "%C3%BC").replace("&b=", "%26b%3D"), NOW)
        assert verdict is None or verdict.echo in ("", challenge.replace("+", " "), challenge)


TOKEN, SECRET = "tK-9_" * 8 + "abc", "S3-x_" * 12 + "abcd"


@pytest.mark.parametrize(
    "quoted",
    [
        f"https://kami.example/websub/{TOKEN} secret={SECRET}",
        quote(f"https://kami.example/websub/{TOKEN}", safe="") + f"&hub.secret={SECRET}",
        TOKEN.replace("-", "%2D").replace("_", "%255F"),
        f"gagal: hub.secret={SECRET[:40]}",  # where the hub's words were cut off
        f"{'kata ' * 35}{SECRET}",  # and where ours are
    ],
)
def test_what_a_hub_quotes_of_our_request_is_shown_to_nobody(quoted: str) -> None:
    verdict = judge(PENDING, query(mode="denied", reason=quoted), NOW)
    assert verdict is not None
    for words in (in_one_line(quoted), without_secrets(quoted), verdict.subscription.problem):
        for secret in (TOKEN, SECRET):
            assert not any(secret[at : at + 8] in unquote(words) for at in range(len(secret) - 8))
    assert without_secrets("hub.example answered 422: topik tidak dikenal") == (
        "hub.example answered 422: topik tidak dikenal"
    )


def test_the_one_that_renews_another_inherits_what_the_hub_is_known_for() -> None:
    old = replace(ACTIVE, token="lama", pushed_at=NOW, missed_at=NOW - HOUR)
    new, left = taken_up(ACTIVE, [old, PENDING, replace(DENIED, token="x")], NOW + DAY)
    assert (new.token, new.pushed_at, new.missed_at) == (ACTIVE.token, NOW, NOW - HOUR)
    assert (left.token, left.state, left.due_at, left.tries) == ("lama", "leaving", NOW + DAY, 0)
    new, left = taken_up(replace(ACTIVE, hub=OTHER.hub), [old], NOW)
    assert (new.pushed_at, new.missed_at, left.state) == (None, None, "leaving")


# --- what it is worth ---------------------------------------------------------------------------------------------

PUSHED = replace(ACTIVE, pushed_at=NOW)


@pytest.mark.parametrize(
    ("one", "after", "expected"),
    [
        (PUSHED, HOUR, True),
        (ACTIVE, HOUR, False),
        (PUSHED, 10 * DAY, False),
        (replace(PUSHED, state="pending"), HOUR, False),
        (replace(PUSHED, state="leaving"), HOUR, False),
        (replace(PUSHED, state="denied"), HOUR, False),
        (replace(PUSHED, missed_at=NOW), HOUR, False),
        (replace(PUSHED, missed_at=NOW), MISTRUSTED_FOR, False),  # dead, for all that is known
        (replace(PUSHED, missed_at=NOW - HOUR), MISTRUSTED_FOR - HOUR, True),
        (replace(PUSHED, missed_at=NOW - HOUR), MISTRUSTED_FOR - HOUR - MINUTE, False),
        (replace(PUSHED, missed_at=NOW + 99 * DAY), HOUR, True),  # of a clock that was ahead
        (replace(PUSHED, lease_until_at=NOW + 99 * DAY), HOUR, False),
    ],
)
def test_who_is_trusted(one: Subscription, after: timedelta, expected: bool) -> None:
    assert is_trusted([one, PENDING], NOW + after) is expected


@pytest.mark.parametrize(
    ("one", "came_at", "expected"),
    [
        (PUSHED, [NOW + HOUR], True),
        (PUSHED, [NOW + 2 * HOUR - GRACE], False),
        (PUSHED, [NOW + 2 * HOUR - GRACE - MINUTE], True),
        (PUSHED, [NOW - MINUTE], False),  # before we listened
        (PUSHED, [NOW - MINUTE, NOW + HOUR], True),
        (PUSHED, [], False),
        (ACTIVE, [NOW + HOUR], True),
        (LEAVING, [NOW + HOUR], False),
        (PENDING, [NOW + HOUR], False),
    ],
)
def test_which_hub_missed_something(one: Subscription, came_at: list[datetime], expected: bool) -> None:
    now = NOW + 2 * HOUR
    assert that_missed([one], came_at, now) == ([replace(one, missed_at=now)] if expected else [])


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ([], ""),
        ([ENDED, LEAVING], ""),
        ([PENDING], "subscription at hub.example: not verified yet"),
        ([replace(PENDING, tries=3)], "subscription at hub.example: not verified yet after 3 requests"),
        ([replace(PENDING, problem="x")], "subscription at hub.example: x"),
        (
            [ACTIVE],
            "pushed by hub.example since 23 Nov 06:00 UTC, nothing new was pushed yet, lease until 03 Dec 06:00 UTC",
        ),
        (
            [replace(PUSHED, missed_at=NOW), replace(DENIED, problem="the hub denied it: x")],
            "pushed by hub.example since 23 Nov 06:00 UTC, last push 23 Nov 06:00 UTC, lease until 03 Dec 06:00 "
            "UTC; the hub missed news, seen 23 Nov 06:00 UTC: polled as usual for 6 days more; renewal at "
            "hub.example: the hub denied it: x",
        ),
        (
            [replace(PUSHED, missed_at=NOW - 7 * DAY, pushed_at=NOW - 8 * DAY)],
            "pushed by hub.example since 23 Nov 06:00 UTC, last push 15 Nov 06:00 UTC, lease until 03 Dec 06:00 "
            "UTC; the hub missed news, seen 16 Nov 06:00 UTC: polled as usual until it pushes again",
        ),
    ],
)
def test_it_is_said_in_a_sentence(known: list[Subscription], words: str) -> None:
    assert in_words(known, NOW + HOUR, UTC) == words
