from __future__ import annotations

import asyncio

import pytest
from net_peers import OpenNet, StartPeer, answer, ok

from aggregator.errors import BadResponseError, DeadlineError, FetchError, ForbiddenAddressError
from aggregator.model.fetch import Fetched, NotModified, Validators

FEED = b"<rss version='2.0'/>"
STORED = Validators('"a"', "yesterday")


def to(location: str, status: str = "302 Found") -> bytes:
    return answer(status, f"Location: {location}", "Content-Length: 0")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_and_where_it_led_is_told(
    start_peer: StartPeer, open_net: OpenNet, status: int
) -> None:
    peer = await start_peer(to("/new#top", f"{status} Moved"), ok(FEED))
    net = await open_net()
    fetched = await net.fetch(f"{peer.url}/old", Validators())
    assert isinstance(fetched, Fetched)
    assert fetched.url == f"{peer.url}/new"
    assert [request[0] for request in peer.requests] == ["get /old http/1.1", "get /new http/1.1"]


async def test_validators_go_along_on_the_same_host_only(start_peer: StartPeer, open_net: OpenNet) -> None:
    other = await start_peer(ok(FEED), host="127.0.0.2")
    peer = await start_peer(to("/new"), answer("304 Not Modified"), to(f"{other.url}/"))
    net = await open_net()
    assert await net.fetch(f"{peer.url}/old", STORED) == NotModified(STORED)
    assert all('if-none-match: "a"' in request for request in peer.requests)
    assert isinstance(await net.fetch(peer.url, STORED), Fetched)
    assert not any(line.startswith(("if-", "referer", "cookie")) for line in other.requests[0])


async def test_304_from_another_host_is_an_error(start_peer: StartPeer, open_net: OpenNet) -> None:
    other = await start_peer(answer("304 Not Modified"), host="127.0.0.2")
    peer = await start_peer(to(f"{other.url}/"))
    net = await open_net()
    with pytest.raises(BadResponseError, match="304"):
        await net.fetch(peer.url, STORED)


async def test_five_redirects_are_followed_and_no_more(start_peer: StartPeer, open_net: OpenNet) -> None:
    net = await open_net()
    patient = await start_peer(*[to("/")] * 5, ok(FEED))
    assert isinstance(await net.fetch(patient.url, Validators()), Fetched)
    loop = await start_peer(to("{url}/"))
    with pytest.raises(BadResponseError, match="more than 5 times"):
        await net.fetch(loop.url, Validators())
    assert len(loop.requests) == 6


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.5/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:8099/",
        "//[::1]/",
        "http://0x7f000001:8099/",
        "http://2130706433/",
        "file:///etc/passwd",
        "javascript:xss(1)",
        "http://a:b@127.0.0.1:8099/",
        "http://127.0.0.1:80\\@10.0.0.5/",
        "http://[::1",
        "http://:80:80/",
        "/\udcff\x01",
    ],
)
async def test_redirects_to_forbidden_places_are_refused(
    start_peer: StartPeer, open_net: OpenNet, location: str
) -> None:
    peer = await start_peer(to(location))
    net = await open_net()
    with pytest.raises(FetchError) as refused:
        await net.fetch(peer.url, Validators())
    assert isinstance(refused.value, ForbiddenAddressError | BadResponseError)
    assert str(refused.value).isprintable()
    assert len(peer.requests) == 1


async def test_a_name_that_leads_inside_is_refused_on_the_hop(
    start_peer: StartPeer, open_net: OpenNet
) -> None:
    inside = await start_peer(ok(b"secret"), host="127.0.0.1")
    peer = await start_peer(to(f"http://localhost:{inside.port}/"), host="127.0.0.2")
    net = await open_net(allow_networks=("127.0.0.2/32",))
    with pytest.raises(ForbiddenAddressError, match=r"localhost: .* loopback"):
        await net.fetch(peer.url, Validators())
    assert inside.requests == []


@pytest.mark.parametrize("head", [answer("302 Found"), to(""), to(" ")])
async def test_a_redirect_to_nowhere_is_an_error(
    start_peer: StartPeer, open_net: OpenNet, head: bytes
) -> None:
    peer = await start_peer(head)
    net = await open_net()
    with pytest.raises(BadResponseError, match="without saying where"):
        await net.fetch(peer.url, Validators())


async def test_the_deadline_counts_all_hops_together(start_peer: StartPeer, open_net: OpenNet) -> None:
    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.4)
        writer.write(to("/"))

    peer = await start_peer(slowly)
    net = await open_net(deadline="1s")
    with pytest.raises(DeadlineError):
        await net.fetch(peer.url, Validators())
    assert 1 < len(peer.requests) <= 3
