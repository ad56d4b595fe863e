"""What partners ask of us in headers: how long answers stay true, where they have moved, how long to wait."""

from __future__ import annotations

import asyncio
import gzip
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict
from net_peers import OpenNet, StartPeer, answer, ok

from aggregator.errors import BadStatusError, FetchError, RestingError
from aggregator.model.fetch import FRESH_AT_MOST_S, Validators
from aggregator.net.fetch import Net
from aggregator.net.headers import RETRY_AT_MOST_S, fresh_s, retry_after_s
from aggregator.net.rest import HOST_REST_S, Rests
from aggregator.net.wall import UNNAMED

FEED = b"<rss version='2.0'/>"
NOW = datetime(2026, 11, 26, 6, 0, tzinfo=UTC)


def http_date(after_s: float) -> str:
    return format_datetime(NOW + timedelta(seconds=after_s), usegmt=True)


def parsed(headers: tuple[str, ...]) -> CIMultiDict[str]:
    pairs = (header.partition(": ") for header in headers)
    return CIMultiDict((name, value) for name, _, value in pairs)


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
    assert fresh_s(parsed(headers), NOW) == expected_s


JUNK = st.text(st.sampled_from('maxge-no,c= "\\;0123456789:ThuNovGMT+\u0660'), max_size=40)


@given(JUNK, JUNK, JUNK, JUNK)
def test_whatever_is_stated_is_within_bounds(control: str, expires: str, date: str, age: str) -> None:
    headers = CIMultiDict({"Cache-Control": control, "Expires": expires, "Date": date, "Age": age})
    assert 0 <= fresh_s(headers, NOW) <= FRESH_AT_MOST_S
    wait_s = retry_after_s(CIMultiDict({"Retry-After": expires, "Date": date}), NOW)
    assert wait_s is None or 0 < wait_s <= RETRY_AT_MOST_S


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


# --- how long to wait ---


@pytest.mark.parametrize(
    ("headers", "expected_s"),
    [
        ((), None),
        (("Retry-After: 120",), 120),
        (("Retry-After:  120 ",), 120),
        (("Retry-After: 0",), None),
        (("Retry-After: -120",), None),
        (("Retry-After: 1.5",), None),
        (("Retry-After: nanti",), None),
        (("Retry-After: 99999999999",), RETRY_AT_MOST_S),
        ((f"Retry-After: {'9' * 5000}",), RETRY_AT_MOST_S),
        ((f"Retry-After: {http_date(300)}",), 300),
        ((f"Retry-After: {http_date(300)}", f"Date: {http_date(-7200)}"), 7500),
        (("Retry-After: Thursday, 26-Nov-26 06:10:00 GMT",), 600),
        (("Retry-After: Thu, 01 Jan 1970 00:00:00 GMT",), None),
        ((f"Retry-After: {http_date(86400 * 9)}",), RETRY_AT_MOST_S),
    ],
)
def test_how_long_we_are_asked_to_wait(headers: tuple[str, ...], expected_s: float | None) -> None:
    assert retry_after_s(parsed(headers), NOW) == expected_s


@pytest.mark.parametrize(
    ("status", "headers", "waits_s", "words"),
    [
        (429, ("Retry-After: 7200",), 7200, "answered 429: it asks us to wait 2 h"),
        (429, (), None, "answered 429: it asks us to wait"),
        (503, ("Retry-After: 90",), 90, "; it asks us to wait 90 s"),
        (503, ("Retry-After: 99999999999",), 86400, "wait 24 h or longer; it is asked again after 24 h"),
        (503, ("Retry-After: Thu, 01 Jan 1970 00:00:00 GMT",), None, ""),
        (403, ("Retry-After: 600",), 600, "; it asks us to wait 10 min"),
    ],
)
async def test_an_answer_that_asks_us_to_wait_says_for_how_long(
    start_peer: StartPeer,
    open_net: OpenNet,
    status: int,
    headers: tuple[str, ...],
    waits_s: float | None,
    words: str,
) -> None:
    peer = await start_peer(to("/new", 301), answer(f"{status} Later", *headers))
    net = await open_net()
    with pytest.raises(BadStatusError) as raised:
        await net.fetch(peer.url, Validators())
    assert raised.value.retry_after_s == waits_s
    assert str(raised.value).endswith(words)
    assert raised.value.is_of_host == (status == 429)


# --- a host that rests ---


async def ask_everywhere(net: Net, url: str) -> list[FetchError]:
    """Ask for another feed and an article page of the host."""
    errors = []
    for asking in (net.fetch(f"{url}/other", Validators()), net.fetch_politely(f"{url}/article")):
        with pytest.raises(FetchError) as raised:
            await asking
        errors.append(raised.value)
    return errors


@pytest.mark.parametrize(
    ("header", "rests_s"), [("Retry-After: 120", 120), ("Retry-After: 0", HOST_REST_S), ("X: y", HOST_REST_S)]
)
async def test_after_429_the_whole_host_is_left_alone(
    start_peer: StartPeer, open_net: OpenNet, header: str, rests_s: float
) -> None:
    peer = await start_peer(answer("429 Too Many Requests", header))
    elsewhere = await start_peer(to(f"{peer.url}/feed", 302), host="127.0.0.2")
    net = await open_net()
    with pytest.raises(BadStatusError):
        await net.fetch(f"{peer.url}/feed", Validators())
    for error in await ask_everywhere(net, peer.url):
        assert isinstance(error, RestingError)
        assert rests_s - 5 < error.rests_s <= rests_s
        assert str(error).startswith("127.0.0.1 asked us to wait; it is asked again in ")
    with pytest.raises(RestingError):
        await net.fetch(elsewhere.url, Validators())
    assert (await net.robots(peer.url)).problem
    assert len(peer.requests) == 1


