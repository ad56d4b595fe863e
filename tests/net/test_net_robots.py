"""robots.txt as RFC 9309 has it, and polite requests: obeyed, spaced, asked for once."""

from __future__ import annotations

import asyncio
import time

import pytest
from net_peers import OpenNet, StartPeer, answer, ok

from aggregator.errors import BodyTooLargeError, ForbiddenAddressError, RestingError, RobotsError
from aggregator.net.robots import MAX_CRAWL_DELAY_S, MAX_READ_BYTES, Robots

BODY = ok(b"isi")


def robots(text: str, *headers: str) -> bytes:
    return ok(text.encode(), "Content-Type: text/plain", *headers)


@pytest.mark.parametrize(
    ("text", "path", "is_allowed"),
    [
        ("", "/feed", True),
        ("<html><title>Tidak ditemukan</title>", "/feed", True),
        ("User-agent: *\nDisallow: /", "/feed", False),
        ("User-agent: *\nDisallow:", "/feed", True),
        ("user-AGENT: *\r\nDISALLOW: /feed\r\n", "/feed/rss", False),
        ("\ufeffUser-agent: *\nDisallow: /", "/feed", False),
        ("User-agent: * # semua\nDisallow: /feed # bukan", "/feed", False),
        ("User-agent: GPTBot\nDisallow: /", "/feed", True),
        ("User-agent: aggregator\nDisallow: /", "/feed", False),
        ("User-agent: Aggregator/2.0\nDisallow: /", "/feed", False),
        ("User-agent: GPTBot\nUser-agent: aggregator\nDisallow: /", "/feed", False),
        ("User-agent: agg\nDisallow: /", "/feed", True),
        ("User-agent: a\nDisallow: /", "/feed", True),
        ("User-agent: aggregators\nDisallow: /", "/feed", True),
        ("User-agent: aggregator-x\nDisallow: /", "/feed", True),
        # A group of our own puts "*" out of force, wherever it stands.
        ("User-agent: *\nDisallow: /\n\nUser-agent: aggregator\nAllow: /", "/feed", True),
        ("User-agent: aggregator\nDisallow:\n\nUser-agent: *\nDisallow: /", "/feed", True),
        ("User-agent: aggregator\nDisallow: /a\nUser-agent: x\nDisallow: /b", "/b", True),
        # Groups of one name are one group.
        ("User-agent: *\nDisallow: /a\nUser-agent: x\nDisallow: /b\nUser-agent: *\nDisallow: /c", "/c", False),
        # The longest rule decides; of two as long, the one that allows.
        ("User-agent: *\nDisallow: /\nAllow: /feed", "/feed", True),
        ("User-agent: *\nAllow: /\nDisallow: /feed", "/feed", False),
        ("User-agent: *\nDisallow: /feed\nAllow: /feed", "/feed", True),
        ("User-agent: *\nDisallow: /*.xml", "/a/b.xml?x", False),
        ("User-agent: *\nDisallow: /*.xml$", "/a/b.xml", False),
        ("User-agent: *\nDisallow: /*.xml$", "/a/b.xml?x", True),
        ("User-agent: *\nDisallow: /*feed=", "/?feed=rss2", False),
        ("User-agent: *\nDisallow: /%66eed", "/feed", False),
        ("User-agent: *\nDisallow: /kabar-é", "/kabar-%C3%A9", False),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("Disallow: /", "/feed", True),
    ],
)  # fmt: skip
def test_rules_decide_as_the_rfc_says(text: str, path: str, is_allowed: bool) -> None:
    assert Robots(text).is_allowed(f"https://koran.example{path}") == is_allowed


@pytest.mark.parametrize(
    ("text", "delay_s"),
    [
        ("User-agent: *\nCrawl-delay: 2.5", 2.5),
        ("User-agent: *\nCrawl-delay: 3600", MAX_CRAWL_DELAY_S),
        ("User-agent: *\nCrawl-delay: -5", 0.0),
        ("User-agent: *\nCrawl-delay: inf", 0.0),
        ("User-agent: *\nCrawl-delay: sepuluh", 0.0),
        ("User-agent: bingbot\nCrawl-delay: 5", 0.0),
        ("User-agent: *\nCrawl-delay: 5\nUser-agent: aggregator\nDisallow:", 0.0),
    ],
)
def test_the_crawl_delay_is_ours_and_bounded(text: str, delay_s: float) -> None:
    assert Robots(text).delay_s == delay_s


