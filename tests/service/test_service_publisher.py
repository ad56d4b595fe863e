"""What a publisher owes those who follow (W3C WebSub, sections 4 and 6), as they meet it over HTTP."""

from __future__ import annotations

from pathlib import Path
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from desk import item, raw_config, rss
from hub_followers import Callback, form
from partner_server import partner_server
from service_process import Service, service

from aggregator.push.discovery import links_of_header
from aggregator.push.hub import FORM

pytestmark = pytest.mark.slow

MEDIA_TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}


class NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def headers_of(desk: Service, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str]]:
    request = Request(f"http://127.0.0.1:{desk.port}/{path}", method=method, headers=headers)
    try:
        with build_opener(NoRedirects).open(request, timeout=10) as answer:
            return answer.status, dict(answer.headers)
    except HTTPError as error:
        return error.code, dict(error.headers)


def test_a_feed_is_discovered_followed_and_migrated(tmp_path: Path) -> None:
    """Each as programs do it: by the headers of any answer; and by what a moved feed redirects to."""
    with partner_server() as server:
        raw = raw_config({"a": server.url("/a")}, hub="own")
        raw["fetch"]["first_poll_max_age"] = "36500d"
        feeds = raw["site"]["feeds_url"]
        raw["outputs"]["retired"] = [{"id": "topics/lama", "moved_to": "all"}]
        server.bodies["/a"] = rss(item(1, "satu"))
        callback = Callback(server, "ani")
        with service(tmp_path, raw, 1) as desk:
            desk.start()
            desk.wait_for(lambda: b"satu" in desk.get("feeds/all.json")[1], 30, "the first publish")
            for suffix, media_type in MEDIA_TYPES.items():
                url = f"{feeds}feeds/all.{suffix}"
                status, found = headers_of(desk, f"feeds/all.{suffix}", Accept="text/html")
                assert (status, found["Content-Type"].partition(";")[0]) == (200, media_type)
                links = links_of_header(found["Link"], url)
                assert (links.hubs, links.self_url) == ((f"{feeds}hub",), url)
                assert headers_of(desk, f"feeds/all.{suffix}", "HEAD")[1]["Link"] == found["Link"]
                again = {"If-None-Match": found["ETag"]}
                assert headers_of(desk, f"feeds/all.{suffix}", **again)[0] == 304
                assert headers_of(desk, f"feeds/all.{suffix}", **again)[1]["Link"] == found["Link"]
            status, moved = headers_of(desk, "feeds/topics/lama.atom")
            assert (status, moved["Location"]) == (301, f"{feeds}feeds/all.atom")

            told = Request(f"http://127.0.0.1:{desk.port}/hub", form(callback.url), {"Content-Type": FORM})
            assert build_opener().open(told, timeout=10).status == 202
            desk.wait_for(lambda: callback.asked, 5, "the verification")
            server.bodies["/a"] = rss(item(2, "dua"), item(1, "satu"))
            desk.wait_for(lambda: callback.received, 10, "what is new")
            assert b"dua" in callback.received[0].body
