"""What partners ask of us in headers: how long answers stay true, where they have moved, how long to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict
from net_peers import OpenNet, StartPeer, answer, ok

from aggregator.model.fetch import Validators
from aggregator.net.headers import FRESH_AT_MOST_S, fresh_s

FEED = b"<rss version='2.0'/>"
NOW = datetime(2026, 11, 26, 6, 0, tzinfo=UTC)


def http_date(after_s: float) -> str:
    return format_datetime(NOW + timedelta(seconds=after_s), usegmt=True)


# --- how long it stays true ---


@pytest.mark.parametrize(
    ("headers", "expected_s"),
    [
        ((), 0),
        (("Cache-Control: max-age=600",), 600),
        (("cache-control: public, MAX-AGE=600",), 600),
        (('Cache-Control: max-age="600"',), 600),
        (("Cache-Control: public", "Cache-Control: max-age=600"), 600),
        (("Cache-Control: max-age=600, max-age=60",), 600),
        (("Cache-Control: max-age=600", "Age: 100"), 500),
        (("Cache-Control: max-age=600", "Age: 700"), 0),
        (("Cache-Control: max-age=600", "Age: tua"), 600),
        (("Cache-Control: max-age=600, no-cache",), 0),
        (("Cache-Control: max-age=600, no-store",), 0),
        (("Cache-Control: no-cache=set-cookie, max-age=600",), 0),
        (("Cache-Control: s-maxage=600",), 0),
        (("Cache-Control: s-maxage=600, max-age=60",), 60),
        (("Cache-Control: max-age=99999999999",), FRESH_AT_MOST_S),
        ((f"Cache-Control: max-age={'9' * 5000}",), FRESH_AT_MOST_S),
        (('Cache-Control: x="no-store, max-age=9", max-age=600',), 600),
        # junk
        (('Cache-Control: max-age=abc, max-age=-1, x="y',), 0),
        (("Cache-Control: max-age=abc, max-age=600",), 600),
        (("Cache-Control: max-age",), 0),
        (("Cache-Control: max-age=1e3",), 0),
        (("Cache-Control: ,,;=", f"Expires: {http_date(600)}"), 600),
        # Expires
        ((f"Expires: {http_date(600)}",), 600),
        ((f"Expires: {http_date(600)}", f"Date: {http_date(-60)}"), 660),
        ((f"Expires: {http_date(600)}", "Date: kemarin"), 600),
        ((f"Expires: {http_date(600)}", "Age: 100"), 500),
        ((f"Expires: {http_date(600)}", "Cache-Control: max-age=60"), 60),
        ((f"Expires: {http_date(600)}", "Cache-Control: no-cache"), 0),
        ((f"Expires: {http_date(-600)}",), 0),
        ((f"Expires: {http_date(86400 * 90)}",), FRESH_AT_MOST_S),
        (("Expires: 0",), 0),
        (("Expires: -1",), 0),
        (("Expires: Thursday, 26-Nov-26 06:10:00 GMT",), 600),
        (("Expires: Thu Nov 26 06:10:00 2026",), 600),
        (("Expires: Thu, 26 Nov 2026 13:10:00 +0700",), 600),
    ],
)  # fmt: skip
def test_how_long_an_answer_stays_true(headers: tuple[str, ...], expected_s: float) -> None:
    assert fresh_s(CIMultiDict(header.split(": ", 1) for header in headers), NOW) == expected_s


JUNK = st.text(st.sampled_from('maxge-no,c= "\\;0123456789:ThuNovGMT+\u0660'), max_size=40)


@given(JUNK, JUNK, JUNK, JUNK)
def test_whatever_is_stated_is_within_bounds(control: str, expires: str, date: str, age: str) -> None:
    headers = CIMultiDict({"Cache-Control": control, "Expires": expires, "Date": date, "Age": age})
    assert 0 <= fresh_s(headers, NOW) <= FRESH_AT_MOST_S


async def test_fresh_or_not_is_told_of_both_kinds_of_answers(
    start_peer: StartPeer, open_net: OpenNet
) -> None:
    head = "Cache-Control: max-age=300"
    peer = await start_peer(ok(FEED, head, 'ETag: "a"'), answer("304 Not Modified", head))
    net = await open_net()
    first = await net.fetch(peer.url, Validators())
    assert first.fresh_s == 300
    assert (await net.fetch(peer.url, first.validators)).fresh_s == 300


# --- where it has moved ---


def to(location: str, status: int) -> bytes:
    return answer(f"{status} Moved", f"Location: {location}", "Content-Length: 0")


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [
        ((), ""),
        ((301,), "/1"),
        ((308,), "/1"),
        ((302,), ""),
        ((303,), ""),
        ((307,), ""),
        ((301, 308), "/2"),
        ((301, 302), "/1"),
        ((301, 302, 301), "/1"),
        ((302, 301), ""),
        ((308, 301, 307, 308), "/2"),
    ],
)
@pytest.mark.parametrize("last", [ok(FEED), answer("304 Not Modified")], ids=["200", "304"])
async def test_where_an_address_has_moved_for_good(
    start_peer: StartPeer, open_net: OpenNet, statuses: tuple[int, ...], moved_to: str, last: bytes
) -> None:
    hops = (to(f"/{number}", status) for number, status in enumerate(statuses, 1))
    peer = await start_peer(*hops, last)
    net = await open_net()
    found = await net.fetch(f"{peer.url}/0", Validators('"a"'))
    assert found.moved_to == (moved_to and peer.url + moved_to)


async def test_who_sends_us_back_where_we_came_from_has_not_moved(
    start_peer: StartPeer, open_net: OpenNet
) -> None:
    peer = await start_peer(to("/", 301), ok(FEED))
    net = await open_net()
    assert (await net.fetch(peer.url, Validators())).moved_to == ""


async def test_both_validators_are_shown_as_they_were_given(start_peer: StartPeer, open_net: OpenNet) -> None:
    given_etag, given_date = 'W/"a, b"', "Thu,26 Nov 2026 06:00:00 +0000"
    both = (f"if-none-match: {given_etag}".lower(), f"if-modified-since: {given_date}".lower())
    peer = await start_peer(ok(FEED, f"ETag: {given_etag}", f"Last-Modified: {given_date}"), answer("304 A"))
    net = await open_net()
    first = await net.fetch(peer.url, Validators())
    await net.fetch(peer.url, first.validators)
    assert set(both) <= set(peer.requests[1])