def test_sitemaps_belong_to_no_group() -> None:
    text = "Sitemap: https://a.example/1.xml\nUser-agent: x\nsitemap:https://a.example/2.xml\nDisallow: /"
    assert Robots(text).sitemaps == ("https://a.example/1.xml", "https://a.example/2.xml")


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"User-agent: b{n}\n" for n in range(5000))
        + "".join(f"Disallow: /{n}\n" for n in range(5000)),
        "User-agent: *\n" + "".join(f"Disallow: /{n}*a\n" for n in range(28_000)),
        "User-agent: *\nDisallow: /" + "*a" * 250_000 + "b",
        "Sitemap: https://a.example/x\n" * 20_000,
    ],
    ids=["agents-times-rules", "rules", "stars", "sitemaps"],
)
def test_a_hostile_file_takes_no_time(text: str) -> None:
    started_s = time.process_time()
    rules = Robots(text[:MAX_READ_BYTES])
    rules.is_allowed("https://koran.example/" + "a" * 2000)
    assert time.process_time() - started_s < 5
    assert len(rules.sitemaps) <= 50


@pytest.mark.parametrize(
    ("status", "is_allowed"),
    [
        ("404 Not Found", True),
        ("403 Forbidden", True),
        ("410 Gone", True),
        ("429 Too Many Requests", False),
        ("500 Internal Server Error", False),
        ("503 Service Unavailable", False),
    ],
)
async def test_a_robots_txt_that_cannot_be_had(
    open_net: OpenNet, start_peer: StartPeer, status: str, is_allowed: bool
) -> None:
    net, peer = await open_net(), await start_peer(answer(status), BODY)
    if is_allowed:
        assert (await net.fetch_politely(f"{peer.url}/feed")).body == b"isi"
    else:
        with pytest.raises(RobotsError, match=f"robots.txt cannot be had.*{status[:3]}"):
            await net.fetch_politely(f"{peer.url}/feed")
        with pytest.raises(RestingError if status.startswith("429") else RobotsError):
            await net.fetch_politely(f"{peer.url}/feed")  # it is not asked for again
        assert [head[0] for head in peer.requests] == ["get /robots.txt http/1.1"]


async def test_a_host_out_of_reach_forbids(open_net: OpenNet, start_peer: StartPeer) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    net, peer = await open_net(), await start_peer(hang_up)
    with pytest.raises(RobotsError, match="closed the connection"):
        await net.fetch_politely(f"{peer.url}/feed")


async def test_what_is_forbidden_is_not_asked_for(open_net: OpenNet, start_peer: StartPeer) -> None:
    net = await open_net()
    peer = await start_peer(robots("User-agent: *\nDisallow: /feed"), BODY)
    with pytest.raises(RobotsError, match=r"127\.0\.0\.1 does not let us read /feed\?a=1 \(robots\.txt\)"):
        await net.fetch_politely(f"{peer.url}/feed?a=1")
    assert (await net.fetch_politely(f"{peer.url}/rss")).body == b"isi"
    assert [head[0] for head in peer.requests] == ["get /robots.txt http/1.1", "get /rss http/1.1"]
    assert all("user-agent: aggregator/test" in " ".join(head) for head in peer.requests)


async def test_robots_txt_may_be_elsewhere(open_net: OpenNet, start_peer: StartPeer) -> None:
    elsewhere = await start_peer(robots("User-agent: *\nDisallow: /feed"))
    net = await open_net()
    peer = await start_peer(answer("301 Moved", f"Location: {elsewhere.url}/robots.txt"), BODY)
    with pytest.raises(RobotsError):
        await net.fetch_politely(f"{peer.url}/feed")


