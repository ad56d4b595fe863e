"""Fixtures of the chain tests: a partner server on loopback, and a desk that polls two of its feeds."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from article_site import ArticleSite
from desk import Desk, item, raw_config, rss
from hub_followers import Callback
from partner_server import PartnerServer, partner_server
from partner_site import PartnerSite


@pytest.fixture
def server() -> Iterator[PartnerServer]:
    with partner_server() as running:
        yield running


@pytest.fixture
def desk(server: PartnerServer, tmp_path: Path) -> Desk:
    """Partners a.example and b.example, each with one feed at /a and /b."""
    return Desk(tmp_path, raw_config({"a": server.url("/a"), "b": server.url("/b")}))


@pytest.fixture
def site(server: PartnerServer) -> PartnerSite:
    return PartnerSite(server)


@pytest.fixture
def home_desk(server: PartnerServer, tmp_path: Path) -> Desk:
    """One source, a, whose address is the home page."""
    return Desk(tmp_path, raw_config({"a": server.url("/")}))


@pytest.fixture
def article_site(server: PartnerServer, monkeypatch: pytest.MonkeyPatch) -> ArticleSite:
    """Names under .example lead to this machine, so that pages stand on the partner's own domain."""
    ask = socket.getaddrinfo

    def here(host: Any, *args: Any, **options: Any) -> Any:
        return ask("127.0.0.1" if str(host).endswith(".example") else host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    return ArticleSite(server)


@pytest.fixture
def hub_desk(desk: Desk, server: PartnerServer) -> Desk:
    """A desk with our own hub, and one story of each partner."""
    desk.raw["hub"] = "own"
    server.bodies |= {"/a": rss(item(1, "satu")), "/b": rss(item(2, "dua", host="b.example"))}
    desk.poll()
    return desk


@pytest.fixture
def callback(server: PartnerServer) -> Callback:
    return Callback(server, "ani")