async def test_after_503_only_who_asked_waits(start_peer: StartPeer, open_net: OpenNet) -> None:
    peer = await start_peer(answer("503 Busy", "Retry-After: 120"), ok(FEED))
    net = await open_net()
    with pytest.raises(BadStatusError):
        await net.fetch(f"{peer.url}/feed", Validators())
    await net.fetch(f"{peer.url}/other", Validators())


async def test_a_robots_txt_not_asked_for_is_asked_for_when_the_rest_is_over(
    start_peer: StartPeer, open_net: OpenNet
) -> None:
    peer = await start_peer(answer("429 A", "Retry-After: 1"), ok(b""))
    net = await open_net()
    with pytest.raises(BadStatusError):
        await net.fetch(peer.url, Validators())
    assert (await net.robots(peer.url)).problem
    await asyncio.sleep(1.1)
    assert not (await net.robots(peer.url)).problem


async def test_who_waited_for_a_place_meanwhile_does_not_ask_either(
    start_peer: StartPeer, open_net: OpenNet
) -> None:
    peer = await start_peer(answer("429 Too Many Requests"))
    net = await open_net(per_host=1)
    asked = (net.fetch(f"{peer.url}/{number}", Validators()) for number in range(5))
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["BadStatusError", *["RestingError"] * 4]
    assert len(peer.requests) == 1


def test_of_two_rests_the_longer_one_holds_and_what_is_over_is_forgotten() -> None:
    rests = Rests()
    rests.begin("a.test", until_s=700, now_s=100)
    rests.begin("a.test", until_s=400, now_s=100)
    with pytest.raises(RestingError):
        rests.check("a.test", now_s=699)
    rests.check("b.test", now_s=100)
    rests.check("a.test", now_s=700)


# --- walls ---

WALL_PAGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Are you human?</body></html>"
)
PLAIN_PAGE = b"<html><head><title>403</title></head><body>Forbidden</body></html>"
HTML = "Content-Type: text/html"


@pytest.mark.parametrize(
    ("status", "headers", "body", "wall"),
    [
        (403, ("cf-mitigated: challenge", "Server: cloudflare", HTML), PLAIN_PAGE, "Cloudflare"),
        (403, ("Server: cloudflare",), b"", "Cloudflare"),
        (403, ("Server: AkamaiGHost",), b"", "Akamai"),
        (403, ("Server: ddos-guard",), b"", "DDoS-Guard"),
        (403, ("Server: imunify360-webshield/1.21",), b"", "Imunify360"),
        (503, ("cf-mitigated: challenge",), b"", "Cloudflare"),
        (405, ("x-amzn-waf-action: captcha",), b"", "AWS WAF"),
        (202, ("x-amzn-waf-action: challenge",), b"", "AWS WAF"),
        (403, ("Server: nginx", HTML), WALL_PAGE, UNNAMED),
        (503, (HTML,), WALL_PAGE, UNNAMED),
        (403, (HTML, "Content-Encoding: gzip"), gzip.compress(WALL_PAGE, mtime=0), UNNAMED),
        (403, (HTML, "Content-Encoding: br"), brotli.compress(WALL_PAGE), UNNAMED),
        (403, (HTML, "Content-Encoding: gzip"), gzip.compress(WALL_PAGE, mtime=0)[:60], UNNAMED),
        # none
        (403, (HTML, "Content-Encoding: gzip"), WALL_PAGE, ""),
        (403, ("Server: nginx", HTML), PLAIN_PAGE, ""),
        (403, ("Content-Type: application/json",), WALL_PAGE, ""),
        (404, (HTML, "Server: cloudflare"), WALL_PAGE, ""),
        (503, (HTML, "Server: cloudflare"), PLAIN_PAGE, ""),
    ],
)
async def test_a_bot_wall_is_named_with_what_to_ask_for(
    start_peer: StartPeer,
    open_net: OpenNet,
    status: int,
    headers: tuple[str, ...],
    body: bytes,
    wall: str,
) -> None:
    peer = await start_peer(answer(f"{status} No", *headers, f"Content-Length: {len(body)}") + body)
    net = await open_net()
    with pytest.raises(BadStatusError) as raised:
        await net.fetch(peer.url, Validators())
    words = str(raised.value)
    assert raised.value.status == status
    assert (f"a bot wall ({wall})" in words) == bool(wall)
    assert ("bot wall" in words) == bool(wall)
    asked_for = "ask the partner to let our User-Agent through: aggregator/test (+https://feeds.test/; a@b)"
    assert words.endswith(asked_for) == (bool(wall) or status == 403)


async def test_the_page_of_a_refusal_that_does_not_end_is_not_waited_for(
    start_peer: StartPeer, open_net: OpenNet
) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer("403 No", HTML) + WALL_PAGE[:70])
        await reader.read()

    peer = await start_peer(hang)
    net = await open_net(deadline="20s")
    with pytest.raises(BadStatusError, match="bot wall"):
        await asyncio.wait_for(net.fetch(peer.url, Validators()), 10)