async def test_every_hop_is_asked_by_leave(open_net: OpenNet, start_peer: StartPeer) -> None:
    closed = await start_peer(robots("User-agent: *\nDisallow: /"), BODY)
    net = await open_net()
    peer = await start_peer(robots(""), answer("302 Found", f"Location: {closed.url}/feed"))
    with pytest.raises(RobotsError):
        await net.fetch_politely(f"{peer.url}/feed")
    assert len(closed.requests) == 1


async def test_only_the_beginning_of_a_long_file_is_read(open_net: OpenNet, start_peer: StartPeer) -> None:
    text = "User-agent: *\n" + "# panjang\n" * (MAX_READ_BYTES // 10) + "Disallow: /\n"
    net, peer = await open_net(), await start_peer(robots(text), BODY)
    assert (await net.fetch_politely(f"{peer.url}/feed")).body == b"isi"


async def test_it_is_asked_for_again_when_it_is_old(open_net: OpenNet, start_peer: StartPeer) -> None:
    for kept_s, asked in ((3600.0, 1), (0.0, 2)):
        net = await open_net(robots_kept_s=kept_s)
        peer = await start_peer(robots("Sitemap: /s.xml"))
        await net.robots(f"{peer.url}/a")
        await net.robots(f"{peer.url}/b")
        assert len(peer.requests) == asked


async def test_an_old_file_is_better_than_none(open_net: OpenNet, start_peer: StartPeer) -> None:
    net = await open_net(robots_kept_s=0.0)
    peer = await start_peer(robots("User-agent: *\nDisallow: /a"), answer("503 Busy"))
    await net.robots(peer.url)
    rules = await net.robots(peer.url)
    assert not rules.problem
    assert not rules.is_allowed(f"{peer.url}/a")


async def test_many_that_want_to_know_ask_once(open_net: OpenNet, start_peer: StartPeer) -> None:
    net, peer = await open_net(), await start_peer(robots("User-agent: *\nDisallow: /a"))
    await asyncio.gather(*(net.robots(f"{peer.url}/{n}") for n in range(10)))
    assert len(peer.requests) == 1


async def test_requests_to_one_host_are_spaced_however_many_ask(
    open_net: OpenNet, start_peer: StartPeer
) -> None:
    net = await open_net(spacing_s=0.1, per_host=16)
    times_s: list[float] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        times_s.append(asyncio.get_running_loop().time())
        writer.write(robots("") if len(times_s) == 1 else BODY)
        await writer.drain()

    peer = await start_peer(note)
    await asyncio.gather(*(net.fetch_politely(f"{peer.url}/{n}") for n in range(5)))
    assert len(times_s) == 6
    # A busy machine may see one late and the next in time: no gap alone tells, but all that came by each moment do.
    assert all(time_s - times_s[0] > 0.1 * number - 0.05 for number, time_s in enumerate(times_s))


async def test_a_crawl_delay_above_our_spacing_holds(open_net: OpenNet, start_peer: StartPeer) -> None:
    net, peer = await open_net(), await start_peer(robots("User-agent: *\nCrawl-delay: 0.3"), BODY)
    clock = asyncio.get_running_loop().time
    started_s = clock()
    for path in "abc":
        await net.fetch_politely(f"{peer.url}/{path}")
    assert 0.55 < clock() - started_s < 3


async def test_waiting_for_a_turn_is_not_the_partners_slowness(
    open_net: OpenNet, start_peer: StartPeer
) -> None:
    net, peer = await open_net(spacing_s=0.6, deadline="1s"), await start_peer(robots(""), BODY)
    answers = await asyncio.gather(*(net.fetch_politely(f"{peer.url}/{n}") for n in range(3)))
    assert [one.body for one in answers] == [b"isi"] * 3


async def test_the_guard_and_the_caps_hold_for_polite_requests(
    open_net: OpenNet, start_peer: StartPeer
) -> None:
    net = await open_net(max_body="1kB")
    peer = await start_peer(
        robots(""), ok(b"x" * 2000), answer("302 Found", "Location: http://10.0.0.1/feed")
    )
    with pytest.raises(BodyTooLargeError):
        await net.fetch_politely(f"{peer.url}/a")
    for url in ("http://169.254.169.254/latest", "file:///etc/passwd", f"{peer.url}/b"):
        with pytest.raises(ForbiddenAddressError):
            await net.fetch_politely(url)
