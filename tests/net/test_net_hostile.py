"""The shared hostile cases that concern fetching, by their ids; skipped where the collection is absent."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile_cases import FOLDER, cases, needs_cases
from net_peers import OpenNet

from aggregator.errors import (
    BadResponseError,
    BadStatusError,
    BodyTooLargeError,
    DeadlineError,
    FetchError,
    ForbiddenAddressError,
    GoneError,
    RestingError,
    UnreachableError,
)
from aggregator.model.fetch import Fetched, NotModified, Validators

pytestmark = needs_cases

REFUSED = [
    ("H03", BodyTooLargeError, r"fetch\.max_body"),
    ("H04", BadResponseError, "cut short"),  # the server sends an empty chunk, which ends the body
    ("H05", BadResponseError, "more than once"),
    ("H12", BadResponseError, "cut short"),
    ("H21", BodyTooLargeError, r"fetch\.max_body"),
    ("H24", BadResponseError, "redirects more than 5 times, which is a fixed limit"),
    ("H31", ForbiddenAddressError, "metadata"),
    ("H32", ForbiddenAddressError, "loopback"),
    ("H35", ForbiddenAddressError, "0x7f000001"),
    ("H37", ForbiddenAddressError, "neither http nor https"),
    ("H40", ForbiddenAddressError, "neither http nor https"),
    ("H41", ForbiddenAddressError, "user name"),
    ("H43", BadStatusError, "404"),  # the encoded line break stays encoded
    ("H44", BadResponseError, "without saying where"),
    ("H49", BadResponseError, "header longer than 8,190 bytes, which is a fixed limit"),
    ("H56", UnreachableError, "without an answer"),
    ("H57", BadStatusError, "asks us to wait"),
    ("H59", BadStatusError, "wait 24 h or longer"),
    ("H62", BadStatusError, "503"),
    ("H64", GoneError, "withdrew"),
    ("H66", BadStatusError, "login"),
    ("H69", BadStatusError, "a part"),
    ("H70", BadResponseError, "304"),
    ("H87", BadResponseError, "members"),
]
SLOW = {"H03", "H05"}  # the server needs seconds to make them
READ = [("H02", 3), ("H07", 3), ("H10", 2), ("H78", 2), ("H79", 2), ("H86", 2)]
DEADLINE = ["H16", "H17", "H18"]
SECOND_VISIT = [("H71", NotModified), ("H76", Fetched)]
# These need a name server and a second host. test_net_redirects.py plays both on loopback, for machines without it.
IN_A_NAMESPACE = {"H36": "test_net_namespace.py", "H46": "test_net_namespace.py"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def hostile_url() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-B", str(FOLDER / "hostile_server.py"), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert b"hostile server" in server.stdout.readline()
        yield f"http://127.0.0.1:{port}"
        server.kill()


@pytest.mark.parametrize(
    ("case", "error", "words"),
    [pytest.param(*one, marks=[pytest.mark.slow] if one[0] in SLOW else []) for one in REFUSED],
)
async def test_hostile_answers_are_refused_in_words(
    hostile_url: str, open_net: OpenNet, case: str, error: type[FetchError], words: str
) -> None:
    net = await open_net(deadline="60s")
    with pytest.raises(error, match=words):
        await net.fetch(f"{hostile_url}/{case}", Validators())


@pytest.mark.parametrize("case", DEADLINE)
async def test_silence_and_drips_end_at_the_deadline_and_delay_nobody(
    hostile_url: str, open_net: OpenNet, case: str
) -> None:
    net = await open_net(deadline="1s")
    stuck = asyncio.create_task(net.fetch(f"{hostile_url}/{case}", Validators()))
    assert isinstance(await net.fetch(f"{hostile_url}/H02", Validators()), Fetched)
    assert not stuck.done()
    with pytest.raises(DeadlineError, match=r"within 1s \(fetch\.deadline\)"):
        await stuck


@pytest.mark.parametrize(("case", "items"), READ)
async def test_odd_answers_are_read(hostile_url: str, open_net: OpenNet, case: str, items: int) -> None:
    net = await open_net()
    fetched = await net.fetch(f"{hostile_url}/{case}", Validators())
    assert isinstance(fetched, Fetched)
    assert fetched.body.count(b"<item>") == items


@pytest.mark.parametrize(("case", "waits_s"), [("H57", 120), ("H59", 86_400), ("H62", None), ("H64", None)])
async def test_how_long_hostile_answers_ask_us_to_wait(
    hostile_url: str, open_net: OpenNet, case: str, waits_s: float | None
) -> None:
    net = await open_net()
    with pytest.raises(BadStatusError) as raised:
        await net.fetch(f"{hostile_url}/{case}", Validators())
    assert raised.value.retry_after_s == waits_s


async def test_429_keeps_the_other_feeds_of_the_host_waiting_too(hostile_url: str, open_net: OpenNet) -> None:
    net = await open_net()
    with pytest.raises(BadStatusError):
        await net.fetch(f"{hostile_url}/H57", Validators())
    with pytest.raises(RestingError) as raised:
        await net.fetch(f"{hostile_url}/H78", Validators())
    assert 115 < raised.value.rests_s <= 120


async def test_junk_in_cache_control_says_nothing(hostile_url: str, open_net: OpenNet) -> None:
    net = await open_net()
    assert (await net.fetch(f"{hostile_url}/H78", Validators())).fresh_s == 0


@pytest.mark.parametrize(("case", "second"), SECOND_VISIT)
async def test_the_second_visit(hostile_url: str, open_net: OpenNet, case: str, second: type) -> None:
    net = await open_net()
    fetched = await net.fetch(f"{hostile_url}/{case}", Validators())
    again = await net.fetch(f"{hostile_url}/{case}", fetched.validators)
    assert isinstance(again, second)


def test_every_id_has_its_test() -> None:
    tabled = [str(case) for case, *_ in (*REFUSED, *READ, *SECOND_VISIT)]
    assert sorted((*tabled, *DEADLINE, *IN_A_NAMESPACE)) == sorted(cases("http"))
    assert {case for case, _ in ssrf_urls()} >= set(cases("ssrf"))
    assert all((Path(__file__).parent / name).exists() for name in IN_A_NAMESPACE.values())


def ssrf_urls() -> list[tuple[str, str]]:
    if not FOLDER.is_dir():
        return []
    rows = (FOLDER / "ssrf" / "urls.tsv").read_text(encoding="utf-8").splitlines()
    return [(row.split("\t")[0], row.split("\t")[1]) for row in rows]


NAMES = {
    "localhost": ["::1", "127.0.0.1"],
    "mixed.test": ["93.184.216.34", "127.0.0.1"],
    "rebind.test": ["127.0.0.1"],  # its public answer is played in test_net_fetch.py
    "v6loop.test": ["::1"],
}


@pytest.mark.parametrize(("case", "url"), ssrf_urls())
async def test_no_hostile_url_leads_to_a_connection(
    open_net: OpenNet, monkeypatch: pytest.MonkeyPatch, case: str, url: str
) -> None:
    def resolve(host: str, port: int, *args: object, **kwargs: object) -> list[object]:
        return [(socket.AF_UNSPEC, socket.SOCK_STREAM, 6, "", (address, port)) for address in NAMES[host]]

    def no_socket(*args: object) -> None:
        raise AssertionError("a socket was made")

    net = await open_net(allow_networks=())
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "socket", no_socket)
    with pytest.raises(ForbiddenAddressError):
        await net.fetch(url, Validators())
